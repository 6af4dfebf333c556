// The memory that an ESP32 has left beside MicroPython's first heap area, from which the heap grows by itself.

#include <string.h>

#include "py/gc.h"
#include "py/misc.h"

#define PAGE_BYTES 1024
#define PAGE_COUNT (MICROPY_SYSTEM_HEAP_SIZE / PAGE_BYTES)

static char system_heap[PAGE_COUNT][PAGE_BYTES] __attribute__((aligned(16)));
static uint8_t block_of_page[PAGE_COUNT]; // 0: free; else 1 + the first page of its block

static size_t free_pages_from(size_t first) {
    size_t count = 0;
    while (first + count < PAGE_COUNT && block_of_page[first + count] == 0) {
        count++;
    }
    return count;
}

size_t gc_get_max_new_split(void) {
    size_t largest = 0;
    for (size_t first = 0, free; first < PAGE_COUNT; first += free + 1) {
        free = free_pages_from(first);
        largest = MAX(largest, free);
    }
    return largest * PAGE_BYTES;
}

void *system_heap_alloc(size_t size) {
    size_t needed = (size + PAGE_BYTES - 1) / PAGE_BYTES;
    for (size_t first = 0, free; first < PAGE_COUNT; first += free + 1) {
        free = free_pages_from(first);
        if (free >= needed) {
            memset(&block_of_page[first], first + 1, needed);
            return system_heap[first];
        }
    }
    return NULL;
}

void system_heap_free(void *start) {
    size_t first = ((char *)start - system_heap[0]) / PAGE_BYTES;
    for (size_t page = first; page < PAGE_COUNT && block_of_page[page] == first + 1; page++) {
        block_of_page[page] = 0;
    }
}
