#include <Bench.h>

#include "fib.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_fib);
}

void loop() { bench::serve(); }
