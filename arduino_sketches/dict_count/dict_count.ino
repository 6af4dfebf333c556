#include <Bench.h>

#include "dict_count.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_dict_count);
}

void loop() { bench::serve(); }
