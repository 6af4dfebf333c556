#include <Bench.h>

#include "empty.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_empty);
}

void loop() { bench::serve(); }
