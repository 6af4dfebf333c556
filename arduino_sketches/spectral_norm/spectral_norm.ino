#include <Bench.h>

#include "spectral_norm.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_spectral_norm);
}

void loop() { bench::serve(); }
