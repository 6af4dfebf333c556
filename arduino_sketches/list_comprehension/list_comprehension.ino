#include <Bench.h>

#include "list_comprehension.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_list_comprehension);
}

void loop() { bench::serve(); }
