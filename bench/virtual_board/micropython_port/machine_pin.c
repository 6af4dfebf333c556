// machine.Pin over the GPIO shadow register. Lookup and argument parsing do the same steps as in the esp32 port, so
// that a pin access costs about what it costs there: all methods that read or write go through pin_call().

#include "modmachine.h"

#include "py/mphal.h"
#include "py/runtime.h"

enum { MODE_INPUT = 1, MODE_INPUT_OUTPUT = 3, MODE_INPUT_OUTPUT_OPEN_DRAIN = 7 }; // the numbers of the esp32 port
enum { PULL_DOWN = 1, PULL_UP = 2 };
#define MODE_OUTPUT_BIT 2

typedef struct {
    mp_obj_base_t base;
} pin_obj_t;

static const pin_obj_t pins[HAL_GPIO_COUNT] = {
    [0 ... HAL_GPIO_COUNT - 1] = { { &machine_pin_type } },
};

static unsigned pin_number(const pin_obj_t *self) {
    return self - pins;
}

static const pin_obj_t *find_pin(mp_obj_t id) {
    if (mp_obj_is_type(id, &machine_pin_type)) {
        return MP_OBJ_TO_PTR(id);
    }
    if (mp_obj_is_int(id)) {
        mp_int_t number = mp_obj_get_int(id);
        if (0 <= number && number < HAL_GPIO_COUNT) {
            return &pins[number];
        }
    }
    mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
}

unsigned machine_pin_get_number(mp_obj_t pin_or_number) {
    return pin_number(find_pin(pin_or_number));
}

// Levels are set and read by a call, since the esp32 port calls the ESP-IDF here.
static MP_NOINLINE void set_level(unsigned pin, unsigned level) {
    hal_gpio_write(pin, level);
}

static MP_NOINLINE unsigned get_level(unsigned pin) {
    return hal_gpio_read(pin);
}

static void set_mode(unsigned pin, mp_int_t mode) {
    if (mode & MODE_OUTPUT_BIT) {
        hal_gpio.enable |= 1u << pin;
    } else {
        hal_gpio.enable &= ~(1u << pin);
    }
}

// What an open input reads: its pull-up makes it 1, anything else 0.
static void set_pull(unsigned pin, mp_int_t pull) {
    if (pull & PULL_UP) {
        hal_gpio.in |= 1u << pin;
    } else {
        hal_gpio.in &= ~(1u << pin);
    }
}

// init(mode=None, pull=-1, *, value)
static void init_pin(const pin_obj_t *self, size_t n_args, const mp_obj_t *positional, mp_map_t *keywords) {
    enum { ARG_mode, ARG_pull, ARG_value };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_mode, MP_ARG_OBJ, { .u_obj = mp_const_none } },
        { MP_QSTR_pull, MP_ARG_OBJ, { .u_obj = MP_OBJ_NEW_SMALL_INT(-1) } },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_obj = MP_OBJ_NULL } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, positional, keywords, MP_ARRAY_SIZE(allowed), allowed, args);

    unsigned pin = pin_number(self);
    if (args[ARG_value].u_obj != MP_OBJ_NULL) { // before the mode, so that the pin never drives the wrong level
        set_level(pin, mp_obj_is_true(args[ARG_value].u_obj));
    }
    if (args[ARG_mode].u_obj != mp_const_none) {
        set_mode(pin, mp_obj_get_int(args[ARG_mode].u_obj));
    }
    if (args[ARG_pull].u_obj != MP_OBJ_NEW_SMALL_INT(-1)) {
        set_pull(pin, args[ARG_pull].u_obj == mp_const_none ? 0 : mp_obj_get_int(args[ARG_pull].u_obj));
    }
}

static mp_obj_t pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    const pin_obj_t *self = find_pin(args[0]);
    if (n_args > 1 || n_kw > 0) {
        mp_map_t keywords;
        mp_map_init_fixed_table(&keywords, n_kw, args + n_args);
        init_pin(self, n_args - 1, args + 1, &keywords);
    }
    return MP_OBJ_FROM_PTR(self);
}

static void pin_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    mp_printf(print, "Pin(%u)", pin_number(MP_OBJ_TO_PTR(self_in)));
}

// pin() reads, pin(level) writes
static mp_obj_t pin_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    unsigned pin = pin_number(MP_OBJ_TO_PTR(self_in));
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(get_level(pin));
    }
    set_level(pin, mp_obj_is_true(args[0]));
    return mp_const_none;
}

static mp_obj_t pin_init(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    init_pin(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, keywords);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init);

static mp_obj_t pin_value(size_t n_args, const mp_obj_t *args) {
    return pin_call(args[0], n_args - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_off(mp_obj_t self_in) {
    set_level(pin_number(MP_OBJ_TO_PTR(self_in)), 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_off_obj, pin_off);

static mp_obj_t pin_on(mp_obj_t self_in) {
    set_level(pin_number(MP_OBJ_TO_PTR(self_in)), 1);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_on_obj, pin_on);

static mp_obj_t pin_toggle(mp_obj_t self_in) {
    unsigned pin = pin_number(MP_OBJ_TO_PTR(self_in));
    set_level(pin, ~hal_gpio.out >> pin & 1);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_toggle_obj, pin_toggle);

static const mp_rom_map_elem_t pin_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&pin_off_obj) },
    { MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&pin_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&pin_toggle_obj) },
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(MODE_INPUT) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(MODE_INPUT_OUTPUT) },
    { MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(MODE_INPUT_OUTPUT_OPEN_DRAIN) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP) },
    { MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(PULL_DOWN) },
};
static MP_DEFINE_CONST_DICT(pin_locals, pin_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_pin_type,
    MP_QSTR_Pin,
    MP_TYPE_FLAG_NONE,
    make_new, pin_make_new,
    print, pin_print,
    call, pin_call,
    locals_dict, &pin_locals
    );
