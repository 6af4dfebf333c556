#include <Bench.h>

#include "mandelbrot.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_mandelbrot);
}

void loop() { bench::serve(); }
