#include <Bench.h>

#include "uart_write.h"

void setup() {
  bench::begin();
  bench::add(bench_workload_uart_write);
}

void loop() { bench::serve(); }
