// After "The RISC-V Instruction Set Manual, Volume I", chapters 2 (I), 7 (M), 11 (F) and 16 (C).

#include "riscv.h"

static uint32_t bits(uint32_t code, unsigned high, unsigned low) { return (code >> low) & ((1u << (high - low + 1)) - 1); }

// The manual's table of hints: a jump that links into ra or t0 is a call, one to what they hold is a return.
static int is_link(uint32_t reg) { return reg == 1 || reg == 5; }

static Decoded simple(Kind kind) { return (Decoded){kind, 0}; }

static Decoded indirect(uint32_t destination, uint32_t source) {
  if (is_link(destination)) {
    return simple(KIND_CALL);
  }
  return simple(is_link(source) ? KIND_RETURN : KIND_SWITCH);
}

static Decoded decode_compressed(uint32_t code) {
  const uint32_t function = bits(code, 15, 13);
  switch (bits(code, 1, 0)) {
  case 0:
    switch (function) {
    case 2: // c.lw
    case 3: // c.flw
      return (Decoded){KIND_LOAD, 4};
    case 6: // c.sw
    case 7: // c.fsw
      return (Decoded){KIND_STORE, 4};
    }
    return simple(KIND_OTHER);
  case 1:
    switch (function) {
    case 1: // c.jal
      return simple(KIND_CALL);
    case 5: // c.j
      return simple(KIND_JUMP);
    case 6: // c.beqz
    case 7: // c.bnez
      return simple(KIND_BRANCH);
    }
    return simple(KIND_OTHER);
  default:
    switch (function) {
    case 2: // c.lwsp
    case 3: // c.flwsp
      return (Decoded){KIND_LOAD, 4};
    case 6: // c.swsp
    case 7: // c.fswsp
      return (Decoded){KIND_STORE, 4};
    case 4: {
      const uint32_t source = bits(code, 11, 7);
      if (bits(code, 6, 2) != 0 || source == 0) { // c.mv, c.add, c.ebreak
        return simple(KIND_OTHER);
      }
      return indirect(bits(code, 12, 12), source); // c.jr has bit 12 clear; c.jalr has it set, and links into ra, x1
    }
    }
    return simple(KIND_OTHER);
  }
}

Decoded decode(uint32_t code) {
  if (bits(code, 1, 0) != 3) {
    return decode_compressed(code);
  }
  const uint32_t destination = bits(code, 11, 7);
  const uint32_t function = bits(code, 14, 12);
  switch (bits(code, 6, 0)) {
  case 0x03: // lb, lh, lw, lbu, lhu
    return (Decoded){KIND_LOAD, 1u << (function & 3)};
  case 0x07: // flw
    return (Decoded){KIND_LOAD, 1u << function};
  case 0x23: // sb, sh, sw
  case 0x27: // fsw
    return (Decoded){KIND_STORE, 1u << function};
  case 0x63:
    return simple(KIND_BRANCH);
  case 0x6f: // jal
    return simple(is_link(destination) ? KIND_CALL : KIND_JUMP);
  case 0x67: // jalr
    return indirect(destination, bits(code, 19, 15));
  case 0x33:
    if (bits(code, 31, 25) == 1) {
      return simple(function < 4 ? KIND_MULTIPLY : KIND_DIVIDE);
    }
    return simple(KIND_OTHER);
  case 0x43: // fmadd.s and its kin
  case 0x47:
  case 0x4b:
  case 0x4f:
  case 0x53:
    return simple(KIND_FLOAT);
  }
  return simple(KIND_OTHER);
}
