// machine.PWM over the shadow channels. Setting a duty does the same steps as in the esp32 port: check it, keep it,
// convert it to the channel's resolution, and hand it to the driver in two calls. Without duty_ns(), inversion and light
// sleep.

#include "modmachine.h"

#include "peripherals.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"

#define DEFAULT_HERTZ 5000
#define MAX_HERTZ 40000000
#define U16_BITS 16                 // of duty_u16()
#define U10_BITS 10                 // of duty()
#define NO_PIN (-1)

typedef struct {
    mp_obj_base_t base;
    int8_t pin;
    int8_t channel;                 // negative: not active
    int8_t duty_bits;               // the method that set the duty: U16_BITS, U10_BITS; 0: none did
    int duty;                       // as it was given
    int channel_duty;               // as the channel got it
} pwm_obj_t;

typedef struct {
    int8_t pin;
    int8_t bits;
} channel_t;

static channel_t channels[HAL_PWM_CHANNELS] = { [0 ... HAL_PWM_CHANNELS - 1] = { NO_PIN, 0 } };

static void check(bool done) {
    if (!done) {
        mp_raise_OSError(MP_EINVAL);
    }
}

static void check_active(const pwm_obj_t *self) {
    if (self->channel < 0) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("PWM is inactive"));
    }
}

static void release_channel(int channel) {
    if (channel >= 0) {
        hal_pwm_disconnect(channel);
        channels[channel].pin = NO_PIN;
    }
}

void machine_pwm_deinit_all(void) {
    for (int channel = 0; channel < HAL_PWM_CHANNELS; channel++) {
        release_channel(channel);
    }
}

// The channel that has the pin already, otherwise a free one.
static int find_channel(int pin) {
    for (int wanted = pin;; wanted = NO_PIN) {
        for (int channel = 0; channel < HAL_PWM_CHANNELS; channel++) {
            if (channels[channel].pin == wanted) {
                return channel;
            }
        }
        if (wanted == NO_PIN) {
            mp_raise_msg_varg(&mp_type_RuntimeError, MP_ERROR_TEXT("out of PWM channels:%d"), HAL_PWM_CHANNELS);
        }
    }
}

static void check_hertz(mp_int_t hertz) {
    if (hertz <= 0 || hertz > MAX_HERTZ) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("frequency must be from 1Hz to %dMHz"),
            MAX_HERTZ / 1000000);
    }
}

// With the finest resolution that the clock allows, but no finer than duty_u16().
static void set_hertz(pwm_obj_t *self, mp_int_t hertz) {
    int bits = 0;
    while (bits < U16_BITS && HAL_PWM_CLOCK_HZ >> (bits + 1) >= (mp_uint_t)hertz) {
        bits++;
    }
    check(hal_pwm_configure(self->channel, hertz, bits));
    channels[self->channel].bits = bits;
}

static void apply_duty(pwm_obj_t *self) {
    check_active(self);
    int duty = self->duty << (U16_BITS - self->duty_bits);
    channel_t *channel = &channels[self->channel];
    self->channel_duty = duty >> (U16_BITS - channel->bits);
    int most = (1 << channel->bits) - 1;
    if (channel->pin == NO_PIN || self->channel_duty == 0 || self->channel_duty == most) {
        check(hal_pwm_connect(self->channel, self->pin, self->channel_duty)); // all off and all on are set up anew
    } else {
        check(hal_pwm_set_duty(self->channel, self->channel_duty));
        check(hal_pwm_update_duty(self->channel));
    }
    channel->pin = self->pin;
}

static void set_duty_u16(pwm_obj_t *self, mp_int_t duty) {
    if (duty < 0 || duty >= 1 << U16_BITS) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("duty_u16 must be from 0 to %d"), (1 << U16_BITS) - 1);
    }
    self->duty_bits = U16_BITS;
    self->duty = duty;
    apply_duty(self);
}

static void set_duty_u10(pwm_obj_t *self, mp_int_t duty) {
    if (duty < 0 || duty >= 1 << U10_BITS) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("duty must be from 0 to %u"), (1 << U10_BITS) - 1);
    }
    self->duty_bits = U10_BITS;
    self->duty = duty;
    apply_duty(self);
}

static mp_int_t get_duty_u16(const pwm_obj_t *self) {
    check_active(self);
    int bits = channels[self->channel].bits;
    if (self->channel_duty == (1 << bits) - 1) {
        return (1 << U16_BITS) - 1;
    }
    return hal_pwm_duty(self->channel) << (U16_BITS - bits);
}

