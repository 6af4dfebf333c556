#include <Bench.h>

#include "string_search.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_string_search);
}

void loop() { bench::serve(); }
