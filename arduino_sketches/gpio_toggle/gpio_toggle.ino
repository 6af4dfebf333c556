#include <Bench.h>

#include "gpio_toggle.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_gpio_toggle);
}

void loop() { bench::serve(); }
