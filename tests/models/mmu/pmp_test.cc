// Physical memory protection against an oracle that looks at one byte at a time (Priv §3.7).
#include "base/random.hh"
#include "mmu/pmp.hh"
#include <gtest/gtest.h>

namespace tollgate::mmu::test {
namespace {

constexpr std::uint8_t off = 0 << 3, tor = 1 << 3, na4 = 2 << 3, napot = 3 << 3;
constexpr std::uint8_t rwx = Pmp::r | Pmp::w | Pmp::x;

/// Whether entry i matches the byte at `address`: the sentences of Priv §3.7.1, not the model's arithmetic.
bool matches(const Pmp& pmp, unsigned i, std::uint64_t address) {
    const std::uint64_t word = address >> 2, mine = pmp.read_addr(i);
    switch (pmp.read_cfg(i / 8 * 2) >> 8 * (i % 8) & 0x18) {
    case tor: return word < mine && (i == 0 || word >= pmp.read_addr(i - 1));
    case na4: return word == mine;
    case napot: {
        unsigned ones = 0;
        while (ones < 54 && (mine >> ones & 1) != 0) ++ones;
        return ones + 1 >= 62 || word >> (ones + 1) == mine >> (ones + 1);
    }
    default: return false;
    }
}

/// The entry that decides about a byte, or -1.
int deciding(const Pmp& pmp, std::uint64_t address) {
    for (unsigned i = 0; i < pmp.entries(); ++i)
        if (matches(pmp, i, address)) return static_cast<int>(i);
    return -1;
}

bool entry_allows(const Pmp& pmp, int entry, std::uint8_t right, Privilege p) {
    if (entry < 0) return p == Privilege::machine || pmp.entries() == 0;
    const auto i = static_cast<unsigned>(entry);
    const auto cfg = static_cast<std::uint8_t>(pmp.read_cfg(i / 8 * 2) >> 8 * (i % 8));
    return (p == Privilege::machine && (cfg & Pmp::locked) == 0) || (cfg & right) != 0;
}

/// `match(i, address)` is `matches`, or a table of it.
template <class Match>
bool oracle(const Pmp& pmp, std::uint64_t address, unsigned size, std::uint8_t right, Privilege p, Match&& match) {
    for (unsigned i = 0; i < pmp.entries(); ++i) {
        unsigned matched = 0;
        for (unsigned b = 0; b < size; ++b) matched += match(i, address + b) ? 1 : 0;
        if (matched != 0) return matched == size && entry_allows(pmp, static_cast<int>(i), right, p);
    }
    return entry_allows(pmp, -1, right, p);
}

TEST(Pmp, TwoEntriesOfEveryKindOverEveryAccess) {
    std::uint64_t allowed = 0, denied = 0, blocks = 0;
    for (unsigned shape = 0; shape < 16 * 16; ++shape)
        for (std::uint64_t addresses = 0; addresses < 81; ++addresses) {
            Pmp pmp;
            const auto cfg = [](unsigned s) {
                return static_cast<std::uint64_t>((s & 3) << 3 | ((s & 4) != 0 ? Pmp::r : 0)
                                                  | ((s & 8) != 0 ? Pmp::locked : 0));
            };
            pmp.write_addr(0, addresses % 9);
            pmp.write_addr(1, addresses / 9);
            pmp.write_cfg(0, cfg(shape % 16) | cfg(shape / 16) << 8);
            std::array<std::array<bool, 48>, 2> table{};
            for (unsigned i = 0; i < 2; ++i)
                for (std::uint64_t at = 0; at < 48; ++at) table[i][at] = matches(pmp, i, at);
            const auto match = [&](unsigned i, std::uint64_t at) { return i < 2 && table[i][at]; };
            for (std::uint64_t at = 0; at < 40; ++at)
                for (const Privilege p : {Privilege::supervisor, Privilege::machine})
                    for (const unsigned size : {1u, 4u, 8u}) {
                        const bool expected = oracle(pmp, at, size, Pmp::r, p, match);
                        ++(expected ? allowed : denied);
                        ASSERT_EQ(pmp.allows(PhysAddr{at}, size, Access::load, p), expected)
                            << "shape " << shape << " addresses " << addresses << " at " << at << " size " << size;
                    }
            for (std::uint64_t block = 0; block < 128; block += 64) {
                const int first = deciding(pmp, block);
                bool same = true;
                for (std::uint64_t b = 1; b < 64; ++b) same = same && deciding(pmp, block + b) == first;
                const Uniform u = pmp.page_permissions(PhysAddr{block + 5}, 64);
                // A covered entry of lower priority does not disturb; one of higher priority inside the block does.
                ASSERT_EQ(u.uniform, same) << "shape " << shape << " addresses " << addresses << " block " << block;
                blocks += same ? 0 : 1;
                for (const Privilege p : {Privilege::user, Privilege::supervisor, Privilege::machine})
                    ASSERT_EQ(u.allows(Access::load, p), same && entry_allows(pmp, first, Pmp::r, p));
            }
        }
    EXPECT_GT(allowed, 100'000u);
    EXPECT_GT(denied, 100'000u);
    EXPECT_GT(blocks, 1000u);
}

TEST(Pmp, ManyEntriesAtRandomOverTheWholeAddressSpace) {
    for (const std::uint32_t entries : {16u, 64u}) {
        Random random{entries};
        for (int round = 0; round < 300; ++round) {
            Pmp pmp{{entries}};
            std::vector<std::uint64_t> borders{0};
            for (unsigned i = 0; i < entries; ++i) {
                // Runs of ones at all lengths give regions of all sizes.
                const std::uint64_t a = random.next() >> random.below(64) | ((1ull << random.below(55)) - 1);
                pmp.write_addr(i, a);
                for (unsigned bits = 0; bits < 56; bits += 5) borders.push_back((a << 2 & ~((1ull << bits) - 1)));
                borders.push_back(a << 2);
            }
            for (unsigned reg = 0; reg < entries / 4; reg += 2) pmp.write_cfg(reg, random.next() & random.next());
            const auto match = [&](unsigned i, std::uint64_t at) { return matches(pmp, i, at); };
            for (int k = 0; k < 200; ++k) {
                const std::uint64_t at =
                    (borders[random.below(borders.size())] + random.below(17) - 8) & ((1ull << 56) - 1);
                const unsigned size = 1u << random.below(4);
                const auto a = static_cast<Access>(random.below(3));
                const auto p = random.below(2) == 0 ? Privilege::user : Privilege::machine;
                ASSERT_EQ(pmp.allows(PhysAddr{at}, size, a, p), oracle(pmp, at, size, Pmp::bit(a), p, match))
                    << std::hex << at << " size " << size;
            }
        }
    }
}

TEST(Pmp, UniformPagesAnswerAsEveryAccessInsideWould) {
    Random random{5};
    std::uint64_t uniform = 0, mixed = 0;
    for (int round = 0; round < 3000; ++round) {
        Pmp pmp;
        for (unsigned i = 0; i < 4; ++i) pmp.write_addr(i, random.below(0x2000) | ((1ull << random.below(12)) - 1));
        pmp.write_cfg(0, random.next() & 0x9f9f9f9full);
        const std::uint64_t page = random.below(8) << 12;
        const Uniform u = pmp.page_permissions(PhysAddr{page + random.below(4096)}, 4096);
        ++(u.uniform ? uniform : mixed);
        if (!u.uniform) {
            for (const Access a : {Access::fetch, Access::load, Access::store})
                EXPECT_FALSE(u.allows(a, Privilege::machine)) << "nothing may be concluded";
            continue;
        }
        for (int k = 0; k < 50; ++k) {
            const unsigned size = 1u << random.below(4);
            const PhysAddr at{page + random.below(4097 - size)};
            for (const Access a : {Access::fetch, Access::load, Access::store})
                for (const Privilege p : {Privilege::user, Privilege::supervisor, Privilege::machine})
                    ASSERT_EQ(pmp.allows(at, size, a, p), u.allows(a, p));
        }
    }
    EXPECT_GT(uniform, 500u);
    EXPECT_GT(mixed, 500u);
}

TEST(Pmp, RightsByAccessPrivilegeAndLock) {
    for (unsigned rights = 0; rights < 8; ++rights)
        for (const std::uint8_t lock : {std::uint8_t{0}, Pmp::locked}) {
            if ((rights & (Pmp::r | Pmp::w)) == Pmp::w) continue;
            Pmp pmp;
            pmp.write_addr(0, ~0ull);
            pmp.write_cfg(0, napot | rights | lock);
            for (const std::uint64_t at : {0ull, 0x8000'0000ull, (1ull << 56) - 8})
                for (const Privilege p : {Privilege::user, Privilege::supervisor, Privilege::machine}) {
                    const bool free = p == Privilege::machine && lock == 0;
                    EXPECT_EQ(pmp.allows(PhysAddr{at}, 8, Access::load, p), free || (rights & Pmp::r) != 0);
                    EXPECT_EQ(pmp.allows(PhysAddr{at}, 8, Access::store, p), free || (rights & Pmp::w) != 0);
                    EXPECT_EQ(pmp.allows(PhysAddr{at}, 4, Access::fetch, p), free || (rights & Pmp::x) != 0);
                }
        }
}

TEST(Pmp, WithoutAMatchOnlyMachineModePasses) {
    for (const std::uint32_t entries : {0u, 16u, 64u}) {
        const Pmp pmp{{entries}};
        EXPECT_TRUE(pmp.allows(PhysAddr{0x8000'0000}, 8, Access::store, Privilege::machine));
        EXPECT_EQ(pmp.allows(PhysAddr{0x8000'0000}, 8, Access::store, Privilege::supervisor), entries == 0);
        EXPECT_EQ(pmp.allows(PhysAddr{0x8000'0000}, 8, Access::fetch, Privilege::user), entries == 0);
        const Uniform u = pmp.page_permissions(PhysAddr{0x8000'0000}, 4096);
        EXPECT_TRUE(u.allows(Access::fetch, Privilege::machine));
        EXPECT_EQ(u.allows(Access::load, Privilege::user), entries == 0);
    }
}

TEST(Pmp, TheEndOfTheAddressSpaceWrapsNowhere) {
    Pmp pmp;
    pmp.write_addr(0, 0); // NA4 at 0: no access at the top may reach it
    pmp.write_cfg(0, na4 | Pmp::locked);
    EXPECT_TRUE(pmp.allows(PhysAddr{~0ull}, 8, Access::load, Privilege::machine));
    EXPECT_TRUE(pmp.allows(PhysAddr{0 - 64ull}, 64, Access::load, Privilege::machine));
    EXPECT_TRUE(pmp.page_permissions(PhysAddr{~0ull}, 4096).allows(Access::load, Privilege::machine));
    EXPECT_FALSE(pmp.allows(PhysAddr{3}, 1, Access::load, Privilege::machine));
    EXPECT_TRUE(pmp.allows(PhysAddr{4}, 1, Access::load, Privilege::machine));
}

TEST(Pmp, RegistersKeepWhatTheyMay) {
    for (const std::uint32_t entries : {0u, 16u, 64u}) {
        Pmp pmp{{entries}};
        for (unsigned reg = 0; reg < 16; reg += 2) {
            pmp.write_cfg(reg, 0x7f7f'7f7f'7f7f'7f7f);
            EXPECT_EQ(pmp.read_cfg(reg), reg * 4 < entries ? 0x1f1f'1f1f'1f1f'1f1full : 0) << reg;
            pmp.write_cfg(reg, 0x0602'0602'0602'0602); // write without read
            EXPECT_EQ(pmp.read_cfg(reg), reg * 4 < entries ? 0x0400'0400'0400'0400ull : 0) << reg;
        }
        for (unsigned i = 0; i < 64; ++i) {
            pmp.write_addr(i, ~0ull);
            EXPECT_EQ(pmp.read_addr(i), i < entries ? (1ull << 54) - 1 : 0) << i;
        }
    }
    EXPECT_THROW(Pmp{{8}}, std::invalid_argument);
    EXPECT_THROW(Pmp{{17}}, std::invalid_argument);
}

TEST(Pmp, LocksHoldUntilReset) {
    Pmp pmp;
    pmp.write_addr(0, 0x100);
    pmp.write_addr(1, 0x200);
    pmp.write_addr(2, 0x300);
    pmp.write_cfg(0, (tor | Pmp::r | Pmp::locked) << 8);
    const std::uint64_t cfg = pmp.read_cfg(0);
    pmp.write_cfg(0, 0x0f'000f);
    EXPECT_EQ(pmp.read_cfg(0), cfg | 0x0f'000f) << "entry 1 keeps its configuration, its neighbours follow";
    for (unsigned i = 0; i < 3; ++i) pmp.write_addr(i, 0x999);
    EXPECT_EQ(pmp.read_addr(0), 0x100u) << "the base of a locked TOR entry";
    EXPECT_EQ(pmp.read_addr(1), 0x200u);
    EXPECT_EQ(pmp.read_addr(2), 0x999u);
    EXPECT_FALSE(pmp.allows(PhysAddr{0x400}, 4, Access::store, Privilege::machine));
    pmp.reset();
    EXPECT_EQ(pmp.read_cfg(0), 0u);
    pmp.write_addr(1, 0x888);
    EXPECT_EQ(pmp.read_addr(1), 0x888u);
    EXPECT_TRUE(pmp.allows(PhysAddr{0x400}, 4, Access::store, Privilege::machine));

    pmp.reset();
    pmp.write_cfg(0, (napot | Pmp::locked) << 8);
    pmp.write_addr(0, 0x5);
    EXPECT_EQ(pmp.read_addr(0), 5u) << "only TOR uses the address below";
    pmp.reset();
    pmp.write_cfg(0, (off | Pmp::locked) << 8);
    pmp.write_addr(1, 0x5);
    EXPECT_EQ(pmp.read_addr(1), 0u) << "off can be locked as well";
}

TEST(Pmp, TheEpochRisesWithEveryChangeAndOnlyThen) {
    Pmp pmp;
    std::uint64_t last = pmp.epoch();
    const auto changed = [&] {
        const bool differs = pmp.epoch() != last;
        EXPECT_GE(pmp.epoch(), last);
        last = pmp.epoch();
        return differs;
    };
    pmp.write_addr(0, 5);
    EXPECT_TRUE(changed());
    pmp.write_addr(0, 5);
    EXPECT_FALSE(changed());
    pmp.write_cfg(0, napot | rwx | Pmp::locked);
    EXPECT_TRUE(changed());
    pmp.write_cfg(0, 0);
    pmp.write_addr(0, 9);
    EXPECT_FALSE(changed()) << "locked";
    pmp.write_cfg(2, 0);
    EXPECT_FALSE(changed());
    pmp.reset();
    EXPECT_TRUE(changed());
}

} // namespace
} // namespace tollgate::mmu::test
