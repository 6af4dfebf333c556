#include <Bench.h>

#include "base64.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_base64);
}

void loop() { bench::serve(); }
