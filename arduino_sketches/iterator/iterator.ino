#include <Bench.h>

#include "iterator.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_iterator);
}

void loop() { bench::serve(); }
