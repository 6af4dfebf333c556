#include <Bench.h>

#include "bytearray_fill.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_bytearray_fill);
}

void loop() { bench::serve(); }
