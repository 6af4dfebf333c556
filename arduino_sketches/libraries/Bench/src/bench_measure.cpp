#include "bench_measure.h"

#include "bench_board.h"
#include "bench_memory.h"
#include "bench_stack.h"
#include "bench_wire.h"

namespace bench {

struct Block {
  uint64_t ticks;
  uint32_t result; // of its last execution
};

// The timed part: between the two readings of the fine clock stands the loop, and nothing else. The coarse clock is
// read around them. A function of its own, so that every workload is timed by the same instructions.
static BENCH_NOINLINE Block time_block(uint32_t (*run)(), uint32_t loops) {
  uint32_t result = 0;
  enter_timed_part();
  const uint32_t coarse_start = coarse_clock_us();
  const uint32_t fine_start = fine_clock();
  for (uint32_t i = loops; i > 0; i--) {
    result = run();
  }
  const uint32_t fine_end = fine_clock();
  const uint32_t coarse_end = coarse_clock_us();
  leave_timed_part();
  return {widen(fine_end - fine_start, coarse_end - coarse_start, fine_clock_hz()), result};
}

static void send_heartbeat(const Plan &plan, const char *phase) {
  Message("heartbeat").number("id", plan.id).text("phase", phase).send();
}

// Executes the workload until it is warm, and tells how many executions make up a block from now on.
static uint32_t warm_up(const Workload &workload, const Plan &plan) {
  const uint32_t most_loops = 1UL << 30; // ends the search for a workload that the clock cannot resolve
  const bool is_fixed = plan.loops > 0;
  uint32_t loops = is_fixed ? plan.loops : 1;
  for (;;) {
    const Block block = time_block(workload.run, loops);
    send_heartbeat(plan, "warmup");
    if (is_fixed || block.ticks >= plan.min_ticks || loops == most_loops) {
      return loops;
    }
    loops *= 2;
  }
}

static void take_sample(const Workload &workload, const Plan &plan, uint32_t index, uint32_t loops) {
  const Block block = time_block(workload.run, loops);
  const uint32_t checksum = workload.checksum(block.result);
  Message("sample")
      .number("id", plan.id)
      .text("workload", workload.name)
      .number("n", plan.n)
      .number("index", index)
      .number("loops", loops)
      .number("ticks", block.ticks)
      .hex("checksum", checksum)
      .send();
}

// Ends the measurement, and tells the memory that the workload needs. The stack is looked at only now, after the last
// sample, by an execution of its own.
static void send_done(const Workload &workload, const Plan &plan, uint32_t held_bytes) {
  uint32_t stack_bytes = 0;
  const bool is_known = measure_stack(workload.run, &stack_bytes);
  Message done("done");
  done.number("id", plan.id).number("samples", plan.samples);
  if (is_known) {
    done.number("stack_bytes", stack_bytes);
  }
  done.number("held_bytes", held_bytes).send();
}

uint32_t default_min_ticks() { return fine_clock_hz() / 100; }

void measure(const Workload &workload, const Plan &plan) {
  reset_arena(true);
  if (setjmp(out_of_memory) != 0) { // reached a second time when there was no memory left
    leave_timed_part();                // take() gives up inside of it
    reset_arena(false);
    return send_error(plan.id, "out_of_memory", "the workload needs more memory than this board sets aside for it");
  }
  send_heartbeat(plan, "setup");
  workload.setup(plan.n, plan.seed);
  const uint32_t held_bytes = used_arena();
  const uint32_t loops = warm_up(workload, plan);
  for (uint32_t index = 0; index < plan.samples; index++) {
    take_sample(workload, plan, index, loops);
  }
  send_done(workload, plan, held_bytes);
  reset_arena(false);
}

} // namespace bench
