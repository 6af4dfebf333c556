// machine._mpy(data): the function that executes a .mpy, loaded as `import` does it from a file. The board has no files.

#include "modmachine.h"

#include "py/emitglue.h"
#include "py/persistentcode.h"
#include "py/runtime.h"

// The names of the module go where the names of the code that calls this go, as those of exec(compile(...)) do.
static mp_obj_t machine_mpy(mp_obj_t data_in) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    mp_module_context_t *context = m_new_obj(mp_module_context_t);
    context->module.base.type = &mp_type_module;
    context->module.globals = mp_globals_get();
    mp_compiled_module_t compiled;
    compiled.context = context;
    mp_raw_code_load_mem(data.buf, data.len, &compiled);
    return mp_make_function_from_proto_fun(compiled.rc, context, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_1(machine_mpy_obj, machine_mpy);
