// Memory accesses that are not plain: effective privilege, misaligned, devices, cache blocks, fetches across borders.
#include "models/support/trap_bench.hh"

namespace tollgate::cpu::test {
namespace {

constexpr std::uint64_t done = code_of(Exception::breakpoint);

struct Paged : TrapBench {
    explicit Paged(const HartConfig& c = {}) : TrapBench{c} {
        tables.map(code_at, code_at, page::rwx);
        tables.map(code_at + 0x1000, code_at + 0x1000, page::rwx);
        poke(csr_no::satp, tables.satp());
    }
    PageTables tables{memory()};
};

TEST(HartMemory, MprvUsesThePreviousModeForDataOnly) {
    Paged b;
    b.tables.map(0x5000, data_at, page::rw);
    b.memory().write(data_at, 0x1234);
    b.hart().set_x(a0, 0x5000);
    const std::uint32_t ld = encode(Op::ld, {a1, a0, 0, 0});
    b.poke(csr_no::mstatus, status::mprv | 1ull << 11);
    EXPECT_EQ(b.trap_of(ld).cause, done);
    EXPECT_EQ(b.x(a1), 0x1234u);
    b.poke(csr_no::mstatus, status::mprv);
    EXPECT_EQ(b.trap_of(ld).cause, code_of(Exception::load_page_fault)) << "not a user page";
    b.poke(csr_no::mstatus, status::mprv | status::mpp);
    EXPECT_EQ(b.trap_of(ld).cause, code_of(Exception::load_access_fault)) << "0x5000 is no memory";
    b.poke(csr_no::mstatus, 1ull << 11);
    EXPECT_EQ(b.trap_of(ld).cause, code_of(Exception::load_access_fault));
}

TEST(HartMemory, SumAndMxr) {
    Paged b;
    b.tables.map(0x5000, data_at, page::user_rw);
    b.tables.map(0x6000, data_at, page::valid | page::execute | page::ad);
    const auto s = Privilege::supervisor;
    const std::uint32_t ld = encode(Op::ld, {a1, a0, 0, 0}), sd = encode(Op::sd, {0, a0, a1, 0});
    b.hart().set_x(a0, 0x5000);
    for (const bool sum : {false, true, false}) {
        b.poke(csr_no::mstatus, sum ? status::sum : 0);
        EXPECT_EQ(b.trap_of(ld, s).cause, sum ? done : code_of(Exception::load_page_fault));
        EXPECT_EQ(b.trap_of(sd, s).cause, sum ? done : code_of(Exception::store_page_fault));
        EXPECT_EQ(b.trap_of(encode(Op::jalr, {0, a0}), s).cause, code_of(Exception::fetch_page_fault))
            << "SUM is not for fetches";
    }
    b.hart().set_x(a0, 0x6000);
    for (const bool mxr : {false, true, false}) {
        b.poke(csr_no::mstatus, mxr ? status::mxr : 0);
        EXPECT_EQ(b.trap_of(ld, s).cause, mxr ? done : code_of(Exception::load_page_fault));
        EXPECT_EQ(b.trap_of(sd, s).cause, code_of(Exception::store_page_fault));
    }
}

TEST(HartMemory, MisalignedAccessesAcrossLinesAndPages) {
    Paged b;
    b.tables.map(0x5000, data_at, page::rw);
    b.tables.map(0x6000, data_at + 0x3000, page::rw); // not the next page in memory
    const auto s = Privilege::supervisor;
    struct Kind {
        Op load, store;
        unsigned size;
    };
    std::uint64_t counted = 0;
    for (const Kind& k : {Kind{Op::lhu, Op::sh, 2}, Kind{Op::lwu, Op::sw, 4}, Kind{Op::ld, Op::sd, 8}})
        for (const std::uint64_t border : {0x5008u, 0x5040u, 0x6000u})
            for (unsigned before = 1; before < k.size; ++before) {
                const std::uint64_t va = border - before, value = 0x8182838485868788 + border;
                b.hart().set_x(a0, va), b.hart().set_x(a1, value);
                ASSERT_EQ(b.trap_of(encode(k.store, {0, a0, a1, 0}), s).cause, done);
                ASSERT_EQ(b.trap_of(encode(k.load, {a2, a0, 0, 0}), s).cause, done);
                const std::uint64_t kept = k.size == 8 ? value : value & ((1ull << 8 * k.size) - 1);
                EXPECT_EQ(b.x(a2), kept);
                for (unsigned i = 0; i < k.size; ++i) {
                    const std::uint64_t at = va + i;
                    const std::uint64_t pa = at < 0x6000 ? data_at + (at - 0x5000) : data_at + 0x3000 + (at - 0x6000);
                    EXPECT_EQ(b.memory().read(pa, 1), value >> 8 * i & 0xff);
                }
                if (va % k.size != 0) counted += 2;
            }
    EXPECT_EQ(b.hart().counters().misaligned, counted);
}

TEST(HartMemory, AFaultOfTheSecondPageNamesItAndStoresNothing) {
    Paged b;
    b.tables.map(0x5000, data_at, page::rw);
    const auto s = Privilege::supervisor;
    b.hart().set_x(a0, 0x5ffe), b.hart().set_x(a1, ~0ull);
    EXPECT_EQ(b.trap_of(encode(Op::sw, {0, a0, a1, 0}), s),
              (Trap{code_of(Exception::store_page_fault), code_at, 0x6000}));
    EXPECT_EQ(b.memory().read(data_at + 0xff8), 0u);
    EXPECT_EQ(b.trap_of(encode(Op::lw, {a2, a0, 0, 0}), s),
              (Trap{code_of(Exception::load_page_fault), code_at, 0x6000}));
    b.tables.map(0x6000, nothing, page::rw); // no memory there
    EXPECT_EQ(b.trap_of(encode(Op::lw, {a2, a0, 0, 0}), s).cause, code_of(Exception::load_access_fault));
    // A border of PMP inside the word.
    TrapBench m;
    m.poke(csr_no::pmpaddr0, (data_at + 4) >> 2);
    m.poke(csr_no::pmpaddr0 + 1, ~0ull);
    m.poke(csr_no::pmpcfg0, 0x1d << 8 | 0x0f); // rwx below, then r-x
    m.hart().set_x(a0, data_at), m.hart().set_x(a1, ~0ull);
    EXPECT_EQ(m.trap_of(encode(Op::sw, {0, a0, a1, 0}), s).cause, done);
    EXPECT_EQ(m.trap_of(encode(Op::sd, {0, a0, a1, 0}), s),
              (Trap{code_of(Exception::store_access_fault), code_at, data_at}));
    EXPECT_EQ(m.trap_of(encode(Op::ld, {a2, a0, 0, 0}), s).cause, code_of(Exception::load_access_fault))
        << "two entries";
    EXPECT_EQ(m.memory().read(data_at), 0xffff'ffffu);
}

TEST(HartMemory, DevicesAreAskedOnceInOrderAndAligned) {
    TrapBench b;
    b.world.device_value = [](std::uint64_t pa, unsigned) { return 0xff80 + (pa & 0xf); };
    b.hart().set_x(a0, devices + 8), b.hart().set_x(a1, 0x1122334455667788);
    Program p{code_at};
    p.store(Op::sh, a1, 2, a0);
    p.load(Op::lb, a2, 0, a0);
    p.load(Op::lhu, a3, 0, a0);
    p.store(Op::sd, a1, 0, a0);
    p.put(Op::ebreak);
    EXPECT_EQ(b.trap(p).cause, done);
    ASSERT_EQ(b.world.log.size(), 4u);
    EXPECT_EQ(b.world.log[0].data, 0x7788u);
    EXPECT_EQ(b.world.log[0].pa, devices + 10);
    EXPECT_EQ(b.world.log[3].data, 0x1122334455667788u);
    for (std::size_t i = 1; i < 4; ++i) EXPECT_LT(b.world.log[i - 1].at, b.world.log[i].at);
    EXPECT_EQ(b.x(a2), ~0ull - 0x77); // sign-extended 0x88
    EXPECT_EQ(b.x(a3), 0xff88u);
    EXPECT_EQ(b.hart().counters().device_loads, 2u);
    EXPECT_EQ(b.hart().counters().device_stores, 2u);
    EXPECT_EQ(b.hart().counters().loads, 2u);
    b.world.log.clear();
    EXPECT_EQ(b.trap_of(encode(Op::lw, {a2, a0, 0, 2})),
              (Trap{code_of(Exception::load_access_fault), code_at, devices + 10}));
    EXPECT_EQ(b.trap_of(encode(Op::sd, {0, a0, a2, 4})),
              (Trap{code_of(Exception::store_access_fault), code_at, devices + 12}));
    EXPECT_TRUE(b.world.log.empty());
    // An access whose instruction waited in the middle of a block is made once, with what is around it.
    EXPECT_EQ(b.hart().counters().device_loads, 2u);
}

TEST(HartMemory, CacheBlocksObeyTheirEnablesAndPermissions) {
    const std::uint64_t illegal = code_of(Exception::illegal_instruction);
    struct Kind {
        Op op;
        std::uint64_t enable;
    };
    for (const Kind& k : {Kind{Op::cbo_inval, envcfg::cbie}, Kind{Op::cbo_clean, envcfg::cbcfe},
                          Kind{Op::cbo_flush, envcfg::cbcfe}, Kind{Op::cbo_zero, envcfg::cbze}}) {
        const std::uint32_t word = encode(k.op, {0, a0});
        for (const bool m : {false, true})
            for (const bool s : {false, true}) {
                TrapBench b;
                b.hart().set_x(a0, data_at + 17);
                b.poke(csr_no::menvcfg, m ? k.enable : 0xf0 & ~k.enable);
                b.poke(csr_no::senvcfg, s ? k.enable : 0xf0 & ~k.enable);
                EXPECT_EQ(b.trap_of(word).cause, done);
                EXPECT_EQ(b.trap_of(word, Privilege::supervisor).cause, m ? done : illegal);
                const Trap u = b.trap_of(word, Privilege::user);
                EXPECT_EQ(u.cause, m && s ? done : illegal);
                EXPECT_EQ(u.tval, m && s ? 0 : word);
            }
        Paged b;
        b.poke(csr_no::menvcfg, k.enable);
        b.tables.map(0x5000, data_at, page::valid | page::read | page::accessed);
        b.hart().set_x(a0, 0x5011);
        const bool zeroes = k.op == Op::cbo_zero;
        const Trap read_only = b.trap_of(word, Privilege::supervisor);
        EXPECT_EQ(read_only.cause, zeroes ? code_of(Exception::store_page_fault) : done);
        b.hart().set_x(a0, 0x7011);
        EXPECT_EQ(b.trap_of(word, Privilege::supervisor),
                  (Trap{code_of(Exception::store_page_fault), code_at, 0x7011}));
    }
    TrapBench b;
    for (unsigned i = 0; i < 24; ++i) b.memory().write(data_at + 8 * i, ~0ull);
    b.hart().set_x(a0, data_at + 64 + 63);
    b.trap_of(encode(Op::cbo_zero, {0, a0}));
    for (unsigned i = 0; i < 24; ++i) EXPECT_EQ(b.memory().read(data_at + 8 * i), i >= 8 && i < 16 ? 0 : ~0ull);
}

TEST(HartMemory, WithoutCTheJumpItselfReportsAMisalignedTarget) {
    HartConfig c;
    c.hart.isa = "rv64ima_zicsr_zifencei";
    TrapBench b{c};
    const auto misaligned = [](std::uint64_t to) {
        return Trap{code_of(Exception::fetch_misaligned), code_at, to, false};
    };
    b.hart().set_x(ra, 77), b.hart().set_x(a0, code_at + 2), b.hart().set_x(a1, 1);
    EXPECT_EQ(b.trap_of(encode(Op::jal, {ra, 0, 0, 6})), misaligned(code_at + 6));
    EXPECT_EQ(b.trap_of(encode(Op::jalr, {ra, a0, 0, 4})), misaligned(code_at + 6));
    EXPECT_EQ(b.trap_of(encode(Op::jalr, {ra, a0, 0, 5})), misaligned(code_at + 6));
    EXPECT_EQ(b.x(ra), 77u);
    struct Case {
        Op op;
        bool one_zero, zero_one, equal; ///< taken for (1, 0), (0, 1), (0, 0)
    };
    for (const Case& k :
         {Case{Op::beq, false, false, true}, Case{Op::bne, true, true, false}, Case{Op::blt, false, true, false},
          Case{Op::bge, true, false, true}, Case{Op::bltu, false, true, false}, Case{Op::bgeu, true, false, true}}) {
        const auto expect = [&](unsigned x, unsigned y, bool taken) {
            const Trap t = b.trap_of(encode(k.op, {0, x, y, -6}));
            EXPECT_EQ(t, taken ? misaligned(code_at - 6) : (Trap{done, code_at + 4, 0}));
        };
        expect(a1, 0, k.one_zero), expect(0, a1, k.zero_one), expect(0, 0, k.equal);
    }
    b.hart().set_x(a1, ~0ull); // signed and unsigned differ
    EXPECT_EQ(b.trap_of(encode(Op::blt, {0, a1, 0, 6})), misaligned(code_at + 6));
    EXPECT_EQ(b.trap_of(encode(Op::bltu, {0, a1, 0, 6})).cause, done);
    b.hart().set_x(a0, code_at + 7);
    EXPECT_EQ(b.trap_of(encode(Op::jalr, {ra, a0, 0, -3})).epc, code_at + 4) << "aligned: the ebreak behind it";
    EXPECT_EQ(b.x(ra), code_at + 4);
    // Retired: two not taken per signedness case above and this jalr; the traps not.
    const std::uint64_t branches = b.hart().counters().branches;
    b.trap_of(encode(Op::beq, {0, 0, 0, 6}));
    EXPECT_EQ(b.hart().counters().branches, branches);
}

TEST(HartMemory, InstructionsAcrossLinesAndPages) {
    Paged b;
    const auto s = Privilege::supervisor;
    for (const std::uint64_t border : {code_at + 0x40, code_at + 0x1000}) {
        Program p{border - 4};
        p.c_nop();
        p.i(Op::addi, a0, 0, 99);
        p.put(Op::ebreak);
        b.hart().set_x(a0, 0);
        EXPECT_EQ(b.trap(p, s), (Trap{done, border + 2, 0}));
        EXPECT_EQ(b.x(a0), 99u);
    }
    b.tables.map(code_at + 0x1000, 0, 0);
    b.poke(csr_no::satp, b.tables.satp(5)); // another address space: nothing of the old one is in the TLB
    Program p{code_at + 0xffe};
    p.i(Op::addi, a0, 0, 98);
    b.load(p);
    EXPECT_EQ(b.trap(p, s), (Trap{code_of(Exception::fetch_page_fault), code_at + 0xffe, code_at + 0x1000}));
}

TEST(HartMemory, ProtectionDividesAnInstruction) {
    const auto s = Privilege::supervisor;
    for (const std::uint64_t border : {code_at + 0x24, code_at + 0x40}) { // inside a line, between two
        TrapBench b;
        Program p{border - 2};
        p.i(Op::addi, a0, 0, 5);
        p.put(Op::ebreak);
        ASSERT_EQ(b.trap(p, Privilege::machine).cause, done); // now everybody has it decoded
        b.poke(csr_no::pmpaddr0, border >> 2);
        b.poke(csr_no::pmpaddr0 + 1, ~0ull);
        b.poke(csr_no::pmpcfg0, 0x1b << 8 | 0x0f); // rwx below, then rw-
        EXPECT_EQ(b.trap(p, s), (Trap{code_of(Exception::fetch_access_fault), border - 2, border}))
            << std::hex << border;
    }
}

} // namespace
} // namespace tollgate::cpu::test
