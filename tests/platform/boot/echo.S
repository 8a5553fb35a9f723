// Sends back what it receives, waiting for each character in wfi, until it receives a q.
    .section .text.start
    .globl _start
_start:
    bnez a0, others
    li s0, 0x10000000 // UART
    li s1, 0xc000000  // PLIC
    li t0, 1
    sw t0, 40(s1)     // priority of source 10
    li t1, 0xc002000
    li t0, 1 << 10
    sw t0, 0(t1)      // enabled for hart 0's machine mode
    li s2, 0xc200000  // its threshold and claim
    sw zero, 0(s2)
    li t0, 7
    sb t0, 2(s0)      // FIFOs on and empty
    li t0, 1
    sb t0, 1(s0)      // receive interrupt
    li t0, 1 << 11
    csrw mie, t0
wait:
    wfi
    lwu t2, 4(s2)     // claim
    beqz t2, wait
next:
    lbu t0, 5(s0)
    andi t0, t0, 1
    beqz t0, done
    lbu t1, 0(s0)
    sb t1, 0(s0)
    li t3, 'q'
    beq t1, t3, quit
    j next
done:
    sw t2, 4(s2)      // complete
    j wait
quit:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
others:
    csrw mie, zero
    wfi
    j others
