// Threads for a board with one thread: the GIL and the locks cost their calls, as on an ESP32, and never wait.

#include "py/mpthread.h"
#include "py/runtime.h"

static mp_state_thread_t *current_state;

mp_state_thread_t *mp_thread_get_state(void) {
    return current_state;
}

void mp_thread_set_state(mp_state_thread_t *state) {
    current_state = state;
}

mp_uint_t mp_thread_get_id(void) {
    return 1;
}

mp_uint_t mp_thread_create(void *(*entry)(void *), void *argument, size_t *stack_size) {
    mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("can't create thread"));
}

void mp_thread_start(void) {
}

void mp_thread_finish(void) {
}

void mp_thread_mutex_init(mp_thread_mutex_t *mutex) {
    mutex->locked = false;
}

int mp_thread_mutex_lock(mp_thread_mutex_t *mutex, int wait) {
    if (mutex->locked && !wait) {
        return 0;
    }
    mutex->locked = true;
    return 1;
}

void mp_thread_mutex_unlock(mp_thread_mutex_t *mutex) {
    mutex->locked = false;
}
