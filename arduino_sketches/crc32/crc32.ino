#include <Bench.h>

#include "crc32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_crc32);
}

void loop() { bench::serve(); }
