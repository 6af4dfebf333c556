// machine.UART over the second, shadow serial line; the first one is the REPL's. As in the esp32 port, bytes go through
// MicroPython's stream functions to one call of the driver. Nothing ever arrives.

#include "modmachine.h"

#include "peripherals.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

enum { REPL_PORT = 0, SHADOW_PORT = 1 };

typedef struct {
    mp_obj_base_t base;
    uint8_t port;
    uint8_t bits;
    uint8_t stop;
    int8_t parity;                  // -1: none, 0: even, 1: odd
    int8_t tx;
    int8_t rx;
    uint32_t baud;
} uart_obj_t;

void machine_uart_deinit_all(void) {
    hal_serial1_close();
}

static int pin_argument(mp_obj_t pin, int otherwise) {
    return pin == MP_OBJ_NULL ? otherwise : (int)machine_pin_get_number(pin);
}

// init(baudrate, bits, parity, stop, *, tx, rx, txbuf, rxbuf, timeout, timeout_char); an argument that is left out
// changes nothing. The last four have no effect on a line that is always ready and never brings anything.
static void init_uart(uart_obj_t *self, size_t n_args, const mp_obj_t *positional, mp_map_t *keywords) {
    enum { ARG_baudrate, ARG_bits, ARG_parity, ARG_stop, ARG_tx, ARG_rx };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_baudrate, MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_bits, MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_parity, MP_ARG_OBJ, { .u_obj = MP_OBJ_NULL } },
        { MP_QSTR_stop, MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_tx, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_obj = MP_OBJ_NULL } },
        { MP_QSTR_rx, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_obj = MP_OBJ_NULL } },
        { MP_QSTR_txbuf, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_timeout_char, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = -1 } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, positional, keywords, MP_ARRAY_SIZE(allowed), allowed, args);

    mp_int_t bits = args[ARG_bits].u_int ? args[ARG_bits].u_int : self->bits;
    if (bits < 5 || bits > 8) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid data bits"));
    }
    mp_int_t stop = args[ARG_stop].u_int ? args[ARG_stop].u_int : self->stop;
    if (stop < 1 || stop > 2) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid stop bits"));
    }
    mp_obj_t parity = args[ARG_parity].u_obj;
    if (parity != MP_OBJ_NULL) {
        self->parity = parity == mp_const_none ? -1 : mp_obj_get_int(parity) & 1;
    }
    self->tx = pin_argument(args[ARG_tx].u_obj, self->tx);
    self->rx = pin_argument(args[ARG_rx].u_obj, self->rx);
    self->bits = bits;
    self->stop = stop;
    if (args[ARG_baudrate].u_int > 0) {
        self->baud = args[ARG_baudrate].u_int;
    }
    hal_serial1_open(self->baud);
}

static mp_obj_t uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t port = mp_obj_get_int(args[0]);
    if (port == REPL_PORT) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d) is disabled (dedicated to REPL)"), (int)port);
    }
    if (port != SHADOW_PORT) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d) does not exist"), (int)port);
    }
    uart_obj_t *self = mp_obj_malloc(uart_obj_t, &machine_uart_type);
    self->port = port;
    self->bits = 8;
    self->stop = 1;
    self->parity = -1;
    self->tx = 10; // the defaults of an ESP32
    self->rx = 9;
    self->baud = 115200;
    mp_map_t keywords;
    mp_map_init_fixed_table(&keywords, n_kw, args + n_args);
    init_uart(self, n_args - 1, args + 1, &keywords);
    return MP_OBJ_FROM_PTR(self);
}

static void uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    static const char *const parities[] = { "None", "0", "1" };
    const uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "UART(%u, baudrate=%u, bits=%u, parity=%s, stop=%u, tx=%d, rx=%d)", self->port,
        (unsigned)self->baud, self->bits, parities[self->parity + 1], self->stop, self->tx, self->rx);
}

static mp_obj_t uart_init(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    init_uart(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, keywords);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(uart_init_obj, 1, uart_init);

static mp_obj_t uart_deinit(mp_obj_t self_in) {
    hal_serial1_close();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(uart_deinit_obj, uart_deinit);

static mp_obj_t uart_any(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_1(uart_any_obj, uart_any);

static mp_obj_t uart_txdone(mp_obj_t self_in) {
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_1(uart_txdone_obj, uart_txdone);

static mp_uint_t uart_read(mp_obj_t self_in, void *bytes, mp_uint_t count, int *error) {
    if (count == 0) {
        return 0;
    }
    *error = MP_EAGAIN;
    return MP_STREAM_ERROR;
}

static mp_uint_t uart_write(mp_obj_t self_in, const void *bytes, mp_uint_t count, int *error) {
    int written = hal_serial1_write(bytes, count);
    if (written < 0) {
        *error = MP_EAGAIN; // also where the line is closed: write() then returns None
        return MP_STREAM_ERROR;
    }
    return written;
}

static mp_uint_t uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t argument, int *error) {
    if (request == MP_STREAM_POLL) {
        return argument & MP_STREAM_POLL_WR;
    }
    if (request == MP_STREAM_FLUSH) {
        return 0;
    }
    *error = MP_EINVAL;
    return MP_STREAM_ERROR;
}

static const mp_rom_map_elem_t uart_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&uart_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_deinit), MP_ROM_PTR(&uart_deinit_obj) },
    { MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&mp_stream_flush_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read1_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&mp_stream_unbuffered_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write1_obj) },
    { MP_ROM_QSTR(MP_QSTR_any), MP_ROM_PTR(&uart_any_obj) },
    { MP_ROM_QSTR(MP_QSTR_txdone), MP_ROM_PTR(&uart_txdone_obj) },
};
static MP_DEFINE_CONST_DICT(uart_locals, uart_locals_table);

static const mp_stream_p_t uart_stream = {
    .read = uart_read,
    .write = uart_write,
    .ioctl = uart_ioctl,
};

MP_DEFINE_CONST_OBJ_TYPE(
    machine_uart_type,
    MP_QSTR_UART,
    MP_TYPE_FLAG_ITER_IS_STREAM,
    make_new, uart_make_new,
    print, uart_print,
    protocol, &uart_stream,
    locals_dict, &uart_locals
    );
