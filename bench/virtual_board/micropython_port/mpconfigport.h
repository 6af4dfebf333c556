// Configuration of MicroPython for the virtual board. It follows the esp32 port wherever a setting makes programs
// faster, slower or hungrier, since the virtual board stands for an ESP32.

#include <alloca.h>
#include <stdint.h>
#include <sys/types.h>

#define MICROPY_CONFIG_ROM_LEVEL                (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// ---- As in the esp32 port

#define MICROPY_OBJ_REPR                        (MICROPY_OBJ_REPR_A)
#define MICROPY_LONGINT_IMPL                    (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL                      (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_OPT_COMPUTED_GOTO               (1)
#define MICROPY_PERSISTENT_CODE_LOAD            (1)
#define MICROPY_ENABLE_GC                       (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF  (1)
#define MICROPY_ERROR_REPORTING                 (MICROPY_ERROR_REPORTING_NORMAL)
#define MICROPY_WARNINGS                        (1)
#define MICROPY_STREAMS_POSIX_API               (1)
#define MICROPY_USE_INTERNAL_ERRNO              (0)
#define MICROPY_USE_INTERNAL_PRINTF             (0)
#define MICROPY_SCHEDULER_DEPTH                 (8)
#define MICROPY_ALLOC_PATH_MAX                  (128)
#define MICROPY_PY_STR_BYTES_CMP_WARN           (1)
#define MICROPY_PY_ALL_INPLACE_SPECIAL_METHODS  (1)
#define MICROPY_PY_IO_BUFFEREDWRITER            (1)

// The VM gives up and takes back the GIL every 32 jumps, as on the ESP32, though no second thread exists here.
#define MICROPY_PY_THREAD                       (1)
#define MICROPY_PY_THREAD_GIL                   (1)
#define MICROPY_PY_THREAD_GIL_VM_DIVISOR        (32)

// ---- Memory. The heap decides how often the garbage collector runs, so sizes are those of the real chips without
// PSRAM. The heap starts small; when it is full, an area as large as all before is added, or what is left.
//   ESP32:    56 KB, then 56 KB and 52 KB. What is left for the heap after start-up is one block of 110592 bytes
//             ("max new split" in MicroPython pull request 12952; 53248 after the first growth in issue 18859).
//   ESP32-C3: 64 KB, then 64 KB and 72 KB: one block of 139264 bytes ("max new split" in MicroPython issue 14293).
// The stack is that of the esp32 port's main task, with its margins.

#define MICROPY_GC_SPLIT_HEAP                   (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO              (1)
#define MICROPY_TASK_STACK_SIZE                 (16 * 1024)

#ifdef __riscv_flen // ESP32
#define MICROPY_GC_INITIAL_HEAP_SIZE            (56 * 1024)
#define MICROPY_SYSTEM_HEAP_SIZE                (108 * 1024)
#define MICROPY_STACK_CHECK_MARGIN              (1024)
#define MICROPY_HW_MCU_NAME                     "QEMU RV32IMFC"
#else // ESP32-C3
#define MICROPY_GC_INITIAL_HEAP_SIZE            (64 * 1024)
#define MICROPY_SYSTEM_HEAP_SIZE                (136 * 1024)
#define MICROPY_STACK_CHECK_MARGIN              (2048)
#define MICROPY_HW_MCU_NAME                     "QEMU RV32IMC"
#endif

void *system_heap_alloc(size_t size);
void system_heap_free(void *start);
#define MP_PLAT_ALLOC_HEAP(size)                system_heap_alloc(size)
#define MP_PLAT_FREE_HEAP(start)                system_heap_free(start)

// ---- RISC-V (py/nlr.h chooses its own exception handling for RV32; setjmp crashes with native code and `try`)

#define MICROPY_EMIT_RV32                       (1)
#define MICROPY_EMIT_INLINE_RV32                (1)

// ---- The board. Modules of extmod/ are off: the source package has no extmod/. `time` and `machine` are the port's.

#define MICROPY_HW_BOARD_NAME                   VIRTUAL_BOARD_PROFILE
#define MICROPY_PY_SYS_PLATFORM                 VIRTUAL_BOARD_PROFILE

#define MICROPY_VFS                             (0)
#define MICROPY_PY_ASYNCIO                      (0)
#define MICROPY_PY_BINASCII                     (0)
#define MICROPY_PY_DEFLATE                      (0)
#define MICROPY_PY_FRAMEBUF                     (0)
#define MICROPY_PY_HASHLIB                      (0)
#define MICROPY_PY_HEAPQ                        (0)
#define MICROPY_PY_JSON                         (0)
#define MICROPY_PY_MACHINE                      (0)
#define MICROPY_PY_OS                           (0)
#define MICROPY_PY_PLATFORM                     (0)
#define MICROPY_PY_RANDOM                       (0)
#define MICROPY_PY_RE                           (0)
#define MICROPY_PY_SELECT                       (0)
#define MICROPY_PY_TIME                         (0)
#define MICROPY_PY_UCTYPES                      (0)

#define MP_STATE_PORT                           MP_STATE_VM
#define MP_SSIZE_MAX                            (0x7fffffff)

typedef long mp_off_t;
