// All workloads in one image, so that a board is flashed once for all measurements.
// PlatformIO's build generates suite_workloads.h from the names in bench/workloads.toml.
#include <Bench.h>

#include "suite_workloads.h"

void setup() {
  bench::begin();
  add_suite_workloads();
}

void loop() { bench::serve(); }
