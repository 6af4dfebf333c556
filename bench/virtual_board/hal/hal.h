// Board support for the virtual board (QEMU `virt`, RISC-V RV32), shared by the MicroPython port and the
// Arduino core, so that both languages read the same counter and the same serial line.
//
// A tick is one retired instruction. QEMU must run with `-icount shift=0,sleep=off`; hal_init() checks it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAL_NORETURN __attribute__((noreturn))  // _Noreturn is not C++

#define HAL_CLOCK_HZ 1000000000u    // nominal: one instruction = 1 ns of virtual time
#define HAL_GPIO_COUNT 32

#define HAL_EXIT_SELFTEST 86        // the virtual board does not count instructions exactly
#define HAL_EXIT_TRAP 87            // the program hit an illegal instruction, a bad address, ...

// Call first in main(). Sets up interrupts and the serial line and runs the self-test; when that fails, prints a
// framed error line and leaves through hal_exit(HAL_EXIT_SELFTEST). Discards what the host has sent so far.
void hal_init(void);

// True when two adjacent reads of the counter are 1 apart and a loop of known length costs what it must.
bool hal_selftest(void);

// Low word of the instruction counter; wraps at 2^32.
static inline uint32_t hal_ticks32(void) {
    uint32_t ticks;
    __asm__ volatile ("rdinstret %0" : "=r" (ticks));
    return ticks;
}
uint64_t hal_ticks64(void);
uint64_t hal_micros(void);          // virtual microseconds since power-on: 1000 instructions each, and sleep counts

// The serial line. Bytes are received by interrupt and passed on as they are (CR and LF included). When the receive
// buffer (1 KB) is full, the host has to wait: nothing is dropped, but a Ctrl-C behind it is not seen yet either.
int  hal_uart_read(void);           // -1 when nothing waits
bool hal_uart_readable(void);
void hal_uart_write(const void *bytes, size_t count);
void hal_wait_for_input(void);      // sleeps until a byte waits or another interrupt came; costs the host no CPU

// Called in the interrupt for each received byte; return true to keep the byte out of the receive buffer.
// The default (weak) keeps every byte.
bool hal_uart_received(uint8_t byte);

void hal_sleep_us(uint64_t us);     // takes virtual time only, no wall time

void hal_clear_stack(void);         // zeroes the unused stack, see start.S
HAL_NORETURN void hal_exit(int code);  // ends QEMU with this exit code
HAL_NORETURN void hal_reset(void);     // starts the program anew; QEMU and its serial line stay

// The GPIO shadow register: what a GPIO peripheral would hold. No pin leads anywhere.
struct hal_gpio {
    volatile uint32_t out;
    volatile uint32_t in;
    volatile uint32_t enable;       // 1: the pin drives its level from `out`
};
extern struct hal_gpio hal_gpio;

static inline void hal_gpio_write(unsigned pin, unsigned level) {
    if (level) {
        hal_gpio.out |= 1u << pin;
    } else {
        hal_gpio.out &= ~(1u << pin);
    }
}

static inline unsigned hal_gpio_read(unsigned pin) {
    uint32_t enabled = hal_gpio.enable;
    return (((hal_gpio.out & enabled) | (hal_gpio.in & ~enabled)) >> pin) & 1;
}

#ifdef __cplusplus
}
#endif
