#include <Bench.h>

#include "sieve.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_sieve);
}

void loop() { bench::serve(); }
