// Blocks of decoded instructions: where they end, what a write to their line does, when their memory goes.
#include "cpu/decode_cache.hh"
#include "models/support/trap_bench.hh"

namespace tollgate::cpu::test {
namespace {

const isa::Extensions everything = isa::Extensions::all();

std::unique_ptr<Block> decode(Program& p, unsigned in_line, bool beyond = false) {
    const std::vector<std::uint8_t>& bytes = p.bytes();
    const auto* const from = reinterpret_cast<const std::byte*>(bytes.data());
    return DecodeCache::decode(from, in_line, beyond ? from + in_line : nullptr, everything);
}

TEST(DecodeCache, ABlockEndsAtTheLinesBorder) {
    Program p{0};
    for (unsigned i = 0; i < 20; ++i) p.nop();
    for (const unsigned in_line : {64u, 60u, 32u, 4u}) {
        const auto b = decode(p, in_line);
        EXPECT_EQ(b->count, in_line / 4);
        EXPECT_EQ(b->bytes, in_line);
        for (unsigned i = 0; i < b->count; ++i) EXPECT_EQ(b->offset[i], 4 * i);
    }
    Program c{0};
    for (unsigned i = 0; i < 32; ++i) c.c_nop();
    EXPECT_EQ(decode(c, 64)->count, Block::max_insns);
}

TEST(DecodeCache, WhatTransfersControlOrSerialisesEndsABlock) {
    for (const isa::Row& r : isa::rows()) {
        Program p{0};
        p.nop();
        p.word(r.encoding.match);
        p.nop();
        const isa::Insn d = isa::decode(r.encoding.match, everything);
        if (d.op != r.op) continue; // all operands zero is another row
        using T = isa::Timing;
        const bool ends = r.timing == T::branch || r.timing == T::jump || r.timing == T::indirect
                          || r.timing == T::system || r.op == Op::marker_begin || r.op == Op::marker_end;
        const auto b = decode(p, 12);
        EXPECT_EQ(b->count, ends ? 2 : 3) << std::string_view(r.mnemonic);
        EXPECT_EQ(b->loads, r.timing == T::load);
        EXPECT_EQ(b->stores, r.timing == T::store);
        EXPECT_EQ(b->atomics, r.timing == T::amo);
        EXPECT_EQ(b->branches, r.timing == T::branch);
        EXPECT_EQ(b->markers, r.op == Op::marker_begin || r.op == Op::marker_end);
    }
    Program illegal{0};
    illegal.nop(), illegal.word(0xffffffff), illegal.nop();
    EXPECT_EQ(decode(illegal, 12)->count, 2);
}

TEST(DecodeCache, AnInstructionAcrossTheBorderStandsAlone) {
    Program p{0};
    p.nop(), p.c_nop();
    p.i(Op::addi, a0, a0, 77);
    const auto before = decode(p, 8, true); // two of its bytes are in this line
    EXPECT_EQ(before->count, 2);
    EXPECT_EQ(before->bytes, 6);
    Program q{0};
    q.i(Op::addi, a0, a0, 77), q.nop();
    const auto alone = decode(q, 2, true);
    EXPECT_EQ(alone->count, 1);
    EXPECT_EQ(alone->bytes, 4);
    EXPECT_EQ(alone->insns[0].imm, 77);
}

struct Kept {
    DecodeCache cache{everything};
    const Block* keep(std::uint64_t pa, unsigned in_line) {
        Program p{0};
        for (unsigned i = 0; i < 16; ++i) p.nop();
        return cache.keep(pa, decode(p, in_line, true));
    }
};

TEST(DecodeCache, AWriteDropsTheBlocksOfItsLineAndNoOther) {
    Kept k;
    const std::uint64_t line = 0x8000'1040;
    const Block* const before = k.keep(line - 64, 64);
    const Block* const into = k.keep(line - 2, 2); // crosses into the line
    const Block* const first = k.keep(line, 64);
    const Block* const middle = k.keep(line + 32, 32);
    const Block* const last = k.keep(line + 62, 2); // crosses out of it
    const Block* const after = k.keep(line + 64, 64);
    for (const std::uint64_t at : {line - 64, line, line + 64}) EXPECT_TRUE(k.cache.line_has_code(at));
    EXPECT_FALSE(k.cache.line_has_code(line + 128));
    EXPECT_TRUE(k.cache.page_has_code(line + 0x800));
    EXPECT_FALSE(k.cache.page_has_code(line + 0x1000));
    k.cache.written(line + 17);
    EXPECT_EQ(k.cache.find(line - 64), before);
    EXPECT_EQ(k.cache.find(line + 64), after);
    for (const std::uint64_t at : {line - 2, line, line + 32, line + 62}) EXPECT_EQ(k.cache.find(at), nullptr);
    for (const Block* b : {into, first, middle, last})
        EXPECT_EQ(b->insns[0].op, Op::refetch) << "whoever holds it sees it";
    EXPECT_EQ(before->insns[0].op, Op::addi);
    EXPECT_FALSE(k.cache.line_has_code(line));
    EXPECT_TRUE(k.cache.line_has_code(line - 64));
    EXPECT_EQ(k.cache.stale(), 4u);
    k.cache.written(line - 64), k.cache.written(line + 64);
    EXPECT_FALSE(k.cache.page_has_code(line));
}

TEST(DecodeCache, ABlockOfTwoBytesBeforeTheLineStays) {
    DecodeCache cache{everything};
    Program p{0};
    p.c_nop();
    const Block* const b = cache.keep(0x103e, decode(p, 2));
    cache.written(0x1040);
    EXPECT_EQ(cache.find(0x103e), b);
    EXPECT_EQ(cache.stale(), 0u);
}

TEST(DecodeCache, StaleBlocksAreFreedOnceThereAreMany) {
    // A guest that writes code for ever must not fill the host.
    TrapBench b;
    Program slot{code_at + 0x400};
    slot.ret();
    b.load(slot);
    Program q{code_at};
    q.li(a0, 20'000);
    q.li(a1, slot.origin());
    q.load(Op::lw, a2, 0, a1);
    const auto loop = q.bound();
    q.store(Op::sw, a2, 0, a1);
    q.put(Op::fence_i);
    q.i(Op::jalr, ra, a1, 0);
    q.i(Op::addi, a0, a0, -1);
    q.branch(Op::bne, a0, 0, loop);
    q.put(Op::ebreak);
    EXPECT_EQ(b.trap(q).cause, code_of(Exception::breakpoint));
    EXPECT_GE(b.hart().host_counters().decoded, 20'000u);
    EXPECT_LE(b.code.stale(), 4096u);
}

TEST(DecodeCache, HartsRunEachOthersCodeAsItIs) {
    // Hart 1 runs a function that hart 0 rewrites; each sees what was written, from its next fetch on.
    TrapBench b{{}, 2};
    Program f{code_at + 0x400};
    f.i(Op::addi, a5, a5, 1);
    f.ret();
    b.load(f);
    Program p{code_at}, q{code_at + 0x1000};
    p.li(t0, 2000);
    const auto wait = p.bound();
    p.i(Op::addi, t0, t0, -1);
    p.branch(Op::bne, t0, 0, wait);
    p.li(a1, f.origin());
    p.li(a2, encode(Op::addi, {a5, 0, 0, -5})); // from now on a5 is -5
    p.store(Op::sw, a2, 0, a1);
    finish(p);
    q.li(a1, f.origin());
    const auto again = q.bound();
    q.i(Op::addi, a4, a4, 1);
    q.i(Op::jalr, ra, a1, 0);
    q.branch(Op::bge, a5, 0, again);
    finish(q);
    b.load(p), b.load(q);
    b.hart(0).set_pc(p.origin()), b.hart(1).set_pc(q.origin());
    EXPECT_TRUE(b.run());
    EXPECT_EQ(b.x(a5, 1), ~0ull - 4);
    EXPECT_GT(b.x(a4, 1), 100u);
    EXPECT_LT(b.x(a4, 1), 3000u);
}

} // namespace
} // namespace tollgate::cpu::test
