#pragma once

#include "py/obj.h"

extern const mp_obj_type_t machine_adc_type;
extern const mp_obj_type_t machine_pin_type;
extern const mp_obj_type_t machine_pwm_type;
extern const mp_obj_type_t machine_uart_type;

MP_DECLARE_CONST_FUN_OBJ_1(machine_mpy_obj);

unsigned machine_pin_get_number(mp_obj_t pin_or_number); // raises ValueError where it is neither

void machine_pwm_deinit_all(void);  // at a soft reset
void machine_uart_deinit_all(void);
