# hops(pages, steps, window) -> cycles: runs through `pages` pages from `window` on in turn, all of them hop_page, `steps` steps in all. Every step
# is a return that the return stack cannot foresee, so that only translation can make one dearer than another.
    .option norvc
    .section .text
    .globl hops
hops:
    mv t4, ra
    mv t3, a0
    li a3, 0
    la a5, 1f
    mv ra, a2
    fence
    rdcycle t5
    ret
1:  rdcycle t6
    sub a0, t6, t5
    jr t4

    .balign 4096
    .globl hop_page
hop_page:                           # a3 = (a3 + 1) mod pages, without a branch
    addi a3, a3, 1
    sltu t0, a3, t3
    neg t0, t0
    and a3, a3, t0
    slli t1, a3, 12
    add ra, a2, t1
    addi a1, a1, -1
    beqz a1, 1f
    ret
1:  jr a5
    .balign 4096
