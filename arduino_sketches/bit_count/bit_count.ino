#include <Bench.h>

#include "bit_count.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_bit_count);
}

void loop() { bench::serve(); }
