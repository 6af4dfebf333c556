#include "index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *grown(void *array, uint32_t old_count, uint32_t count, uint32_t size) {
  char *larger = realloc(array, (size_t)count * size);
  if (larger == NULL) {
    fprintf(stderr, "region_profile: out of memory\n");
    exit(1);
  }
  memset(larger + (size_t)old_count * size, 0, (size_t)(count - old_count) * size);
  return larger;
}

static uint32_t slot_of(const Index *index, uint64_t key) {
  uint32_t slot = (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 32) & (2 * index->room - 1);
  while (index->slots[slot] != 0 && index->keys[index->slots[slot] - 1] != key) {
    slot = (slot + 1) & (2 * index->room - 1);
  }
  return slot;
}

static void grow(Index *index) {
  const uint32_t room = index->room == 0 ? 1024 : 2 * index->room;
  index->keys = grown(index->keys, index->room, room, sizeof *index->keys);
  free(index->slots);
  index->slots = grown(NULL, 0, 2 * room, sizeof *index->slots);
  index->room = room;
  for (uint32_t number = 0; number < index->count; number++) {
    index->slots[slot_of(index, index->keys[number])] = number + 1;
  }
}

void index_clear(Index *index) {
  index->count = 0;
  if (index->room > 0) {
    memset(index->slots, 0, 2 * (size_t)index->room * sizeof *index->slots);
  }
}

uint32_t index_of(Index *index, uint32_t first, uint32_t second) {
  if (index->count == index->room) {
    grow(index);
  }
  const uint64_t key = (uint64_t)first << 32 | second;
  const uint32_t slot = slot_of(index, key);
  if (index->slots[slot] == 0) {
    index->keys[index->count] = key;
    index->slots[slot] = ++index->count;
  }
  return index->slots[slot] - 1;
}
