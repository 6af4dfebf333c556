// From a pair of numbers to a small number of its own: 0 for the first pair that is asked for, 1 for the next.
#pragma once

#include <stdint.h>

typedef struct {
  uint64_t *keys;  // of each entry, in the order in which they came
  uint32_t *slots; // the hash table: number of the entry plus 1, 0 where free
  uint32_t count, room;
} Index;

void index_clear(Index *index);

// The number of the pair; a new one where it was not known.
uint32_t index_of(Index *index, uint32_t first, uint32_t second);

static inline uint32_t index_first(const Index *index, uint32_t number) { return (uint32_t)(index->keys[number] >> 32); }
static inline uint32_t index_second(const Index *index, uint32_t number) { return (uint32_t)index->keys[number]; }

// Makes room for `count` elements of `size` bytes, the new ones zero. Ends the process where there is no memory.
void *grown(void *array, uint32_t old_count, uint32_t count, uint32_t size);
