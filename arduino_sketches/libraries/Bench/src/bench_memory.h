// The fixed block of memory that workloads allocate from.
#pragma once

#include <setjmp.h>

namespace bench {

// Where allocate(), take() and resize() jump to when no memory is left. Arduino boards have no C++ exceptions to rely
// on, and a workload that went on with a null pointer would crash the board and take the remaining measurements with it.
extern jmp_buf out_of_memory;

// Empties the block. `guarded` says that `out_of_memory` is set; where it is not, a failing allocate() returns null.
void reset_arena(bool guarded);

} // namespace bench
