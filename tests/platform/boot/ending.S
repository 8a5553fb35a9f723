// Says hello on the UART and ends as the build says: in a pass, a failure, sleep, an endless loop, or a reset that the
// second boot notices. Hart 0 does it; the others sleep.
    .section .text.start
    .globl _start
_start:
    bnez a0, asleep
    la sp, stack_end
    la a0, hello
    call print
#if defined(ENDING_PASS)
    li t1, 0x5555
#elif defined(ENDING_FAIL)
    li t1, 0x73333 // code 7
#elif defined(ENDING_RESET)
    // A word far from this program survives a reset; the machine has zeros there at first.
    li t2, 0x80100000
    ld t3, 0(t2)
    li t1, 0x5555
    la a0, again
    bnez t3, report
    li t3, 1
    sd t3, 0(t2)
    la t2, _start // a reset loads the program anew
    sw zero, 0(t2)
    li t1, 0x7777
    la a0, first
report:
    mv s0, t1
    call print
    mv t1, s0
#elif defined(ENDING_SPIN)
1:  j 1b
#endif
#if !defined(ENDING_SLEEP) && !defined(ENDING_SPIN)
    li t0, 0x100000
    sw t1, 0(t0)
#endif
asleep:
    csrw mie, zero
    wfi
    j asleep

print: // a0: text
    li t0, 0x10000000
1:  lbu t4, 0(a0)
    beqz t4, 3f
2:  lbu t5, 5(t0)
    andi t5, t5, 0x20
    beqz t5, 2b
    sb t4, 0(t0)
    addi a0, a0, 1
    j 1b
3:  ret

    .section .rodata
hello: .string "hello from the guest\n"
first: .string "first boot\n"
again: .string "second boot\n"
    .bss
    .balign 16
    .space 1024
stack_end:
