// Shadow peripherals of the virtual board, shared by both languages: an analog-to-digital converter, PWM channels, a
// second serial line. They take the place of the drivers that both languages call on an ESP32. Each function checks its
// arguments as those do and then touches registers that are words in memory: nothing is connected to any of them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Analog-to-digital converter: 12 bits. Pins 0 to 4 are its channels, as on an ESP32-C3.

#define HAL_ADC_CHANNELS 5
#define HAL_ADC_BITS 12
#define HAL_ADC_ATTENUATIONS 4      // 0, 2.5, 6 and 11 dB, which change nothing here

bool hal_adc_set_attenuation(unsigned channel, unsigned attenuation);
int  hal_adc_read(unsigned channel);   // -1 for a channel that is none; the values are a ramp: 0, 1, ... 4095, 0, ...

// ---- PWM. Every channel has a timer of its own.

#define HAL_PWM_CHANNELS 8
#define HAL_PWM_CLOCK_HZ 80000000u
#define HAL_PWM_MAX_BITS 20

bool     hal_pwm_configure(unsigned channel, uint32_t hertz, unsigned bits);  // false where the clock is too slow for it
bool     hal_pwm_connect(unsigned channel, unsigned pin, uint32_t duty);      // duty: of 1 << bits
bool     hal_pwm_disconnect(unsigned channel);
bool     hal_pwm_set_duty(unsigned channel, uint32_t duty);                   // counts from the next update on
bool     hal_pwm_update_duty(unsigned channel);
uint32_t hal_pwm_duty(unsigned channel);                                      // that of the last update
uint32_t hal_pwm_hertz(unsigned channel);

struct hal_pwm {
    volatile uint32_t hertz;
    volatile uint32_t bits;
    volatile uint32_t pin;
    volatile uint32_t enable;
    volatile uint32_t next_duty;
    volatile uint32_t duty;
};
extern struct hal_pwm hal_pwm[HAL_PWM_CHANNELS];

// ---- Second serial line. Its bytes leave at once, so that there is always room for more; none ever arrives.

#define HAL_SERIAL1_FIFO_BYTES 128

struct hal_serial1 {
    volatile uint32_t baud;         // 0: closed
    volatile uint32_t sent;         // bytes since it was opened
    volatile uint8_t fifo[HAL_SERIAL1_FIFO_BYTES];   // the last of them: byte i lies at i % HAL_SERIAL1_FIFO_BYTES
};
extern struct hal_serial1 hal_serial1;

bool hal_serial1_open(uint32_t baud);
void hal_serial1_close(void);
int  hal_serial1_write(const void *bytes, size_t count);   // how many were taken, all of them; -1 where it is closed

#ifdef __cplusplus
}
#endif
