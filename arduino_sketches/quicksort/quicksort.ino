#include <Bench.h>

#include "quicksort.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_quicksort);
}

void loop() { bench::serve(); }
