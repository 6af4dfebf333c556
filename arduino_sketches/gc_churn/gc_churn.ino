#include <Bench.h>

#include "gc_churn.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_gc_churn);
}

void loop() { bench::serve(); }
