#include <Bench.h>

#include "gpio_read.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_gpio_read);
}

void loop() { bench::serve(); }
