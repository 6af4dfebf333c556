#include "peripherals.h"

#include "hal.h"

// ---- Analog-to-digital converter

static struct {
    volatile uint32_t attenuation[HAL_ADC_CHANNELS];
    volatile uint32_t value;        // of the next conversion
} adc;

bool hal_adc_set_attenuation(unsigned channel, unsigned attenuation) {
    if (channel >= HAL_ADC_CHANNELS || attenuation >= HAL_ADC_ATTENUATIONS) {
        return false;
    }
    adc.attenuation[channel] = attenuation;
    return true;
}

int hal_adc_read(unsigned channel) {
    if (channel >= HAL_ADC_CHANNELS) {
        return -1;
    }
    uint32_t value = adc.value;
    adc.value = (value + 1) & ((1u << HAL_ADC_BITS) - 1);
    return value;
}

// ---- PWM

struct hal_pwm hal_pwm[HAL_PWM_CHANNELS];

bool hal_pwm_configure(unsigned channel, uint32_t hertz, unsigned bits) {
    if (channel >= HAL_PWM_CHANNELS || hertz == 0 || bits == 0 || bits > HAL_PWM_MAX_BITS) {
        return false;
    }
    if (hertz > HAL_PWM_CLOCK_HZ >> bits) {
        return false;
    }
    hal_pwm[channel].hertz = hertz;
    hal_pwm[channel].bits = bits;
    return true;
}

bool hal_pwm_connect(unsigned channel, unsigned pin, uint32_t duty) {
    if (channel >= HAL_PWM_CHANNELS || pin >= HAL_GPIO_COUNT) {
        return false;
    }
    hal_gpio.enable |= 1u << pin;
    hal_pwm[channel].pin = pin;
    return hal_pwm_set_duty(channel, duty) && hal_pwm_update_duty(channel);
}

bool hal_pwm_disconnect(unsigned channel) {
    if (channel >= HAL_PWM_CHANNELS) {
        return false;
    }
    hal_pwm[channel].enable = 0;
    return true;
}

bool hal_pwm_set_duty(unsigned channel, uint32_t duty) {
    if (channel >= HAL_PWM_CHANNELS) {
        return false;
    }
    hal_pwm[channel].next_duty = duty;
    return true;
}

bool hal_pwm_update_duty(unsigned channel) {
    if (channel >= HAL_PWM_CHANNELS) {
        return false;
    }
    hal_pwm[channel].duty = hal_pwm[channel].next_duty;
    hal_pwm[channel].enable = 1;
    return true;
}

uint32_t hal_pwm_duty(unsigned channel) {
    return channel < HAL_PWM_CHANNELS ? hal_pwm[channel].duty : 0;
}

uint32_t hal_pwm_hertz(unsigned channel) {
    return channel < HAL_PWM_CHANNELS ? hal_pwm[channel].hertz : 0;
}

// ---- Second serial line

struct hal_serial1 hal_serial1;

bool hal_serial1_open(uint32_t baud) {
    if (baud == 0) {
        return false;
    }
    hal_serial1.baud = baud;
    hal_serial1.sent = 0;
    return true;
}

void hal_serial1_close(void) {
    hal_serial1.baud = 0;
}

int hal_serial1_write(const void *bytes, size_t count) {
    if (hal_serial1.baud == 0 || bytes == NULL) {
        return -1;
    }
    const uint8_t *next = bytes;
    uint32_t sent = hal_serial1.sent;
    for (size_t i = 0; i < count; i++) {
        hal_serial1.fifo[sent++ % HAL_SERIAL1_FIFO_BYTES] = next[i];
    }
    hal_serial1.sent = sent;
    return count;
}
