#include <Bench.h>

#include "str_methods.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_str_methods);
}

void loop() { bench::serve(); }
