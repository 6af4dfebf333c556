#include <Bench.h>

#include "closure_callback.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_closure_callback);
}

void loop() { bench::serve(); }
