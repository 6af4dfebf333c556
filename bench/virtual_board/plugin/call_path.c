#include "call_path.h"

void path_clear(CallPath *path) {
  index_clear(&path->children);
  path->depth = 0;
  path->node = 0;
}

uint32_t path_function(const CallPath *path, uint32_t node) { return index_second(&path->children, node - 1); }

uint32_t path_parent(const CallPath *path, uint32_t node) { return index_first(&path->children, node - 1); }

static uint32_t child(CallPath *path, uint32_t node, uint32_t function) {
  return index_of(&path->children, node, function) + 1;
}

// A jump into another function: a tail call, or a piece of assembly that runs on into the next. The path keeps the one
// that jumped, without a frame to return to. Functions that jump to and fro, as parts of one do, do not lengthen it.
static void jump(CallPath *path, uint32_t function) {
  const uint32_t base = path->depth > 0 ? path->frames[path->depth - 1].caller : 0;
  for (uint32_t node = path->node; node != base && node != 0; node = path_parent(path, node)) {
    if (path_function(path, node) == function) {
      path->node = node;
      return;
    }
  }
  path->node = child(path, path->node, function);
}

static void push(CallPath *path, uint64_t return_address) {
  if (path->depth == path->room) {
    const uint32_t room = path->room == 0 ? 256 : 2 * path->room;
    path->frames = grown(path->frames, path->room, room, sizeof *path->frames);
    path->room = room;
  }
  path->frames[path->depth++] = (Frame){return_address, path->node};
}

static bool is_in(const CallPath *path, uint32_t node, uint32_t function) {
  return node != 0 && path_function(path, node) == function;
}

// A return normally ends the newest call. Where it does not, frames were left in another way: by an exception, which
// goes back to a function that is still on the path. A return beyond the start of the region leads to a caller that is
// not known: its function becomes the start of a new path.
static void leave(CallPath *path, uint64_t address, uint32_t function) {
  for (uint32_t depth = path->depth; depth > 0; depth--) {
    if (path->frames[depth - 1].return_address == address) {
      path->depth = depth - 1;
      path->node = path->frames[depth - 1].caller;
      return;
    }
  }
  while (path->depth > 0 && !is_in(path, path->node, function)) {
    path->node = path->frames[--path->depth].caller;
  }
  if (!is_in(path, path->node, function)) {
    path->node = child(path, 0, function);
  }
}

uint32_t path_follow(CallPath *path, Kind how, uint64_t next, uint64_t address, uint32_t function) {
  if (how == KIND_CALL) {
    push(path, next);
    path->node = child(path, path->node, function);
    return path->node;
  }
  if (how == KIND_RETURN) {
    leave(path, address, function);
  }
  if (!is_in(path, path->node, function)) {
    jump(path, function);
  }
  return path->node;
}
