// The generator is a function of its seed, covers its tables, and writes executables that loaders accept.
#include "generator/dice.hh"
#include "generator/encodings.hh"
#include "generator/harness.hh"
#include "generator/program.hh"
#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <stdexcept>

namespace tollgate::judge {
namespace {

std::uint32_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
    std::uint32_t w = 0;
    std::memcpy(&w, &bytes.at(at), 4);
    return w;
}

/// Runs the few instructions that `Assembler::li` uses.
std::uint64_t interpret(const std::vector<std::uint8_t>& code) {
    std::uint64_t x = 0;
    for (std::size_t at = 0; at < code.size(); at += 4) {
        const std::uint32_t w = word_at(code, at);
        const auto imm = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(w) >> 20));
        const std::uint64_t source = (w >> 15 & 31) == 0 ? 0 : x;
        switch (w & 0x707f) {
        case 0x0013: x = source + imm; break;
        case 0x001b:
            x = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(source + imm)));
            break;
        case 0x1013: x = source << (w >> 20 & 63); break;
        default:
            if ((w & 0x7f) != 0x37) ADD_FAILURE() << "unexpected instruction " << w;
            x = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(w & 0xfffff000)));
        }
    }
    return x;
}

TEST(Assembler, LoadsEveryConstant) {
    Dice dice{7};
    for (unsigned n = 0; n < 20000; ++n) {
        const std::uint64_t value = n % 3 == 0 ? dice.next() : n % 3 == 1 ? dice.integer() : dice.floating();
        Assembler a{0};
        a.li(5, value);
        ASSERT_EQ(interpret(a.bytes()), value);
        ASSERT_LE(a.bytes().size(), 32u);
    }
}

TEST(Assembler, RefusesUnboundAndDistantLabels) {
    Assembler unbound{0};
    unbound.j(unbound.label());
    EXPECT_THROW(unbound.resolve(), std::logic_error);
    for (const std::uint64_t distance : {4094u, 4096u}) {
        Assembler a{0};
        const auto l = a.label();
        a.beq(1, 2, l);
        a.reserve(distance - 4);
        a.bind(l);
        if (distance < 4096)
            EXPECT_NO_THROW(a.resolve());
        else
            EXPECT_THROW(a.resolve(), std::logic_error);
    }
}

TEST(Dice, KeepsOffReservedRegisters) {
    Dice dice{1};
    dice.reserve(9);
    for (unsigned n = 0; n < 2000; ++n) {
        ASSERT_NE(dice.destination(), 9u);
        ASSERT_NE(dice.compact(), 9u);
        const Reg t = dice.temporary(3, 4);
        ASSERT_TRUE(t != 0 && t != 3 && t != 4 && t != 9);
    }
}

TEST(Program, IsAFunctionOfItsSeed) {
    for (std::uint64_t seed = 1; seed < 40; ++seed) EXPECT_EQ(make_program(seed).image, make_program(seed).image);
    EXPECT_NE(make_program(1).image, make_program(2).image);
}

TEST(Program, LeavesOtherBlocksAsTheyAreWhenOneIsDropped) {
    // Straight-line blocks do not depend on where they stand; the first of two programs that has one at the end is
    // enough.
    unsigned compared = 0;
    for (std::uint64_t seed = 1; seed < 40; ++seed) {
        const Program whole = make_program(seed);
        const Program less = make_program(seed, {0});
        ASSERT_EQ(whole.blocks.size(), less.blocks.size());
        for (std::size_t n = 1; n + 1 < whole.blocks.size(); ++n) {
            ASSERT_STREQ(whole.blocks[n].name, less.blocks[n].name);
            if (std::strcmp(whole.blocks[n].name, "integer") != 0) continue;
            const std::uint64_t size = whole.blocks[n + 1].offset - whole.blocks[n].offset;
            if (size > 32) continue; // a change of context stands behind it
            ASSERT_EQ(std::memcmp(&whole.code[whole.blocks[n].offset], &less.code[less.blocks[n].offset], size), 0);
            ++compared;
        }
    }
    EXPECT_GT(compared, 20u);
}

TEST(Program, FitsItsWindow) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) ASSERT_LE(make_program(seed).code.size(), code_size);
}

TEST(Program, CoversEveryRowOfTheTables) {
    std::vector<std::uint32_t> words;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const Program p = make_program(seed);
        Descriptor d;
        std::memcpy(static_cast<void*>(&d), p.image.data(), sizeof d);
        for (std::size_t at = 0; at + 4 <= p.code.size(); at += 2)
            if ((d.long_map[at / 128] >> (at / 2 % 64) & 1) != 0) words.push_back(word_at(p.code, at));
    }
    for (const auto table : {integer_table(), floating_table(), atomic_table()})
        for (const Encoding& e : table) {
            const auto row = [&](std::uint32_t w) { return (w & mask_of(e.form)) == e.match; };
            EXPECT_TRUE(std::any_of(words.begin(), words.end(), row)) << std::hex << e.match;
        }
}

TEST(Encodings, DoNotOverlap) {
    for (const auto a_table : {integer_table(), floating_table(), atomic_table()})
        for (const Encoding& a : a_table)
            for (const auto b_table : {integer_table(), floating_table(), atomic_table()})
                for (const Encoding& b : b_table) {
                    EXPECT_EQ(a.match & ~mask_of(a.form), 0u) << std::hex << a.match;
                    const std::uint32_t both = mask_of(a.form) & mask_of(b.form);
                    if (&a == &b) continue;
                    EXPECT_NE(a.match & both, b.match & both) << std::hex << a.match << " " << b.match;
                }
}

TEST(Elf, HasTheHarnessAndTheProgramsInItsSegments) {
    const auto elf = make_elf({make_program(3), make_program(4)}, false);
    EXPECT_EQ(word_at(elf, 0), 0x464c457fu);
    EXPECT_EQ(word_at(elf, 18) & 0xffff, 243u); // EM_RISCV
    const std::size_t headers = word_at(elf, 32);
    const std::uint64_t bases[] = {entry_base, harness_base, storage_base};
    for (std::size_t n = 0; n < 3; ++n) {
        const std::size_t header = headers + 56 * n;
        EXPECT_EQ(word_at(elf, header), 1u);
        EXPECT_EQ(word_at(elf, header + 24), bases[n]);
        EXPECT_LE(word_at(elf, header + 8) + word_at(elf, header + 32), elf.size());
    }
    EXPECT_LT(harness_base + make_harness().size(), save_area);
}

} // namespace
} // namespace tollgate::judge
