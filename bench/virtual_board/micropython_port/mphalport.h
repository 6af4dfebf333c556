#pragma once

#include "hal.h"
#include "shared/runtime/interrupt_char.h"

// Interrupts off, and back to what they were (mstatus.MIE).
static inline mp_uint_t mp_hal_begin_atomic_section(void) {
    mp_uint_t mstatus;
    __asm__ volatile ("csrrci %0, mstatus, 8" : "=r" (mstatus) :: "memory");
    return mstatus;
}

static inline void mp_hal_end_atomic_section(mp_uint_t mstatus) {
    __asm__ volatile ("csrs mstatus, %0" :: "r" (mstatus & 8) : "memory");
}

#define MICROPY_BEGIN_ATOMIC_SECTION()     mp_hal_begin_atomic_section()
#define MICROPY_END_ATOMIC_SECTION(state)  mp_hal_end_atomic_section(state)

// Pins are numbers here.
#define mp_hal_pin_obj_t unsigned

#define mp_hal_ticks_cpu hal_ticks32
