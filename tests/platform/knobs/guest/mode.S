# Machine mode stays: where start.S hands a hart on, and the way in and out of every trap. Stacks are mapped to themselves.
    .option norvc
    .section .text

# enter_supervisor(argument, where): machine mode, traps go to trap() from here on. The name is start.S's.
    .globl enter_supervisor
enter_supervisor:
    la t0, trap_entry
    csrw mtvec, t0
    csrw medeleg, zero
    csrw mideleg, zero
    li t0, 7                        # cycle, time, instret
    csrw mcounteren, t0
    csrw scounteren, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f                     # NAPOT over everything: R, W, X
    csrw pmpcfg0, t0
    jr a1

    .balign 4
trap_entry:
    addi sp, sp, -256
    .irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    sd x\n, (8 * \n)(sp)
    .endr
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    mv a3, a7
    call handle_trap
    csrw mepc, a0
    .irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    ld x\n, (8 * \n)(sp)
    .endr
    addi sp, sp, 256
    mret
