#include <Bench.h>

#include "collatz.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_collatz);
}

void loop() { bench::serve(); }
