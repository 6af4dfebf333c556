#include <Bench.h>

#include "fir_f32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_fir_f32);
}

void loop() { bench::serve(); }
