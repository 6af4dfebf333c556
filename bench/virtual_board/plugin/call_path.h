// Follows calls and returns, so that each instruction is counted for the path of calls that led to it.
//
// A node is one such path: the node of the path without its last function, and that function. Node 0 is the empty path.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "index.h"
#include "riscv.h"

typedef struct {
  uint64_t return_address;
  uint32_t caller; // the node to return to
} Frame;

typedef struct {
  Index children; // (node, function) to the number of another node, less 1
  Frame *frames;
  uint32_t depth, room;
  uint32_t node;
} CallPath;

void path_clear(CallPath *path);

// The function of a node other than 0, and the node that it was called from.
uint32_t path_function(const CallPath *path, uint32_t node);
uint32_t path_parent(const CallPath *path, uint32_t node);

// The processor went on at `address`, in `function`, after an instruction of kind `how` whose successor in memory is
// `next`. Returns the node of the path that led here.
uint32_t path_follow(CallPath *path, Kind how, uint64_t next, uint64_t address, uint32_t function);
