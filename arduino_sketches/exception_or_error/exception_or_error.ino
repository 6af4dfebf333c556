#include <Bench.h>

#include "exception_or_error.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_exception_or_error);
}

void loop() { bench::serve(); }
