#include <Bench.h>

#include "nqueens.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_nqueens);
}

void loop() { bench::serve(); }
