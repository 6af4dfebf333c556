// components/freertos/include/freertos/FreeRTOS.h and the ports' portmacro.h of ESP-IDF 4.4.
#pragma once

typedef int BaseType_t;

extern "C" BaseType_t xPortGetCoreID(void);
