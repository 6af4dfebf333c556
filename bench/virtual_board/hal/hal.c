#include "hal.h"

// Registers of QEMU's `virt` machine.
#define REG8(address)  (*(volatile uint8_t *)(address))
#define REG32(address) (*(volatile uint32_t *)(address))

#define TEST_DEVICE REG32(0x00100000)
#define TEST_PASS   0x5555u
#define TEST_FAIL   0x3333u
#define TEST_RESET  0x7777u

#define MTIMECMP_LOW  REG32(0x02004000)
#define MTIMECMP_HIGH REG32(0x02004004)
#define MTIME_PER_US  10u

#define PLIC_PRIORITY(irq) REG32(0x0c000000 + 4 * (irq))
#define PLIC_ENABLE        REG32(0x0c002000)
#define PLIC_THRESHOLD     REG32(0x0c200000)
#define PLIC_CLAIM         REG32(0x0c200004)
#define UART_IRQ           10u

#define UART_DATA REG8(0x10000000)  // 16550; the divisor while LCR bit 7 is set
#define UART_IER  REG8(0x10000001)
#define UART_FCR  REG8(0x10000002)
#define UART_LCR  REG8(0x10000003)
#define UART_LSR  REG8(0x10000005)
#define IER_RX_AVAILABLE 0x01
#define LSR_DATA_READY   0x01
#define LSR_TX_EMPTY     0x20

#define MSTATUS_MIE      (1u << 3)
#define MIE_TIMER        (1u << 7)
#define MIE_EXTERNAL     (1u << 11)
#define MCAUSE_EXTERNAL  0x8000000bu

#define CSR_SET(csr, bits)   __asm__ volatile ("csrs " #csr ", %0" :: "r" (bits) : "memory")
#define CSR_CLEAR(csr, bits) __asm__ volatile ("csrc " #csr ", %0" :: "r" (bits) : "memory")

struct hal_gpio hal_gpio;

// ---- Counters

uint64_t hal_ticks64(void) {
    uint32_t high, low, high_again;
    do {
        __asm__ volatile ("rdinstreth %0\n rdinstret %1\n rdinstreth %2" : "=r" (high), "=r" (low), "=r" (high_again));
    } while (high != high_again);
    return (uint64_t)high << 32 | low;
}

static uint64_t mtime(void) {
    uint32_t high, low, high_again;
    do {
        __asm__ volatile ("rdtimeh %0\n rdtime %1\n rdtimeh %2" : "=r" (high), "=r" (low), "=r" (high_again));
    } while (high != high_again);
    return (uint64_t)high << 32 | low;
}

uint64_t hal_micros(void) {
    return mtime() / MTIME_PER_US;
}

// ---- Serial line

#define RING_SIZE 1024u             // a power of two; MicroPython's raw paste has at most 256 bytes under way

static volatile uint8_t ring[RING_SIZE];
static volatile uint32_t ring_head; // written by the interrupt; both count up for ever
static volatile uint32_t ring_tail; // written by the reader
static volatile bool receiver_paused;

__attribute__((weak)) bool hal_uart_received(uint8_t byte) {
    (void)byte;
    return false;
}

static void uart_interrupt(void) {
    while (UART_LSR & LSR_DATA_READY) {
        if (ring_head - ring_tail == RING_SIZE) {
            receiver_paused = true; // the bytes wait in the UART, and behind it in the host's socket
            UART_IER = 0;
            return;
        }
        uint8_t byte = UART_DATA;
        if (!hal_uart_received(byte)) {
            ring[ring_head % RING_SIZE] = byte;
            ring_head = ring_head + 1;
        }
    }
}

bool hal_uart_readable(void) {
    return ring_head != ring_tail;
}

int hal_uart_read(void) {
    if (!hal_uart_readable()) {
        return -1;
    }
    uint8_t byte = ring[ring_tail % RING_SIZE];
    ring_tail = ring_tail + 1;
    if (receiver_paused) {
        receiver_paused = false;    // before the interrupt may come and set it again
        UART_IER = IER_RX_AVAILABLE;
    }
    return byte;
}

void hal_uart_write(const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    for (; count > 0; count--) {
        while (!(UART_LSR & LSR_TX_EMPTY)) {
        }
        UART_DATA = *next++;
    }
}

// With interrupts masked, wfi still ends when one is pending: so none is lost between the test and the wfi.
void hal_wait_for_input(void) {
    CSR_CLEAR(mstatus, MSTATUS_MIE);
    if (!hal_uart_readable()) {
        __asm__ volatile ("wfi");
    }
    CSR_SET(mstatus, MSTATUS_MIE);
}

// ---- Sleep

// While the board idles, QEMU's clock jumps to mtimecmp, so a far value must never be there, not even between
// the two halves of a write: the old value is 0, hence the low word goes first here ...
static void arm_timer(uint64_t deadline) {
    MTIMECMP_LOW = (uint32_t)deadline;
    MTIMECMP_HIGH = (uint32_t)(deadline >> 32);
    CSR_SET(mie, MIE_TIMER);
}

// ... and last here, where the value goes back to the past.
static void disarm_timer(void) {
    CSR_CLEAR(mie, MIE_TIMER);
    MTIMECMP_HIGH = 0;
    MTIMECMP_LOW = 0;
}

