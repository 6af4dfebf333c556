#pragma once

#include <stdbool.h>

typedef struct {
    bool locked;
} mp_thread_mutex_t;
