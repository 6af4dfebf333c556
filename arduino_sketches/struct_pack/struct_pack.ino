#include <Bench.h>

#include "struct_pack.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_struct_pack);
}

void loop() { bench::serve(); }
