# Where every hart starts: M mode, a0 hart, a1 device tree. Hart 0 goes on in machine_main(tree, instructions before the first), which never
# returns; the others sleep until they are rung, for good in a guest without work for them.
    .option norvc
    .section .text.start, "ax"
    .globl _start
_start:
    csrr s0, minstret               # machines count differently before this point
    csrw mie, zero
    csrci mstatus, 8
    la t0, machine_trap
    csrw mtvec, t0
    li t0, 0x2000                   # FS = initial
    csrs mstatus, t0
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    bnez a0, secondary

    la t0, guest_bss
    la t1, guest_bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la sp, stacks + 8192
    mv a0, a1
    mv a1, s0
    call machine_main

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
    la sp, stacks + 8192
    slli t2, a0, 13
    add sp, sp, t2
    mv a1, t0
    j enter_supervisor

    .balign 4
machine_trap:
    la sp, stacks + 8192
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call machine_fault

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
stacks:
    .space 64 * 8192                # one a hart, growing down
