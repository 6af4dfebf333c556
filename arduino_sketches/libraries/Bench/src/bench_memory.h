// The fixed block of memory that workloads allocate from.
#pragma once

#include <setjmp.h>
#include <stdint.h>

namespace bench {

// Where allocate() and take() jump to when no memory is left. Arduino boards have no C++ exceptions to rely on, and a
// workload that went on with a null pointer would crash the board and take the remaining measurements with it.
extern jmp_buf out_of_memory;

// Gives the board's own heap one free block that is larger than what any workload takes, where the board has as much. A
// workload then finds the same heap whatever ran before: otherwise it would extend the heap, or use up a block exactly.
void extend_heap();

// Empties the block. `guarded` says that `out_of_memory` is set; where it is not, a failing allocate() returns null.
void reset_arena(bool guarded);

// Bytes that have been taken since, each piece rounded up to a multiple of eight.
uint32_t used_arena();

} // namespace bench
