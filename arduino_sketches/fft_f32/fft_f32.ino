#include <Bench.h>

#include "fft_f32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_fft_f32);
}

void loop() { bench::serve(); }
