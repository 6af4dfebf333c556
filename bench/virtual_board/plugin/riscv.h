// What kind of instruction an RV32IMFC instruction is, for the instruction mix and for following calls.
#pragma once

#include <stdint.h>

typedef enum {
  KIND_OTHER, // arithmetic on integers, moves, constants, control registers
  KIND_LOAD,
  KIND_STORE,
  KIND_BRANCH, // conditional
  KIND_JUMP,   // direct, without a link
  KIND_SWITCH, // indirect, without a link: a jump table, bytecode's dispatch, a tail call through a pointer
  KIND_CALL,
  KIND_RETURN,
  KIND_MULTIPLY,
  KIND_DIVIDE, // and remainder
  KIND_FLOAT,  // in the floating-point unit; its loads and stores count as such
} Kind;

typedef struct {
  Kind kind;
  uint32_t bytes; // moved between memory and registers, by a load or store
} Decoded;

// `code` holds the instruction; of a compressed one only the lower 16 bits are looked at.
Decoded decode(uint32_t code);
