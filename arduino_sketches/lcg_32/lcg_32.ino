#include <Bench.h>

#include "lcg_32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_lcg_32);
}

void loop() { bench::serve(); }
