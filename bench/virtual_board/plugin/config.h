// What the harness tells the plugin: a text file, one fact a line, addresses in hexadecimal.
//
//   out PATH                where to write the profile of the latest region; it is replaced by each new one
//   ram START SIZE          the board's memory
//   start ADDRESS           the instruction with which the timed part begins, and
//   stop ADDRESS            the one with which it ends: both read the counter; they may be the same
//   abandon ADDRESS         optional: whoever comes here has left a timed part without ending it
//   interpreter START END   optional: the bytecode interpreter's function, and
//   handler OPCODE ADDRESS  where in it each of the 256 opcodes is carried out
//   function START END ID   ascending, without overlap; several ranges may share an id
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { OPCODES = 256, UNKNOWN_FUNCTION = 0xffffff };

typedef struct {
  uint64_t start, end;
  uint32_t id;
} Range;

typedef struct {
  char out[4096];
  uint64_t ram, ram_size, start, stop, abandon;
  Range interpreter;
  uint64_t handlers[OPCODES];
  Range *functions;
  uint32_t function_count;
} Config;

// False, with a message on stderr, where the file is not as described.
bool read_config(const char *path, Config *config);

// The id of the function that the address belongs to; UNKNOWN_FUNCTION outside all of them.
uint32_t function_at(const Config *config, uint64_t address);
