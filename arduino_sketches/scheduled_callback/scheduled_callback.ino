#include <Bench.h>

#include "scheduled_callback.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_scheduled_callback);
}

void loop() { bench::serve(); }
