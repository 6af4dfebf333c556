#include <Bench.h>

#include "matmul_f32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_matmul_f32);
}

void loop() { bench::serve(); }
