#include <Bench.h>

#include "fft_i16.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_fft_i16);
}

void loop() { bench::serve(); }
