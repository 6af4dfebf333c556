// machine.ADC over the shadow converter. As in the esp32 port, the objects are constants in a table, one for every
// channel, and a reading passes from the method through the converter's block to the driver.

#include "modmachine.h"

#include "peripherals.h"
#include "py/mphal.h"
#include "py/runtime.h"

#define FULL_SCALE_UV 1100000u      // at 0 dB, without a calibration

typedef struct {
    int bits;
} adc_block_t;

typedef struct {
    mp_obj_base_t base;
    adc_block_t *block;
    uint8_t channel;
    uint8_t pin;
} adc_obj_t;

static adc_block_t block = { HAL_ADC_BITS };
static uint8_t attenuations[HAL_ADC_CHANNELS];

static const adc_obj_t adcs[HAL_ADC_CHANNELS] = {
    { { &machine_adc_type }, &block, 0, 0 },
    { { &machine_adc_type }, &block, 1, 1 },
    { { &machine_adc_type }, &block, 2, 2 },
    { { &machine_adc_type }, &block, 3, 3 },
    { { &machine_adc_type }, &block, 4, 4 },
};

static const adc_obj_t *find_adc(unsigned pin) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(adcs); i++) {
        if (adcs[i].pin == pin) {
            return &adcs[i];
        }
    }
    mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
}

static void set_attenuation(const adc_obj_t *self, mp_int_t attenuation) {
    if (!hal_adc_set_attenuation(self->channel, attenuation)) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid atten"));
    }
    attenuations[self->channel] = attenuation;
}

// init(*, atten)
static void init_adc(const adc_obj_t *self, size_t n_args, const mp_obj_t *positional, mp_map_t *keywords) {
    enum { ARG_atten };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_atten, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, positional, keywords, MP_ARRAY_SIZE(allowed), allowed, args);
    set_attenuation(self, args[ARG_atten].u_int == -1 ? 0 : args[ARG_atten].u_int);
}

static mp_obj_t adc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    const adc_obj_t *self = find_adc(machine_pin_get_number(args[0]));
    mp_map_t keywords;
    mp_map_init_fixed_table(&keywords, n_kw, args + n_args);
    init_adc(self, n_args - 1, args + 1, &keywords);
    return MP_OBJ_FROM_PTR(self);
}

static void adc_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    const adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "ADC(Pin(%u), atten=%u)", self->pin, attenuations[self->channel]);
}

static MP_NOINLINE mp_int_t read_raw(const adc_block_t *block, unsigned channel) {
    return hal_adc_read(channel);
}

static mp_obj_t adc_init(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    init_adc(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, keywords);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(adc_init_obj, 1, adc_init);

// The upper bits are repeated below the lowest one, so that full scale gives 65535.
static mp_obj_t adc_read_u16(mp_obj_t self_in) {
    const adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_uint_t raw = read_raw(self->block, self->channel);
    int bits = self->block->bits;
    return MP_OBJ_NEW_SMALL_INT(raw << (16 - bits) | raw >> (2 * bits - 16));
}
static MP_DEFINE_CONST_FUN_OBJ_1(adc_read_u16_obj, adc_read_u16);

static mp_obj_t adc_read_uv(mp_obj_t self_in) {
    const adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_uint_t raw = read_raw(self->block, self->channel);
    return MP_OBJ_NEW_SMALL_INT((uint64_t)raw * FULL_SCALE_UV >> self->block->bits);
}
static MP_DEFINE_CONST_FUN_OBJ_1(adc_read_uv_obj, adc_read_uv);

static mp_obj_t adc_atten(mp_obj_t self_in, mp_obj_t attenuation) {
    set_attenuation(MP_OBJ_TO_PTR(self_in), mp_obj_get_int(attenuation));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(adc_atten_obj, adc_atten);

static mp_obj_t adc_read(mp_obj_t self_in) {
    const adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(read_raw(self->block, self->channel));
}
static MP_DEFINE_CONST_FUN_OBJ_1(adc_read_obj, adc_read);

static const mp_rom_map_elem_t adc_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&adc_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_read_u16), MP_ROM_PTR(&adc_read_u16_obj) },
    { MP_ROM_QSTR(MP_QSTR_read_uv), MP_ROM_PTR(&adc_read_uv_obj) },
    { MP_ROM_QSTR(MP_QSTR_atten), MP_ROM_PTR(&adc_atten_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&adc_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_ATTN_0DB), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_ATTN_2_5DB), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_ATTN_6DB), MP_ROM_INT(2) },
    { MP_ROM_QSTR(MP_QSTR_ATTN_11DB), MP_ROM_INT(3) },
};
static MP_DEFINE_CONST_DICT(adc_locals, adc_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_adc_type,
    MP_QSTR_ADC,
    MP_TYPE_FLAG_NONE,
    make_new, adc_make_new,
    print, adc_print,
    locals_dict, &adc_locals
    );
