#include <Bench.h>

#include "binascii_crc32.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_binascii_crc32);
}

void loop() { bench::serve(); }
