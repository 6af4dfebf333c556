// What MicroPython's core asks of a board, answered by the hal.

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

// Runs in the interrupt of the serial line: Ctrl-C must get through to a program that never reads.
bool hal_uart_received(uint8_t byte) {
    if (byte != mp_interrupt_char) {
        return false;
    }
    mp_sched_keyboard_interrupt();
    return true;
}

// The calls made are the same whether or not a byte is already there. Otherwise the words they leave on the stack,
// and with them the work of the garbage collector, would depend on the speed of the host.
int mp_hal_stdin_rx_chr(void) {
    int byte;
    do {
        mp_handle_pending(true);
        hal_wait_for_input();
        byte = hal_uart_read();
    } while (byte < 0);
    return byte;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    hal_uart_write(text, length);
    return length;
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ready = poll_flags & MP_STREAM_POLL_WR;
    if (hal_uart_readable()) {
        ready |= poll_flags & MP_STREAM_POLL_RD;
    }
    return ready;
}

mp_uint_t mp_hal_ticks_us(void) {
    return hal_micros();
}

mp_uint_t mp_hal_ticks_ms(void) {
    return hal_micros() / 1000;
}

uint64_t mp_hal_time_ns(void) {
    return hal_micros() * 1000;
}

static void sleep_us(uint64_t us) {
    MP_THREAD_GIL_EXIT();
    hal_sleep_us(us);
    MP_THREAD_GIL_ENTER();
    mp_handle_pending(true);
}

void mp_hal_delay_us(mp_uint_t us) {
    sleep_us(us);
}

void mp_hal_delay_ms(mp_uint_t ms) {
    sleep_us((uint64_t)ms * 1000);
}
