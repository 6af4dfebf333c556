// The list of workloads, and the commands that a host or a person sends.
#include "Bench.h"

#include <string.h>

#include "bench_board.h"
#include "bench_measure.h"
#include "bench_memory.h"
#include "bench_wire.h"

namespace bench {

static const uint8_t MAX_WORKLOADS = 128;
static const Workload *workloads[MAX_WORKLOADS];
static uint8_t workload_count = 0;
static const char *image_name = "";
static bool is_announced = false;
static LineReader reader;

void begin(const char *image) {
  image_name = image;
  prepare_board();
  extend_heap();
  Serial.begin(115200);
}

void add(const Workload &workload) {
  if (workload_count == MAX_WORKLOADS) {
    return send_error(0, "exception", "more workloads than the library has places for");
  }
  workloads[workload_count++] = &workload;
}

static const Workload *find_workload(const char *name) {
  for (uint8_t i = 0; i < workload_count; i++) {
    if (strcmp(workloads[i]->name, name) == 0) {
      return workloads[i];
    }
  }
  return nullptr;
}

// Describes the board and the image. `id` is null at boot, when nobody has asked.
static void send_ready(const uint32_t *id) {
  Message ready("ready");
  ready.number("protocol", 1)
      .text("language", "arduino")
      .text("board", BOARD)
      .text("version", CORE_VERSION)
      .text("compiler", "gcc-" __VERSION__)
      .number("clock_hz", processor_hz())
      .text("tick_unit", TICK_UNIT)
      .number("simulated", IS_SIMULATED)
      .text("selftest", SELFTEST)
      .text("image", image_name);
  describe_board(ready);
  if (id != nullptr) {
    ready.number("id", *id);
  }
  ready.send();
}

static void run(const char *name, const Plan &plan) {
  const Workload *workload = find_workload(name);
  if (workload == nullptr) {
    return send_error(plan.id, "unknown_workload", "this image holds no workload of that name");
  }
  measure(*workload, plan);
}

static Plan default_plan() { return {0, 0, 1, 0, default_min_ticks(), 3}; }

// run id=8 workload=crc32 n=1024 seed=1 loops=0 min_ticks=1000000 samples=3
static void run_as_commanded(const Command &command, uint32_t id) {
  Plan plan = default_plan();
  plan.id = id;
  const char *name = command.text("workload");
  if (name == nullptr || command.text("n") == nullptr) {
    return send_error(id, "bad_command", "run needs workload= and n=");
  }
  if (!command.number("n", &plan.n) || !command.number("seed", &plan.seed) || !command.number("loops", &plan.loops) ||
      !command.number("min_ticks", &plan.min_ticks) || !command.number("samples", &plan.samples)) {
    return send_error(id, "bad_command", "run takes whole numbers below 2^32");
  }
  run(name, plan);
}

static void obey(char *payload) {
  Command command;
  uint32_t id = 0;
  if (!command.parse(payload) || !command.number("id", &id)) {
    return send_error(0, "bad_command", "expected a command followed by key=value pairs and a numeric id");
  }
  if (strcmp(command.event(), "hello") == 0) {
    send_ready(&id);
  } else if (strcmp(command.event(), "run") == 0) {
    run_as_commanded(command, id);
  } else if (strcmp(command.event(), "restart") == 0) {
    restart_board();
    send_error(id, "bad_command", "this board cannot restart itself: reset it");
  } else {
    send_error(id, "bad_command", "known commands: hello, run, restart");
  }
}

static void print_help() {
  Serial.println("run <workload> <n>   measures one of these workloads, for example: run empty 1");
  for (uint8_t i = 0; i < workload_count; i++) {
    Serial.print("  ");
    Serial.println(workloads[i]->name);
  }
}

// What a person types into a serial monitor: `run sieve 1000`, or anything else to get help.
static void obey_typed(char *line) {
  Plan plan = default_plan();
  const char *word = strtok(line, " ");
  const char *name = strtok(nullptr, " ");
  const char *n = strtok(nullptr, " ");
  if (word != nullptr && strcmp(word, "run") == 0 && n != nullptr && parse_number(n, &plan.n)) {
    run(name, plan);
  } else {
    print_help();
  }
}

static void answer_line() {
  char *payload = nullptr;
  if (reader.is_overlong()) {
    return send_error(0, "bad_command", "the line is too long");
  }
  switch (unframe(reader.line(), &payload)) {
  case Frame::intact:
    return obey(payload);
  case Frame::damaged:
    return send_error(0, "bad_command", "the line was damaged on its way: length or CRC does not fit");
  case Frame::absent:
    return obey_typed(reader.line());
  }
}

void serve() {
  if (!is_announced) {
    is_announced = true;
    send_ready(nullptr);
  }
  while (Serial.available() > 0) {
    if (reader.take(Serial.read())) {
      answer_line();
    }
  }
  wait_for_input();
}

} // namespace bench
