# Where every hart starts (M mode, a0 hart, a1 device tree) and how it gets to supervisor mode under Sv39.
    .option norvc
    .section .text.start, "ax"
    .globl _start
_start:
    csrr s0, minstret               # machines count differently before this point
    csrw mie, zero
    csrci mstatus, 8
    la t0, machine_trap
    csrw mtvec, t0
    bnez a0, secondary

    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la t0, guest_bss
    la t1, guest_bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la sp, stacks + 8192            # M mode's use of the stack ends before S mode's begins
    mv a0, a1
    mv a1, s0
    call machine_main               # page tables
    li a0, 0
    la a1, supervisor_main
    la sp, stacks + 8192
    j enter_supervisor

# The other harts sleep, for good unless the guest has work for them and hart 0 rings.
secondary:
    la t0, secondary_entry
    ld t0, 0(t0)
    li t1, 64
    bgeu a0, t1, park
    beqz t0, park
    li t1, 8                        # mie.MSIE
    csrw mie, t1
1:  wfi
    csrr t1, mip
    andi t1, t1, 8
    beqz t1, 1b
    csrw mie, zero
    li t1, 0x02000000
    slli t2, a0, 2
    add t1, t1, t2
    sw zero, 0(t1)
    fence
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stacks + 8192
    slli t2, a0, 13
    add sp, sp, t2
    mv a1, t0

# a0 hart (handed on), a1 where to go on, sp its stack. Never returns.
enter_supervisor:
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f                     # NAPOT over everything: R, W, X
    csrw pmpcfg0, t0
    csrw medeleg, zero
    csrw mideleg, zero
    li t0, 7                        # cycle, time, instret
    csrw mcounteren, t0
    li t0, 0x7800                   # MPP and FS
    csrc mstatus, t0
    li t0, 0x2800                   # MPP = S, FS = initial
    csrs mstatus, t0
    la t0, root_table
    srli t0, t0, 12
    li t1, 8 << 60                  # Sv39
    or t0, t0, t1
    csrw satp, t0
    sfence.vma
    csrw mepc, a1
    mret

    .balign 4
machine_trap:
    la sp, stacks + 8192
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call machine_fault

    .globl park
park:
    csrw mie, zero
    wfi
    j park

    .weak secondary_main
    .section .rodata
    .balign 8
secondary_entry:
    .dword secondary_main

    .section .bss.arena, "aw", @nobits
    .balign 4096
    .globl stacks
stacks:
    .space 64 * 8192                # one a hart, growing down
