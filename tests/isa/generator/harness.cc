// After a program: its results, as a hash and, if asked for, word by word.
#include "generator/harness_code.hh"

namespace tollgate::judge::harness {

void Harness::finish() {
    a.bind(finished);
    a.csrw(0x304, zero);
    a.jal(ra, quiet_interrupts);
    a.li(s11, result_area);
    unsigned n = 0;
    auto put = [&](Reg r) { a.sd(r, s11, at(8 * n++)); };
    put(zero);
    for (unsigned k = 1; k < 32; ++k) {
        a.ld(t0, s0, at(8 * k));
        put(t0);
    }
    for (unsigned k = 0; k < 32; ++k) a.s(0x3027, k, s11, at(8 * n++)); // fsd
    for (unsigned csr : result_csrs) {
        a.csrr(t0, csr);
        if (csr == 0x300) a.mv(t0, s1);
        if (csr == 0x344) a.andi(t0, t0, mip_shown);
        put(t0);
    }
    for (unsigned k = 0; k < pmp_entries; ++k) {
        a.csrr(t0, 0x3b0 + k);
        put(t0);
    }
    a.ld(t0, s0, traps_at);
    put(t0);
    a.csrw(0x180, zero);
    a.sfence();
    a.addi(t1, s11, 0);
    a.addi(t2, s11, 8 * result_words);
    a.li(a0, 0);
    a.jal(ra, hash_words);
    a.li(t1, trace_area);
    a.ld(t2, s0, record_at);
    a.jal(ra, hash_words);
    a.ld(s4, s0, descriptor_at);
    a.li(t1, arena_base);
    a.ld(t2, s4, FIELD(hash_end));
    a.jal(ra, hash_words);
    a.mv(s9, a0);
    const auto word_and_space = [&](Reg r, char after) {
        a.mv(a0, r);
        a.jal(ra, put_hex);
        a.li(a0, static_cast<std::uint64_t>(after));
        a.jal(ra, put_char);
    };
    for (char c : {'@', ' '}) {
        a.li(a0, static_cast<std::uint64_t>(c));
        a.jal(ra, put_char);
    }
    a.ld(s8, s4, FIELD(seed));
    word_and_space(s8, ' ');
    word_and_space(s9, '\n');
    a.ld(t0, s0, verbose_at);
    const auto dump = a.label();
    a.bne(t0, zero, dump);
    a.j(next_program);
    a.bind(dump);
    a.li(s9, result_area);
    a.li(s10, result_area + 8 * result_words);
    a.jal(s8, dump_words);
    a.li(s9, trace_area);
    a.ld(s10, s0, record_at);
    a.jal(s8, dump_words);
    a.li(s9, table_base);
    a.ld(s10, s4, FIELD(hash_end));
    a.jal(s8, dump_words);
    a.j(next_program);
    a.bind(dump_words); // s9 to s10, returns to s8
    const auto again = a.label(), skip = a.label(), out = a.label();
    a.bind(again);
    a.branch(0x7063, s9, s10, out);
    a.ld(s7, s9, 0);
    a.beq(s7, zero, skip);
    word_and_space(s9, ' ');
    word_and_space(s7, '\n');
    a.bind(skip);
    a.addi(s9, s9, 8);
    a.j(again);
    a.bind(out);
    a.i(0x67, 0, s8, 0);
}

void Harness::print() {
    a.bind(put_char);
    a.li(t0, uart);
    const auto busy = a.bound();
    a.i(0x4003, t1, t0, 5); // lbu: line status, bit 5 transmitter holding register empty
    a.andi(t1, t1, 0x20);
    a.beq(t1, zero, busy);
    a.s(0x23, a0, t0, 0);
    a.ret();

    a.bind(put_hex);
    a.mv(t5, ra);
    a.mv(t4, a0);
    a.li(t3, 64);
    const auto digit = a.bound();
    a.addi(t3, t3, -4);
    a.r(0x5033, a0, t4, t3);
    a.andi(a0, a0, 15);
    a.addi(a0, a0, '0');
    const auto decimal = a.label();
    a.li(t0, '9' + 1);
    a.blt(a0, t0, decimal);
    a.addi(a0, a0, 'a' - '0' - 10);
    a.bind(decimal);
    a.jal(ra, put_char);
    a.bne(t3, zero, digit);
    a.i(0x67, 0, t5, 0);

    a.bind(hash_words); // a0 = hash so far, words t1 to t2
    a.li(t3, 0x9e37'79b9'7f4a'7c15);
    each_word([&] {
        a.ld(t4, t1, 0);
        a.r(0x4033, a0, a0, t4);
        a.r(0x02000033, a0, a0, t3); // mul
        a.srli(t4, a0, 29);
        a.r(0x4033, a0, a0, t4);
    });
    a.ret();

    a.bind(quiet_interrupts);
    a.li(t0, software_pending);
    a.csrrc(zero, 0x344, t0);
    a.li(t0, clint);
    a.s(0x2023, zero, t0, 0);
    const auto pending = a.bound();
    a.csrr(t1, 0x344);
    a.andi(t1, t1, 8);
    a.bne(t1, zero, pending);
    a.li(t0, mtimecmp);
    a.li(t1, ~0ull);
    a.sd(t1, t0, 0);
    a.csrw(0x14d, t1);
    a.ret();
}

} // namespace tollgate::judge::harness

namespace tollgate::judge {

std::vector<std::uint8_t> make_harness() { return harness::Harness{}.make(); }

} // namespace tollgate::judge
