# Runs of instructions that each show one parameter; functions of a0 = rounds, result in a0.
    .option norvc
    .section .text

# Each instruction waits for the one before.
    .macro chain name, times, op:vararg
    .globl chain_\name
chain_\name:
    mv t0, a0
    la t1, operands
    fld fa0, 0(t1)
    fld fa1, 8(t1)
    fld fa2, 16(t1)
    flw fa4, 24(t1)
    flw fa5, 28(t1)
    li a1, 12345
    li a2, 7
    mv a3, sp
1:  .rept \times
    \op
    .endr
    addi t0, t0, -1
    bnez t0, 1b
    fmv.x.d a0, fa0
    fmv.x.w a3, fa4
    add a0, a0, a1
    add a0, a0, a3
    ret
    .endm

    .macro chain_to name, body:vararg
    chain \name, 16, \body
    .endm

    chain_to alu, add a1, a1, a2
    chain_to mul, mul a1, a1, a2
    chain_to fp_add, fadd.d fa0, fa0, fa1
    chain_to fp_mul, fmul.d fa0, fa0, fa2
    chain_to fp_fma, fmadd.d fa0, fa0, fa2, fa1
    chain_to fp_move, fsgnj.d fa0, fa0, fa1
    chain_to fp_div_d, fdiv.d fa0, fa0, fa2
    chain_to fp_sqrt_d, fsqrt.d fa0, fa0
    chain_to fp_div_s, fdiv.s fa4, fa4, fa5
    chain_to fp_sqrt_s, fsqrt.s fa4, fa4
    chain_to div, div a1, a2, a2

# A pointer to itself, followed.
    .globl chain_load
chain_load:
    la t0, 2f
1:  .rept 16
    ld t0, 0(t0)
    .endr
    addi a0, a0, -1
    bnez a0, 1b
    ret
    .section .data
    .balign 8
2:  .dword 2b
    .section .text

    .globl chain_amo
chain_amo:
    mv t0, a0
    la t1, counter
    li a1, 0
1:  .rept 16
    amoadd.d a1, a1, (t1)
    .endr
    addi t0, t0, -1
    bnez t0, 1b
    mv a0, a1
    ret

# Returns beyond the return stack: down a0 calls and back, from three places in turn: a stack that has come round is wrong.
    .globl descend
descend:
    addi sp, sp, -16
    sd ra, 0(sp)
    addi a0, a0, -1
    beqz a0, 3f
    li t1, 3
    remu t0, a0, t1
    beqz t0, 1f
    addi t0, t0, -1
    beqz t0, 2f
    call descend
    j 3f
1:  call descend
    addi a0, a0, 3
    j 3f
2:  call descend
    addi a0, a0, 5
3:  ld ra, 0(sp)
    addi sp, sp, 16
    ret

# 72 jumps at odd distances: more than a small target buffer holds.
    .globl jumps
jumps:
1:  .irp n, 1, 3, 2, 5, 1, 1, 4, 2, 3
    .rept 8
    j 2f
    .rept \n
    nop
    .endr
2:
    .endr
    .endr
    addi a0, a0, -1
    bnez a0, 1b
    ret

# How many PMP entries keep an address (Priv §3.7.1); afterwards entry 0 opens everything, as before.
    .globl pmp_entries
pmp_entries:
    li a0, 0
    li t1, 0x2000
    .altmacro
    .macro probe number
    csrw \number, t1
    csrr t0, \number
    csrw \number, x0
    beqz t0, 1f
    addi a0, a0, 1
1:
    .endm
    .set n, 0
    .rept 63
    .set n, n + 1
    probe %(0x3b0 + n)
    .endr
    .noaltmacro
    ret

# One page each: code for the instruction TLB.
# 96 lines of code, each a function of its own.
    .balign 64
    .globl code_lines
code_lines:
    .rept 96
    addi a0, a0, 1
    ret
    .balign 64
    .endr

    .section .text.pages, "ax"
    .balign 4096
    .globl code_pages
code_pages:
    .rept 14
    addi a0, a0, 1
    ret
    .balign 4096
    .endr

    .section .rodata
    .balign 8
operands:
    .dword 0x3ff8000000000000       # 1.5
    .dword 0x3ff0000000000001       # a little more than 1
    .dword 0x3ff0000000000011
    .word 0x3fc00000                # 1.5
    .word 0x3f800003

    .section .bss
    .balign 64
counter:
    .space 64
