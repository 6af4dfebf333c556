// One measurement: a workload at one n, timed in several blocks of equally many executions.
#pragma once

#include "Bench.h"

namespace bench {

struct Plan {
  uint32_t id; // repeated in every line about this measurement
  uint32_t n;
  uint32_t seed;
  uint32_t loops;     // executions in a timed block; 0: as many as make it last `min_ticks`
  uint32_t min_ticks; // used where `loops` is 0
  uint32_t samples;   // timed blocks
};

// 10 ms of the board's fine clock: what a person gets who names no `min_ticks`.
uint32_t default_min_ticks();

// Carries out the plan and reports it to the host, line by line. The last line is
//
//   done id= samples= stack_bytes= arena_bytes=
//
// with the stack that one execution of run() used, counted from the frame of its caller (without this pair where it is
// not known, see bench_stack.h), and what setup() took by allocate(), each piece rounded up to eight bytes. The stack
// is looked at after the last sample, by one more execution.
void measure(const Workload &workload, const Plan &plan);

} // namespace bench
