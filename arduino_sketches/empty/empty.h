// empty: does nothing. What an execution costs is the overhead of measuring, to be subtracted from all others.
#pragma once

#include <Bench.h>

namespace empty {

static uint32_t answer;

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs
  answer = n;
}

static uint32_t run() { return answer; }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace empty

BENCH_WORKLOAD(empty)
