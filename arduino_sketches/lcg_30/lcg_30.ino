#include <Bench.h>

#include "lcg_30.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_lcg_30);
}

void loop() { bench::serve(); }
