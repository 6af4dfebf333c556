#include <Bench.h>

#include "fannkuch.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_fannkuch);
}

void loop() { bench::serve(); }
