// The trap handler: what happened is recorded, then the program goes on.
#include "generator/harness_code.hh"

namespace tollgate::judge::harness {

/// One entry per interrupt cause. mstatus.MPRV would redirect the handler's own stores, so it is cleared first with
/// mscratch as the mask; which of two paths is taken remembers the bit.
void Harness::vectors() {
    a.align(256);
    a.bind(vector_table);
    std::array<Assembler::Label, 16> entry{};
    for (auto& e : entry) a.j(e = a.label());
    for (unsigned k = 0; k < 16; ++k) {
        const auto had = a.label();
        a.bind(entry[k]);
        a.csrrw(t6, 0x340, t6);
        a.csrrc(t6, 0x300, t6);
        a.slli(t6, t6, 46);
        a.blt(t6, zero, had);
        a.li(t6, save_area >> 14);
        a.slli(t6, t6, 14);
        a.sd(t5, t6, 8 * t5);
        a.sd(t4, t6, 8 * t4);
        a.li(t5, 0);
        a.li(t4, k);
        a.j(common);
        a.bind(had);
        a.li(t6, save_area >> 14);
        a.slli(t6, t6, 14);
        a.sd(t5, t6, 8 * t5);
        a.sd(t4, t6, 8 * t4);
        a.li(t5, mprv);
        a.li(t4, k);
        a.j(common);
    }
}

void Harness::handler() {
    a.bind(common);
    for (unsigned n = 1; n < 29; ++n) a.sd(n, t6, at(8 * n));
    a.csrr(t0, 0x340);
    a.sd(t0, t6, 8 * t6);
    set_csr(0x340, mprv);
    a.mv(s0, t6);
    a.ld(s7, s0, context_at);
    a.csrr(s1, 0x300);
    a.add(s1, s1, t5);
    // FS may be set to dirty imprecisely (Priv §3.1.6.6): anything but off counts as dirty.
    const auto off = a.label();
    a.li(t0, fs);
    a.r(0x7033, t1, s1, t0);
    a.beq(t1, zero, off);
    a.li(t1, 1ull << 63 | fs);
    a.r(0x6033, s1, s1, t1);
    a.bind(off);
    a.csrrs(zero, 0x300, t0);
    a.csrr(s2, 0x342);
    a.csrr(s3, 0x341);
    a.csrr(s5, 0x343);
    record();
    a.j(dispatched);
}

void Harness::record() {
    a.ld(s11, s0, record_at);
    unsigned n = 0;
    auto put = [&](Reg r) { a.sd(r, s11, at(8 * n++)); };
    put(s2);
    put(s3);
    put(s5);
    put(s1);
    a.csrr(t0, 0x344);
    a.andi(t0, t0, mip_shown);
    put(t0);
    put(t4);
    for (unsigned csr : {0x142u, 0x143u, 0x141u, 0x180u, 0x003u}) {
        a.csrr(t0, csr);
        put(t0);
    }
    a.addi(t1, s0, 8);
    a.addi(t2, s0, 256);
    a.li(a0, 0);
    a.jal(ra, hash_words);
    put(a0);
    a.addi(s11, s11, 8 * record_words);
    a.sd(s11, s0, record_at);
}

void Harness::dispatch() {
    const auto direct = a.label(), not_stub = a.label(), inside = a.label(), known = a.label(), synchronous = a.label(),
               no_service = a.label(), via = a.label(), same_illegal = a.label();
    a.bind(dispatched);
    a.ld(t0, s0, traps_at);
    a.addi(t0, t0, 1);
    a.sd(t0, s0, traps_at);
    a.li(t1, trap_budget);
    a.bge(t0, t1, finished);
    a.li(s6, 0);
    a.ld(t0, s7, CONTEXT(stub));
    a.r(0x40000033, t0, s3, t0); // epc - stub
    a.li(t1, 256);
    a.bge(t0, t1, not_stub);
    a.blt(t0, zero, not_stub);
    a.li(t1, 9);
    a.beq(s2, t1, via);
    a.li(t1, 2);
    a.bne(s2, t1, not_stub);
    a.bind(via);
    a.li(s6, 1);
    a.csrr(s2, 0x142);
    a.csrr(s3, 0x141);
    a.j(direct);
    a.bind(not_stub);
    a.li(t1, 0x200);
    a.bne(t0, t1, direct);
    a.li(t1, 2); // TSR caught the stub's own sret: let it go
    a.bne(s2, t1, direct);
    a.li(t1, tsr);
    a.i(0x4013, t1, t1, -1);
    a.r(0x7033, s1, s1, t1);
    a.j(resume_program);
    a.bind(direct);
    for (int physical = 0; physical < 2; ++physical) {
        if (physical == 0)
            a.ld(t0, s7, CONTEXT(code));
        else
            a.li(t0, code_base);
        a.r(0x40000033, s9, s3, t0);
        a.li(t1, code_size);
        a.bltu(s9, t1, inside);
    }
    a.li(s8, 0);
    a.ld(s9, s0, last_offset);
    a.j(known);
    a.bind(inside);
    a.li(s8, 1);
    a.sd(s9, s0, last_offset);
    a.bind(known);
    a.bge(s2, zero, synchronous);
    a.jal(ra, quiet_interrupts);
    a.j(resume_program);
    a.bind(synchronous);
    a.addi(t0, s2, -8);
    a.li(t1, 4);
    a.branch(0x7063, t0, t1, no_service); // bgeu
    a.ld(t0, s0, 8 * a7);
    a.li(t1, service_magic);
    a.bne(t0, t1, no_service);
    a.ld(t0, s0, 8 * a6);
    a.andi(t0, t0, 7);
    a.li(t1, service_finish);
    a.beq(t0, t1, finished);
    a.andi(t0, t0, contexts - 1);
    a.slli(t0, t0, 5);
    a.ld(t1, s0, descriptor_at);
    a.add(s7, t1, t0);
    a.addi(s7, s7, FIELD(context));
    a.sd(s7, s0, context_at);
    a.addi(s9, s9, 4);
    a.j(go_home);
    a.bind(no_service);
    a.beq(s2, zero, recover_fetch);
    a.li(t1, 1);
    a.beq(s2, t1, recover_fetch);
    a.li(t1, 12);
    a.beq(s2, t1, recover_fetch);
    a.beq(s8, zero, recover_fetch);
    a.li(t1, 2);
    a.bne(s2, t1, same_illegal);
    a.li(t1, fs);
    a.r(0x6033, s1, s1, t1); // so that floating point comes back after it was off
    a.bind(same_illegal);
    // skip: 2 or 4 bytes by the map of long instructions
    a.ld(t0, s0, descriptor_at);
    a.addi(t0, t0, FIELD(long_map));
    a.srli(t1, s9, 7);
    a.slli(t1, t1, 3);
    a.add(t0, t0, t1);
    a.ld(t0, t0, 0);
    a.srli(t1, s9, 1);
    a.r(0x5033, t0, t0, t1); // srl by the low six bits
    a.andi(t0, t0, 1);
    a.slli(t0, t0, 1);
    a.addi(t0, t0, 2);
    a.add(s3, s3, t0);
}

void Harness::resume() {
    const auto by_machine = a.label();
    a.bind(resume_program);
    a.beq(s6, zero, by_machine);
    a.csrw(0x141, s3);
    a.ld(s3, s7, CONTEXT(stub));
    a.addi(s3, s3, 0x200);
    a.bind(by_machine);
    a.csrw(0x341, s3);
    a.li(t0, mprv);
    a.i(0x4013, t0, t0, -1);
    a.r(0x7033, s1, s1, t0);
    a.csrw(0x300, s1);
    a.mv(t6, s0);
    for (unsigned n = 1; n < 32; ++n) a.ld(n, t6, at(8 * n));
    a.mret();
}

void Harness::recover() {
    const auto found = a.label(), again = a.label();
    a.bind(recover_fetch);
    a.ld(s4, s0, descriptor_at);
    a.li(s10, offsetof(Descriptor, resume_map));
    a.add(s10, s10, s4);
    const auto bit = [&] { // t0 = bit of parcel t2 / 2
        a.srli(t1, t2, 7);
        a.slli(t1, t1, 3);
        a.add(t1, t1, s10);
        a.ld(t0, t1, 0);
        a.srli(t1, t2, 1);
        a.r(0x5033, t0, t0, t1);
        a.andi(t0, t0, 1);
    };
    for (int physical = 0; physical < 2; ++physical) {
        const auto no = a.label();
        a.ld(t2, s0, 8 * ra);
        if (physical == 0)
            a.ld(t0, s7, CONTEXT(code));
        else
            a.li(t0, code_base);
        a.r(0x40000033, t2, t2, t0);
        a.li(t1, code_size);
        a.branch(0x7063, t2, t1, no);
        bit();
        a.bne(t0, zero, found);
        a.bind(no);
    }
    a.mv(t2, s9);
    a.bind(again);
    a.addi(t2, t2, 2);
    a.li(t1, code_size);
    a.bge(t2, t1, finished);
    bit();
    a.beq(t0, zero, again);
    a.bind(found);
    a.sd(zero, s0, 8 * ra);
    a.andi(t2, t2, -2); // QEMU would jump to an odd mepc
    a.mv(s9, t2);
    a.bind(go_home);
    a.ld(s4, s0, descriptor_at);
    a.li(s6, 0);
    a.ld(t0, s7, CONTEXT(satp));
    a.csrw(0x180, t0);
    a.sfence();
    a.ld(t0, s7, CONTEXT(stub));
    a.ld(t1, s4, FIELD(stvec_mode));
    a.add(t0, t0, t1);
    a.csrw(0x105, t0);
    a.ld(s3, s7, CONTEXT(code));
    a.add(s3, s3, s9);
    a.li(t0, mpp);
    a.i(0x4013, t0, t0, -1);
    a.r(0x7033, s1, s1, t0);
    a.ld(t0, s7, CONTEXT(mode));
    a.slli(t0, t0, 11);
    a.r(0x6033, s1, s1, t0);
    a.j(resume_program);
}

} // namespace tollgate::judge::harness
