// Every hart prints its number in turn: hart 0 wakes hart 1 by its machine software interrupt, and so on; then hart 0's
// machine timer goes off at a time of day and the run passes. Proves who is wired to whom.
    .section .text.start
    .globl _start
_start:
    mv s0, a0          // who am I
    la t0, trap
    csrw mtvec, t0
    li s1, 0x2000000   // CLINT
    la s2, harts       // how many came here
    li t1, 1
    amoadd.w t1, t1, (s2)
    li t0, 1 << 3
    csrw mie, t0
    csrsi mstatus, 8
    bnez s0, sleep
1:  lw t1, 0(s2)       // all four are here
    li t2, 4
    bne t1, t2, 1b
    li t0, 1
    sw t0, 0(s1)       // to myself
sleep:
    wfi
    j sleep

    .balign 4
trap:
    csrr t0, mcause
    andi t1, t0, 0xf
    li t2, 7
    beq t1, t2, timer
    slli t2, s0, 2
    add t2, t2, s1
    sw zero, 0(t2)     // my MSIP
    li t0, 0x10000000
1:  lbu t1, 5(t0)      // room in the transmitter
    andi t1, t1, 0x20
    beqz t1, 1b
    addi t1, s0, '0'
    sb t1, 0(t0)
    addi t1, s0, 1
    li t2, 4
    beq t1, t2, last
    slli t1, t1, 2
    add t1, t1, s1
    li t2, 1
    sw t2, 0(t1)       // the next one's MSIP
    mret
last:                  // the timer of the last hart, 1 ms from now
    li t0, 0x200bff8
    ld t1, 0(t0)
    li t2, 10000
    add t1, t1, t2
    li t0, 0x2004000
    slli t2, s0, 3
    add t0, t0, t2
    sd t1, 0(t0)
    li t0, 1 << 7
    csrw mie, t0
    mret
timer:
    li t0, 0x10000000
    li t1, '!'
    sb t1, 0(t0)
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  wfi
    j 1b
    .data
    .balign 4
harts: .word 0
