// MicroPython on the virtual board: start, REPL, soft reset.

#include "modmachine.h"

#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"

static char first_heap_area[MICROPY_GC_INITIAL_HEAP_SIZE] __attribute__((aligned(16)));

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

void nlr_jump_fail(void *exception) {
    mp_hal_stdout_tx_str("FATAL: exception without handler\r\n");
    hal_exit(HAL_EXIT_TRAP);
}

// Ends when the user asks for a soft reset (Ctrl-D, machine.soft_reset(), sys.exit()).
static void run_repl(void) {
    int exit_code = 0;
    while (exit_code == 0) {
        if (pyexec_mode_kind == PYEXEC_MODE_RAW_REPL) {
            exit_code = pyexec_raw_repl();
        } else {
            exit_code = pyexec_friendly_repl();
        }
    }
}

int main(void) {
    hal_init();
    mp_thread_set_state(&mp_state_ctx.thread);
    for (;;) {
        hal_clear_stack(); // a soft reset starts with the same stack as power-on
        mp_cstack_init_with_sp_here(MICROPY_TASK_STACK_SIZE);
        gc_init(first_heap_area, first_heap_area + sizeof(first_heap_area));
        mp_init();
        readline_init0();
        run_repl();
        machine_pwm_deinit_all();
        machine_uart_deinit_all();
        gc_sweep_all();
        mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
        mp_deinit();
    }
}
