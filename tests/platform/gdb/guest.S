# Hart 0 goes to supervisor mode under Sv39, where 0xc0000000 is another name of 0x80000000, counts to 20 and ends the run with the count as its
# code. The other harts count their turns in machine mode.
    .option norvc
    .section .text.start, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, other_hart
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 8 << 60
    la t1, root
    srli t1, t1, 12
    or t0, t0, t1
    csrw satp, t0
    la t0, supervisor
    csrw mepc, t0
    li t0, 0x800                    # MPP: supervisor
    csrs mstatus, t0
    mret

    .globl supervisor
supervisor:
    li s1, 20
    la a1, counter
again:
    call count_up
    addi s1, s1, -1
    bnez s1, again
    ld a0, 0(a1)
    slli a0, a0, 16
    li t0, 0x3333                   # fail, with the count as the code
    or a0, a0, t0
    li t0, 0x00100000
    sw a0, 0(t0)
1:  j 1b

    .globl count_up
count_up:
    ld a0, 0(a1)
    addi a0, a0, 1
    sd a0, 0(a1)
    .globl counted
counted:
    div t1, a0, s1
    ret

    .globl other_hart
other_hart:
    la t2, turns
1:  ld t3, 0(t2)
    addi t3, t3, 1
    sd t3, 0(t2)
    j 1b

    .globl endless
endless:
    addi t4, t4, 1
    j endless

    .data
    .balign 4096
root:                               # entries of 1 GiB: D A G X W R V
    .dword 0 << 28 | 0xe7, 0, 0x80000 << 10 | 0xef, 0x80000 << 10 | 0xef
    .space 4096 - 32
    .balign 64
    .globl counter
counter:
    .dword 0
    .balign 64
    .globl turns
turns:
    .dword 0
