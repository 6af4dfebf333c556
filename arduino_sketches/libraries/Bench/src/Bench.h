// The measuring side of a benchmark sketch. A workload is three functions in a namespace of its own:
//
//   setup(n, seed)     makes the inputs, outside the timed part
//   run()              is timed; leaves its inputs as it found them, because it is executed many times in a row
//   checksum(result)   a number over the whole output of run(), outside the timed part
//
// After the last sample run() is executed once more, untimed, to see how much of the stack it uses; this and what
// setup() took by allocate() are the memory that the measurement reports.
//
// The sketch registers its workloads and then answers commands from the serial line:
//
//   void setup() { bench::begin(); bench::add(bench_workload_sieve); }
//   void loop()  { bench::serve(); }
#pragma once

#include <Arduino.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Which build this is, told to the harness in the `ready` line. The build defines it for the sketch's own source file.
#ifndef BENCH_IMAGE
#define BENCH_IMAGE "dev"
#endif

// Marks the algorithm of a workload. It must stay a function of its own: inlined or cloned for its one caller, it could
// be folded into the loop that repeats it. Nor may GCC merge it with another workload's function that does the same.
#define BENCH_NOINLINE __attribute__((noinline, noclone, no_icf))

// Describes the workload in namespace `name` to bench::add(). Stands at the end of the workload's header.
#define BENCH_WORKLOAD(name) \
  static const bench::Workload bench_workload_##name = {#name, name::setup, name::run, name::checksum};

namespace bench {

struct Workload {
  const char *name;
  void (*setup)(uint32_t n, uint32_t seed);
  uint32_t (*run)();
  uint32_t (*checksum)(uint32_t result);
};

// Opens the serial line. `image` is left to its default in every sketch.
void begin(const char *image = BENCH_IMAGE);

// Makes a workload known. The object must outlive the program: it is kept by address.
void add(const Workload &workload);

// Answers what came over the serial line; to be called from loop(). The first call announces the board.
void serve();

// Memory for the inputs and outputs of a workload. It comes from one fixed block that is emptied before every setup(),
// so nothing needs to be freed and every measurement finds the same addresses.
void *allocate_bytes(uint32_t count, uint32_t size);

// `count` elements of T, all bytes zero. When the block is exhausted, the measurement ends here and is reported as
// `error code=out_of_memory`: allocate() does not return then.
template <class T> T *allocate(uint32_t count) {
  return static_cast<T *>(allocate_bytes(count, sizeof(T)));
}

// Ends the measurement that runs, as `error code=out_of_memory`. Returns only where none runs.
void give_up_for_memory();

// For workloads whose subject is memory: `count` elements of T from the board's own heap, taken inside the timed part.
// run() must free() all of them, so that the next execution finds the heap as this one did. Ends the measurement as
// allocate() does; what was taken until then stays taken, so the harness boots the board anew after an error.
template <class T> T *take(uint32_t count) {
  void *block = count > SIZE_MAX / sizeof(T) ? nullptr : malloc(count * sizeof(T));
  if (block == nullptr) {
    give_up_for_memory();
  }
  return static_cast<T *>(block);
}

// A larger block with room for `count` elements, which begins with the `used` ones of `block`; frees `block`. Not
// realloc(): what that one costs can depend on how much free memory lies behind the block, and so on what ran before.
template <class T> T *grow(T *block, uint32_t used, uint32_t count) {
  T *larger = take<T>(count);
  memcpy(larger, block, used * sizeof(T));
  free(block);
  return larger;
}

// The pseudo-random numbers behind all inputs: the same in C++, in MicroPython and on the host. 15 bits each, so that
// they fit MicroPython's small integers.
class Lcg {
public:
  explicit Lcg(uint32_t seed) : state_(seed) {}
  uint32_t next() {
    state_ = (state_ * 1103515245UL + 12345UL) & 0x7fffffffUL;
    return state_ >> 16;
  }

private:
  uint32_t state_;
};

// Fills `out` with the low eight bits of successive Lcg numbers.
void random_bytes(uint8_t *out, uint32_t count, uint32_t seed);

// Adler-32 (RFC 1950), the same as Python's zlib.adler32. A second call continues where the first one ended when it is
// given the first one's result as `start`.
uint32_t adler32(const void *bytes, uint32_t count, uint32_t start = 1);

} // namespace bench
