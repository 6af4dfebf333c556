#include <Bench.h>

#include "hashlib_sha256.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_hashlib_sha256);
}

void loop() { bench::serve(); }
