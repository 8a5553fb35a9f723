# Loads that are timed from within. All are free of addresses, so that they run wherever they are copied to.

    .section .text
    .balign 64
# a0: a chain's first link, each of which holds the address of the next; a1: how many blocks of 64 links. Returns cycles
# and the link that comes next.
    .globl chase, chase_end
chase:
    fence
    rdcycle t5
1:  .rept 64
    ld a0, 0(a0)
    .endr
    addi a1, a1, -1
    bnez a1, 1b
    mv a1, a0                       # waits for the last one
    rdcycle t6
    sub a0, t6, t5
    ret
chase_end:

    .balign 64
# a0 and a1: two chains, followed at the same time; a2: how many blocks of 32 links of each. Returns cycles.
    .globl chase_two
chase_two:
    fence
    rdcycle t5
1:  .rept 32
    ld a0, 0(a0)
    ld a1, 0(a1)
    .endr
    addi a2, a2, -1
    bnez a2, 1b
    add a0, a0, a1
    rdcycle t6
    sub a0, t6, t5
    ret

    .balign 64
# a0 and a1: addresses. Loads from the first, then returns the cycles of a load from the second, and those that counting
# them takes.
    .globl load_after
load_after:
    ld a0, 0(a0)
    mv a0, a0                       # waits for it
    fence
    rdcycle t5
    ld t0, 0(a1)
    add t0, t0, t0
    rdcycle t6
    sub a0, t6, t5
    ret
