#include <Bench.h>

#include "bytearray_copy.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_bytearray_copy);
}

void loop() { bench::serve(); }