void hal_sleep_us(uint64_t us) {
    uint64_t deadline = mtime() + us * MTIME_PER_US;
    while (mtime() < deadline) {
        CSR_CLEAR(mstatus, MSTATUS_MIE);
        arm_timer(deadline);
        __asm__ volatile ("wfi");
        disarm_timer();
        CSR_SET(mstatus, MSTATUS_MIE);  // a received byte is taken here; the timer only ended the wfi
    }
}

// ---- End of the program, and reports that need no working program

void hal_exit(int code) {
    TEST_DEVICE = code == 0 ? TEST_PASS : TEST_FAIL | (uint32_t)code << 16;
    for (;;) {
    }
}

void hal_reset(void) {
    TEST_DEVICE = TEST_RESET;
    for (;;) {
    }
}

static uint32_t crc16_xmodem(const char *text) {
    uint32_t crc = 0;
    for (; *text; text++) {
        crc ^= (uint32_t)(uint8_t)*text << 8;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
        }
    }
    return crc & 0xffff;
}

static char *append(char *end, const char *text) {
    while (*text) {
        *end++ = *text++;
    }
    *end = 0;
    return end;
}

static char *append_hex(char *end, uint32_t value, int digits) {
    while (digits-- > 0) {
        *end++ = "0123456789ABCDEF"[value >> 4 * digits & 15];
    }
    *end = 0;
    return end;
}

// Prints one line of the wire protocol: `@B1 <payload> *<length><crc>`.
static void print_framed(const char *payload, size_t length) {
    char trailer[16];
    char *end = append_hex(append(trailer, " *"), length, 4);
    end = append(append_hex(end, crc16_xmodem(payload), 4), "\r\n");
    hal_uart_write("@B1 ", 4);
    hal_uart_write(payload, length);
    hal_uart_write(trailer, end - trailer);
}

static HAL_NORETURN void die_of_trap(uint32_t cause, uint32_t pc, uint32_t value) {
    char payload[128];
    char *end = append_hex(append(payload, "error code=exception message=trap%20cause%20"), cause, 8);
    end = append_hex(append(end, "%20at%20"), pc, 8);
    end = append_hex(append(end, "%20value%20"), value, 8);
    print_framed(payload, end - payload);
    hal_exit(HAL_EXIT_TRAP);
}

// Called by start.S on the interrupt stack.
void hal_trap(uint32_t cause, uint32_t pc, uint32_t value) {
    if (cause != MCAUSE_EXTERNAL) {
        die_of_trap(cause, pc, value);
    }
    uint32_t irq = PLIC_CLAIM;
    uart_interrupt();
    PLIC_CLAIM = irq;
}

// ---- Self-test and start

static uint32_t ticks_between_two_reads(void) {
    uint32_t first, second;
    __asm__ volatile ("rdinstret %0\n rdinstret %1" : "=r" (first), "=r" (second));
    return second - first;
}

static uint32_t ticks_of_loop(uint32_t count) { // 2 * count + 1
    uint32_t first, second;
    __asm__ volatile (
        "rdinstret %0\n"
        "1: addi %2, %2, -1\n"
        "bnez %2, 1b\n"
        "rdinstret %1"
        : "=&r" (first), "=r" (second), "+&r" (count));
    return second - first;
}

// Virtual time has to go on by one nanosecond an instruction: the coarse clock tells how often the fine one wrapped.
static bool time_agrees_with_ticks(void) {
    uint64_t start = mtime();
    uint32_t ticks = ticks_of_loop(500000);
    uint32_t elapsed = mtime() - start;
    uint32_t expected = ticks / (HAL_CLOCK_HZ / 1000000u / MTIME_PER_US);
    return elapsed >= expected && elapsed <= expected + 2;
}

bool hal_selftest(void) {
    uint32_t mstatus;               // an interrupt inside a counted part would add to it
    __asm__ volatile ("csrrc %0, mstatus, %1" : "=r" (mstatus) : "r" (MSTATUS_MIE) : "memory");
    bool exact = ticks_between_two_reads() == 1;
    for (uint32_t count = 1; count <= 100000; count *= 10) {
        exact = exact && ticks_of_loop(count) == 2 * count + 1;
    }
    exact = exact && time_agrees_with_ticks();
    CSR_SET(mstatus, mstatus & MSTATUS_MIE);
    return exact;
}

static void uart_init(void) {
    UART_LCR = 0x80;
    UART_DATA = 1;                  // divisor: short, since the time-out of the FIFO runs on virtual time
    UART_IER = 0;
    UART_LCR = 0x03;                // 8N1
    UART_FCR = 0xc7;                // FIFOs on and empty, interrupt at 14 bytes or after a pause: QEMU then hands over
                                    // 14 bytes at a time, which halves the time that sending a script takes
    UART_IER = IER_RX_AVAILABLE;
}

void hal_init(void) {
    uart_init();
    PLIC_PRIORITY(UART_IRQ) = 1;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0;
    if (!hal_selftest()) {
        static const char payload[] = "error code=selftest message=instructions%20are%20not%20counted%20exactly%3B"
            "%20start%20QEMU%20with%20-icount%20shift%3D0,sleep%3Doff";
        print_framed(payload, sizeof(payload) - 1);
        hal_exit(HAL_EXIT_SELFTEST);
    }
    CSR_SET(mie, MIE_EXTERNAL);
    CSR_SET(mstatus, MSTATUS_MIE);
}
