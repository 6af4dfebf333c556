// fib: Fibonacci numbers by plain recursion: almost nothing but function calls.
#pragma once

#include <Bench.h>

namespace fib {

static uint32_t index;

// Returns the n-th Fibonacci number. GCC would turn the second call into a loop, and leave only half of the calls that
// are to be counted here; the attribute forbids it.
static BENCH_NOINLINE __attribute__((optimize("no-optimize-sibling-calls"))) uint32_t fib(uint32_t n) {
  if (n < 2) {
    return n;
  }
  return fib(n - 1) + fib(n - 2);
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  index = n;
}

static uint32_t run() { return fib(index); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace fib

BENCH_WORKLOAD(fib)
