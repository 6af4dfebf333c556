// The `machine` module.

#include "modmachine.h"

#include "py/mphal.h"
#include "py/runtime.h"

// One instruction is one nanosecond of virtual time, and that cannot be changed.
static mp_obj_t machine_freq(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        return mp_obj_new_int_from_uint(HAL_CLOCK_HZ);
    }
    if (mp_obj_get_int_truncated(args[0]) != HAL_CLOCK_HZ) {
        mp_raise_ValueError(MP_ERROR_TEXT("the virtual board's frequency is fixed at 1000000000"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(machine_freq_obj, 0, 1, machine_freq);

static mp_obj_t machine_reset(void) {
    hal_reset();
}
static MP_DEFINE_CONST_FUN_OBJ_0(machine_reset_obj, machine_reset);

static mp_obj_t machine_soft_reset(void) {
    mp_raise_type(&mp_type_SystemExit); // ends the REPL, see run_repl()
}
static MP_DEFINE_CONST_FUN_OBJ_0(machine_soft_reset_obj, machine_soft_reset);

// True when instructions are counted exactly. It has been true at the start, or the board would not be running.
static mp_obj_t machine_selftest(void) {
    return mp_obj_new_bool(hal_selftest());
}
static MP_DEFINE_CONST_FUN_OBJ_0(machine_selftest_obj, machine_selftest);

static const mp_rom_map_elem_t machine_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_machine) },
    { MP_ROM_QSTR(MP_QSTR_freq), MP_ROM_PTR(&machine_freq_obj) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&machine_reset_obj) },
    { MP_ROM_QSTR(MP_QSTR_soft_reset), MP_ROM_PTR(&machine_soft_reset_obj) },
    { MP_ROM_QSTR(MP_QSTR_selftest), MP_ROM_PTR(&machine_selftest_obj) },
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) },
    { MP_ROM_QSTR(MP_QSTR_ADC), MP_ROM_PTR(&machine_adc_type) },
    { MP_ROM_QSTR(MP_QSTR_PWM), MP_ROM_PTR(&machine_pwm_type) },
    { MP_ROM_QSTR(MP_QSTR_UART), MP_ROM_PTR(&machine_uart_type) },
    // A name that MicroPython has in any case, and the last: a new or an earlier one would change how long the board
    // looks for others, and so the counts of programs that never use it.
    { MP_ROM_QSTR(MP_QSTR__mpy), MP_ROM_PTR(&machine_mpy_obj) },
};
static MP_DEFINE_CONST_DICT(machine_globals, machine_globals_table);

const mp_obj_module_t machine_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&machine_globals,
};

MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_machine, machine_module);
