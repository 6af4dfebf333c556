// components/freertos/include/freertos/task.h of ESP-IDF 4.4.
#pragma once

#include <stdint.h>

typedef struct tskTaskControlBlock *TaskHandle_t;

// The lowest address of a task's stack; of the calling task's where `xTask` is null.
extern "C" uint8_t *pxTaskGetStackStart(TaskHandle_t xTask);
