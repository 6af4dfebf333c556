#include <Bench.h>

#include "attribute_access.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_attribute_access);
}

void loop() { bench::serve(); }
