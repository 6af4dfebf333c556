#include <Bench.h>

#include "json_like_parse.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_json_like_parse);
}

void loop() { bench::serve(); }
