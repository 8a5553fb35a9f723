# Other harts stay in machine mode: no paging, no supervisor.
    .section .text
    .globl enter_supervisor
enter_supervisor:
    jr a1

    .balign 64
# a0: address; a1: lines. Reads all their words; no load waits for another one, and nothing waits for one but the end.
    .globl read_lines
read_lines:
    ld t0, 0(a0)
    ld t0, 8(a0)
    ld t0, 16(a0)
    ld t0, 24(a0)
    ld t0, 32(a0)
    ld t0, 40(a0)
    ld t0, 48(a0)
    ld t1, 56(a0)
    addi a0, a0, 64
    addi a1, a1, -1
    bnez a1, read_lines
    add t0, t0, t1
    ret
