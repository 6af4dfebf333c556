#include <Bench.h>

#include "binary_search.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_binary_search);
}

void loop() { bench::serve(); }
