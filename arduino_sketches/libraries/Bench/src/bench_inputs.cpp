// Inputs and checksums that the host can compute too.
#include "Bench.h"

namespace bench {

void random_bytes(uint8_t *out, uint32_t count, uint32_t seed) {
  Lcg numbers(seed);
  for (uint32_t i = 0; i < count; i++) {
    out[i] = static_cast<uint8_t>(numbers.next());
  }
}

uint32_t adler32(const void *bytes, uint32_t count, uint32_t start) {
  const uint32_t largest_prime = 65521; // below 2^16
  const uint8_t *byte = static_cast<const uint8_t *>(bytes);
  uint32_t sum = start & 0xffff;
  uint32_t sum_of_sums = start >> 16;
  for (uint32_t i = 0; i < count; i++) {
    sum = (sum + byte[i]) % largest_prime;
    sum_of_sums = (sum_of_sums + sum) % largest_prime;
  }
  return (sum_of_sums << 16) | sum;
}

} // namespace bench
