#include <Bench.h>

#include "iir_f32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_iir_f32);
}

void loop() { bench::serve(); }
