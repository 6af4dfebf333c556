#include <Bench.h>

#include "pwm_duty.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_pwm_duty);
}

void loop() { bench::serve(); }
