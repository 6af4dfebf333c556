#include <Bench.h>

#include "call_function.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_call_function);
}

void loop() { bench::serve(); }
