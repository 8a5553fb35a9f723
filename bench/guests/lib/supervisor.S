# enter_supervisor: from machine mode to supervisor mode under the Sv39 tables at root_table. a0 is handed on, a1 is where to go on; the stack
# stays. Never returns.
    .section .text
    .globl enter_supervisor
enter_supervisor:
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f                     # NAPOT over everything: R, W, X
    csrw pmpcfg0, t0
    csrw medeleg, zero
    csrw mideleg, zero
    li t0, 7                        # cycle, time, instret
    csrw mcounteren, t0
    li t0, 0x1800
    csrc mstatus, t0
    li t0, 0x0800                   # MPP = S
    csrs mstatus, t0
    la t0, root_table
    srli t0, t0, 12
    li t1, 8 << 60                  # Sv39
    or t0, t0, t1
    csrw satp, t0
    sfence.vma
    csrw mepc, a1
    mret
