// Analog input and PWM. As in arduino-esp32 2.0.17, analogRead() searches the pin's channel and configures pin and
// channel at every call, and ledcWrite() hands the duty to the driver in one call and makes it count with a second.
#include "Arduino.h"

// ---- Analog input

static const uint8_t ADC_PINS[HAL_ADC_CHANNELS] = {0, 1, 2, 3, 4};
static const uint8_t ATTENUATION_11_DB = 3; // the whole range, to about 3 V

static uint8_t returned_bits = HAL_ADC_BITS;

// The converter's channel behind a pin, -1 where there is none.
int8_t digitalPinToAnalogChannel(uint8_t pin) {
  for (uint8_t channel = 0; channel < HAL_ADC_CHANNELS; channel++) {
    if (ADC_PINS[channel] == pin) {
      return channel;
    }
  }
  return -1;
}

static __attribute__((noinline)) void set_attenuation(uint8_t pin, uint8_t attenuation) {
  const int8_t channel = digitalPinToAnalogChannel(pin);
  if (channel >= 0) {
    hal_adc_set_attenuation(channel, attenuation);
  }
}

bool adcAttachPin(uint8_t pin) {
  if (digitalPinToAnalogChannel(pin) < 0) {
    return false;
  }
  pinMode(pin, ANALOG);
  set_attenuation(pin, ATTENUATION_11_DB);
  return true;
}

void analogReadResolution(uint8_t bits) {
  if (bits > 0 && bits <= 16) {
    returned_bits = bits;
  }
}

static uint16_t in_returned_bits(uint32_t value) {
  return returned_bits < HAL_ADC_BITS ? value >> (HAL_ADC_BITS - returned_bits)
                                      : value << (returned_bits - HAL_ADC_BITS);
}

uint16_t analogRead(uint8_t pin) {
  const int8_t channel = digitalPinToAnalogChannel(pin);
  if (channel < 0) {
    return 0;
  }
  adcAttachPin(pin);
  return in_returned_bits(hal_adc_read(channel));
}

// ---- PWM

static uint8_t resolution_bits[HAL_PWM_CHANNELS];

uint32_t ledcSetup(uint8_t channel, uint32_t hertz, uint8_t bits) {
  if (channel >= HAL_PWM_CHANNELS || !hal_pwm_configure(channel, hertz, bits)) {
    return 0;
  }
  resolution_bits[channel] = bits;
  return hal_pwm_hertz(channel);
}

void ledcAttachPin(uint8_t pin, uint8_t channel) {
  if (channel < HAL_PWM_CHANNELS) {
    hal_pwm_connect(channel, pin, hal_pwm_duty(channel));
  }
}

void ledcWrite(uint8_t channel, uint32_t duty) {
  if (channel >= HAL_PWM_CHANNELS) {
    return;
  }
  const uint32_t most = (1UL << resolution_bits[channel]) - 1;
  if (duty == most && most != 1) { // all bits set stands for always on
    duty = most + 1;
  }
  hal_pwm_set_duty(channel, duty);
  hal_pwm_update_duty(channel);
}

uint32_t ledcRead(uint8_t channel) { return hal_pwm_duty(channel); }
