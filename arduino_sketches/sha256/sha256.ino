#include <Bench.h>

#include "sha256.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_sha256);
}

void loop() { bench::serve(); }
