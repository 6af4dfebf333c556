#include <Bench.h>

#include "matmul_i32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_matmul_i32);
}

void loop() { bench::serve(); }
