// components/heap/include/esp_heap_caps.h of ESP-IDF 4.4.
#pragma once

#include <stddef.h>

// Blocks larger than `limit` come from PSRAM; SIZE_MAX: none do.
extern "C" void heap_caps_malloc_extmem_enable(size_t limit);
