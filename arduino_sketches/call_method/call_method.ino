#include <Bench.h>

#include "call_method.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_call_method);
}

void loop() { bench::serve(); }
