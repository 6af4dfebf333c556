#include <Bench.h>

#include "string_build.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_string_build);
}

void loop() { bench::serve(); }
