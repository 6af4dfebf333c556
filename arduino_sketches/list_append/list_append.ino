#include <Bench.h>

#include "list_append.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_list_append);
}

void loop() { bench::serve(); }
