#include <Bench.h>

#include "adc_read.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_adc_read);
}

void loop() { bench::serve(); }
