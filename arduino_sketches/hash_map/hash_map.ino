#include <Bench.h>

#include "hash_map.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_hash_map);
}

void loop() { bench::serve(); }
