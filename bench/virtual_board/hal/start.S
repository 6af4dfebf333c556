# Entry point and trap entry of the virtual board, for both languages.
# QEMU has already placed .text, .rodata and .data in RAM, so nothing is copied here.

    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax                     # gp cannot be relaxed against itself
    la      gp, __global_pointer$
    .option pop
    la      sp, __stack_top
    la      tp, __tls_base

    la      t0, trap_entry
    csrw    mtvec, t0
    la      t0, __irq_stack_top
    csrw    mscratch, t0
#ifdef __riscv_flen
    li      t0, 1 << 13                 # mstatus.FS = initial: the FPU is usable
    csrs    mstatus, t0
    fscsr   zero                        # round to nearest, no sticky flags
#endif

    la      t0, __bss_start             # cleared here, since machine.reset() starts over in used RAM
    la      t1, __bss_end
    bgeu    t0, t1, 2f
1:  sw      zero, 0(t0)
    addi    t0, t0, 4
    bltu    t0, t1, 1b
2:
    call    hal_clear_stack

    la      s0, __init_array_start      # C++ static constructors
    la      s1, __init_array_end
3:  bgeu    s0, s1, 4f
    lw      t0, 0(s0)
    addi    s0, s0, 4
    jalr    t0
    j       3b
4:  call    main
    tail    hal_exit

# void hal_clear_stack(void): zeroes the stack below the caller's frame. A conservative garbage collector
# sees whatever earlier calls left there, so a known content makes its work repeat exactly.
    .section .text.hal_clear_stack, "ax"
    .globl hal_clear_stack
    .type hal_clear_stack, @function
hal_clear_stack:
    la      t0, __stack_bottom
1:  bgeu    t0, sp, 2f
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       1b
2:  ret
    .size hal_clear_stack, . - hal_clear_stack

# Traps run on a stack of their own, so that an interrupt leaves no words on the program's stack.
# Only integer registers are saved: nothing reached from hal_trap() uses the FPU.
    .section .text.trap_entry, "ax"
    .balign 4
    .type trap_entry, @function
trap_entry:
    csrrw   sp, mscratch, sp
    addi    sp, sp, -64
    sw      ra,  0(sp)
    sw      t0,  4(sp)
    sw      t1,  8(sp)
    sw      t2, 12(sp)
    sw      t3, 16(sp)
    sw      t4, 20(sp)
    sw      t5, 24(sp)
    sw      t6, 28(sp)
    sw      a0, 32(sp)
    sw      a1, 36(sp)
    sw      a2, 40(sp)
    sw      a3, 44(sp)
    sw      a4, 48(sp)
    sw      a5, 52(sp)
    sw      a6, 56(sp)
    sw      a7, 60(sp)
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    call    hal_trap
    lw      ra,  0(sp)
    lw      t0,  4(sp)
    lw      t1,  8(sp)
    lw      t2, 12(sp)
    lw      t3, 16(sp)
    lw      t4, 20(sp)
    lw      t5, 24(sp)
    lw      t6, 28(sp)
    lw      a0, 32(sp)
    lw      a1, 36(sp)
    lw      a2, 40(sp)
    lw      a3, 44(sp)
    lw      a4, 48(sp)
    lw      a5, 52(sp)
    lw      a6, 56(sp)
    lw      a7, 60(sp)
    addi    sp, sp, 64
    csrrw   sp, mscratch, sp
    mret
    .size trap_entry, . - trap_entry
