// nqueens: in how many ways n queens can stand on an n x n board without attacking: recursion, loops, flags in byte
// arrays.
#pragma once

#include <Bench.h>

namespace nqueens {

static uint32_t size;
static uint8_t *columns;
static uint8_t *rising;
static uint8_t *falling;

// Returns in how many ways queens can be added in this row and those after it; a flag is 1 where a queen attacks.
static BENCH_NOINLINE uint32_t place(uint32_t row, uint32_t n, uint8_t *columns, uint8_t *rising, uint8_t *falling) {
  if (row == n) {
    return 1;
  }
  uint32_t ways = 0;
  for (uint32_t column = 0; column < n; column++) {
    if (columns[column] == 0 && rising[row + column] == 0 && falling[n + row - column] == 0) {
      columns[column] = 1;
      rising[row + column] = 1;
      falling[n + row - column] = 1;
      ways += place(row + 1, n, columns, rising, falling);
      columns[column] = 0;
      rising[row + column] = 0;
      falling[n + row - column] = 0;
    }
  }
  return ways;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  size = n;
  columns = bench::allocate<uint8_t>(n);
  rising = bench::allocate<uint8_t>(2 * n);
  falling = bench::allocate<uint8_t>(2 * n);
}

static uint32_t run() { return place(0, size, columns, rising, falling); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace nqueens

BENCH_WORKLOAD(nqueens)
