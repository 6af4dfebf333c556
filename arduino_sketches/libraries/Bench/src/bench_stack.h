// How much of the stack one execution of a workload uses.
#pragma once

#include <stdint.h>

namespace bench {

// Executes run() once more and stores in `*bytes` how far below the frame of its caller it wrote: 0 where it wrote
// nothing. False where this cannot be told: on a board whose stack is unknown to the library, and where run() used all
// of the stack that was watched. On an ESP32 an interrupt that came meanwhile is counted too, since its registers are
// saved on the same stack.
bool measure_stack(uint32_t (*run)(), uint32_t *bytes);

} // namespace bench
