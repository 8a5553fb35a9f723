// Before a program: memory, page tables, CSRs, registers.
#include "generator/harness_code.hh"

namespace tollgate::judge::harness {

void Harness::start() {
    const auto boot = a.label(), sleep = a.label(), end = a.label();
    a.csrr(t0, 0xf14);
    a.beq(t0, zero, boot);
    a.csrw(0x304, zero);
    a.bind(sleep);
    a.word(0x10500073); // wfi
    a.j(sleep);
    a.bind(boot);
    a.li(s0, save_area);
    a.li(t0, storage_base);
    a.ld(t1, t0, 0);
    a.sd(t1, s0, left_at);
    a.ld(t1, t0, 8);
    a.sd(t1, s0, verbose_at);
    a.addi(t0, t0, 16);
    a.sd(t0, s0, program_at);
    a.bind(next_program);
    a.li(s0, save_area);
    a.ld(t0, s0, left_at);
    a.beq(t0, zero, end);
    a.addi(t0, t0, -1);
    a.sd(t0, s0, left_at);
    const auto go = a.label();
    a.j(go);
    a.bind(end);
    a.li(t0, finisher);
    a.li(t1, 0x5555);
    a.s(0x2023, t1, t0, 0);
    const auto stay = a.bound();
    a.j(stay);
    a.bind(go);
}

void Harness::setup() {
    set_csr(0x300, 0xa'0000'0000 | fs); // UXL and SXL are 64 bits (Priv §3.1.6.3)
    for (unsigned csr : {0x304u, 0x302u, 0x303u, 0x180u, 0x3a0u, 0x3a2u, 0x342u, 0x343u, 0x341u, 0x141u, 0x142u, 0x143u,
                         0x140u, 0x106u, 0x306u})
        a.csrw(csr, zero);
    a.sfence();
    set_csr(0x30a, 5ull << 61); // Sstc on, so that STIP follows stimecmp; A and D by the walker
    a.jal(ra, quiet_interrupts);
    a.ld(s4, s0, program_at);
    a.sd(s4, s0, descriptor_at);
    setup_memory();
    a.la(t0, vector_table);
    a.ld(t1, s4, FIELD(mtvec_mode));
    a.add(t0, t0, t1);
    a.csrw(0x305, t0);
    set_csr(0x340, mprv);
    a.sd(zero, s0, last_offset);
    a.sd(zero, s0, traps_at);
    a.li(t0, trace_area);
    a.sd(t0, s0, record_at);
    a.ld(t0, s4, FIELD(first_context));
    a.slli(t0, t0, 5);
    static_assert(sizeof(Context) == 32);
    a.add(s7, s4, t0);
    a.addi(s7, s7, FIELD(context));
    a.sd(s7, s0, context_at);
    for (unsigned n = 0; n < pmp_entries; ++n) csr_from(0x3b0 + n, FIELD(pmpaddr) + at(8 * n));
    csr_from(0x3a0, FIELD(pmpcfg0));
    csr_from(0x3a2, FIELD(pmpcfg2));
    csr_from(0x302, FIELD(medeleg));
    csr_from(0x303, FIELD(mideleg));
    csr_from(0x306, FIELD(mcounteren));
    csr_from(0x106, FIELD(scounteren));
    csr_from(0x30a, FIELD(menvcfg));
    csr_from(0x304, FIELD(mie));
}

void Harness::setup_memory() {
    a.li(t1, arena_base);
    a.li(t2, data_base);
    each_word([&] { a.sd(zero, t1, 0); });
    a.li(t2, arena_end);
    a.addi(t4, s4, FIELD(fill));
    a.li(t5, 0);
    each_word([&] { // t1 goes on from the data pages' start
        a.add(t6, t4, t5);
        a.ld(t0, t6, 0);
        a.sd(t0, t1, 0);
        a.addi(t5, t5, 8);
        a.andi(t5, t5, fill_words * 8 - 1);
    });
    a.li(t2, arena_limit);
    each_word([&] { a.sd(zero, t1, 0); });
    a.li(t3, sizeof(Descriptor)); // t3: source pointer
    a.add(t3, t3, s4);
    a.ld(t2, s4, FIELD(pte_count));
    a.slli(t2, t2, 4);
    a.add(t2, t2, t3);
    a.mv(t1, t3);
    each_word([&] {
        a.ld(t4, t1, 0);
        a.ld(t5, t1, 8);
        a.sd(t5, t4, 0);
        a.addi(t1, t1, 8);
    });
    a.ld(t2, s4, FIELD(code_words));
    a.slli(t2, t2, 3);
    a.add(t2, t2, t1);
    a.li(t3, code_base);
    each_word([&] {
        a.ld(t4, t1, 0);
        a.sd(t4, t3, 0);
        a.addi(t3, t3, 8);
    });
    a.sd(t1, s0, program_at);
    // The stub: 64 ways out, so that a vectored stvec is seen in mepc, then sret at 0x200.
    const auto by_ecall = a.label();
    a.li(t0, 0x00000073);
    a.ld(t1, s4, FIELD(escape_illegal));
    a.beq(t1, zero, by_ecall);
    a.li(t0, 0x34002073); // csrr x0, mscratch
    a.bind(by_ecall);
    a.slli(t1, t0, 32);
    a.add(t0, t0, t1);
    a.li(t1, stub_base);
    a.addi(t2, t1, 256);
    each_word([&] { a.sd(t0, t1, 0); });
    a.li(t1, stub_base + 0x200);
    a.li(t0, 0x10200073); // sret
    a.sd(t0, t1, 0);
    a.fence_i();
    a.sfence();
}

void Harness::enter() {
    for (unsigned n = 0; n < 32; ++n) a.i(0x3007, n, s4, FIELD(f) + at(8 * n)); // fld
    csr_from(0x003, FIELD(fcsr));
    a.ld(t1, s7, CONTEXT(mode));
    a.slli(t1, t1, 11);
    a.ld(t0, s4, FIELD(mstatus));
    a.add(t0, t0, t1);
    a.csrw(0x300, t0);
    a.ld(t0, s7, CONTEXT(satp));
    a.csrw(0x180, t0);
    a.sfence();
    a.ld(t0, s7, CONTEXT(stub));
    a.ld(t1, s4, FIELD(stvec_mode));
    a.add(t0, t0, t1);
    a.csrw(0x105, t0);
    a.ld(t0, s7, CONTEXT(code));
    a.csrw(0x341, t0);
    a.mv(t6, s4);
    for (unsigned n = 1; n < 32; ++n) a.ld(n, t6, FIELD(x) + at(8 * n));
    a.mret();
}

} // namespace tollgate::judge::harness
