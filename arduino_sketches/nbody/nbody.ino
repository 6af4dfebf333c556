#include <Bench.h>

#include "nbody.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_nbody);
}

void loop() { bench::serve(); }