// init(freq, *, duty, duty_u16)
static void init_pwm(pwm_obj_t *self, size_t n_args, const mp_obj_t *positional, mp_map_t *keywords) {
    enum { ARG_freq, ARG_duty, ARG_duty_u16 };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_freq, MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_duty, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_duty_u16, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, positional, keywords, MP_ARRAY_SIZE(allowed), allowed, args);

    mp_int_t hertz = args[ARG_freq].u_int;
    if (hertz != -1) {
        check_hertz(hertz);
    }
    int channel = find_channel(self->pin);
    bool is_running = channels[channel].pin != NO_PIN;
    self->channel = channel;
    if (hertz != -1 || !is_running) {
        set_hertz(self, hertz == -1 ? DEFAULT_HERTZ : hertz);
    }
    if (args[ARG_duty_u16].u_int >= 0) {
        set_duty_u16(self, args[ARG_duty_u16].u_int);
    } else if (args[ARG_duty].u_int >= 0) {
        set_duty_u10(self, args[ARG_duty].u_int);
    } else if (self->duty_bits == 0) {
        set_duty_u16(self, 1 << (U16_BITS - 1)); // half of the time
    } else {
        apply_duty(self);
    }
}

static mp_obj_t pwm_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 2, true);
    pwm_obj_t *self = mp_obj_malloc(pwm_obj_t, &machine_pwm_type);
    self->pin = machine_pin_get_number(args[0]);
    self->channel = -1;
    self->duty_bits = 0;
    mp_map_t keywords;
    mp_map_init_fixed_table(&keywords, n_kw, args + n_args);
    init_pwm(self, n_args - 1, args + 1, &keywords);
    return MP_OBJ_FROM_PTR(self);
}

static void pwm_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    const pwm_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "PWM(Pin(%d)", self->pin);
    if (self->channel >= 0) {
        mp_printf(print, ", freq=%u, duty_u16=%d", (unsigned)hal_pwm_hertz(self->channel), (int)get_duty_u16(self));
    }
    mp_print_str(print, ")");
}

static mp_obj_t pwm_init(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    init_pwm(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, keywords);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pwm_init_obj, 1, pwm_init);

static mp_obj_t pwm_deinit(mp_obj_t self_in) {
    pwm_obj_t *self = MP_OBJ_TO_PTR(self_in);
    release_channel(self->channel);
    self->channel = -1;
    self->duty_bits = 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pwm_deinit_obj, pwm_deinit);

static mp_obj_t pwm_freq(size_t n_args, const mp_obj_t *args) {
    pwm_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    check_active(self);
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(hal_pwm_hertz(self->channel));
    }
    mp_int_t hertz = mp_obj_get_int(args[1]);
    check_hertz(hertz);
    set_hertz(self, hertz);
    apply_duty(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pwm_freq_obj, 1, 2, pwm_freq);

static mp_obj_t pwm_duty(size_t n_args, const mp_obj_t *args) {
    pwm_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(get_duty_u16(self) >> (U16_BITS - U10_BITS));
    }
    set_duty_u10(self, mp_obj_get_int(args[1]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pwm_duty_obj, 1, 2, pwm_duty);

static mp_obj_t pwm_duty_u16(size_t n_args, const mp_obj_t *args) {
    pwm_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(get_duty_u16(self));
    }
    set_duty_u16(self, mp_obj_get_int(args[1]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pwm_duty_u16_obj, 1, 2, pwm_duty_u16);

static const mp_rom_map_elem_t pwm_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pwm_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_deinit), MP_ROM_PTR(&pwm_deinit_obj) },
    { MP_ROM_QSTR(MP_QSTR_freq), MP_ROM_PTR(&pwm_freq_obj) },
    { MP_ROM_QSTR(MP_QSTR_duty), MP_ROM_PTR(&pwm_duty_obj) },
    { MP_ROM_QSTR(MP_QSTR_duty_u16), MP_ROM_PTR(&pwm_duty_u16_obj) },
};
static MP_DEFINE_CONST_DICT(pwm_locals, pwm_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_pwm_type,
    MP_QSTR_PWM,
    MP_TYPE_FLAG_NONE,
    make_new, pwm_make_new,
    print, pwm_print,
    locals_dict, &pwm_locals
    );
