#include <Bench.h>

#include "linked_list.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_linked_list);
}

void loop() { bench::serve(); }
