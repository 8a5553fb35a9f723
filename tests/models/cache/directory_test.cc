// The home's directory against a plain set of holders, and its holds.
#include "base/random.hh"
#include "cache/directory.hh"
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace tollgate::cache {
namespace {

using Want = Directory::Want;
constexpr PhysAddr base{0x8000'0000};
constexpr std::uint8_t nobody = Directory::nobody;
DirectoryParams params() {
    DirectoryParams p;
    p.latency = 10_ns;
    return p;
}

TEST(Directory, WhoeverComesFirstIsAlone) {
    for (const auto want : {Want::read, Want::own}) {
        Directory d{params(), base, 1_MiB};
        const Directory::Answer a = d.request(base, 3, want, 100_ns);
        EXPECT_EQ(a.start, 110_ns);
        EXPECT_EQ(a.owner, nobody);
        EXPECT_EQ(a.invalidate, 0u);
        EXPECT_TRUE(a.sole && a.changes_hands);
        EXPECT_EQ(d.peek(base).owner, 3u);
        EXPECT_EQ(d.peek(base).sharers, 1u << 3);
    }
}

TEST(Directory, AnOwnerIsAskedAndSharersAreTold) {
    Directory d{params(), base, 1_MiB};
    d.finish(d.request(base, 0, Want::own, 0_ns), 1_us, 0_ns);
    Directory::Answer a = d.request(base, 1, Want::read, 2_us);
    EXPECT_EQ(a.owner, 0u);
    EXPECT_FALSE(a.sole);
    d.finish(a, 3_us, 2500_ns);
    EXPECT_EQ(d.peek(base).owner, nobody);
    EXPECT_EQ(d.peek(base).sharers, 3u);
    a = d.request(base, 2, Want::read, 4_us);
    EXPECT_EQ(a.owner, nobody) << "memory has it";
    EXPECT_FALSE(a.sole || a.changes_hands);
    EXPECT_EQ(a.last_write, 2500_ns);
    a = d.request(base, 1, Want::upgrade, 5_us);
    EXPECT_EQ(a.invalidate, 5u);
    EXPECT_TRUE(a.sole);
    EXPECT_EQ(d.peek(base).owner, 1u);
    const DirectoryCounters& c = d.counters();
    EXPECT_EQ(c.interventions, 1u);
    EXPECT_EQ(c.invalidations, 2u);
    EXPECT_EQ(c.reads, 2u);
    EXPECT_EQ(c.exclusive_reads, 1u);
    EXPECT_EQ(c.upgrades, 1u);
}

TEST(Directory, ALineThatChangesHandsIsHeldToTheEnd) {
    Directory d{params(), base, 1_MiB};
    d.finish(d.request(base, 0, Want::own, 0_ns), 500_ns, 0_ns);
    EXPECT_EQ(d.request(base + 64, 1, Want::read, 499_ns).start, 509_ns) << "other lines are not";
    EXPECT_EQ(d.request(base, 0, Want::read, 500_ns).start, 510_ns);
    EXPECT_EQ(d.counters().held, 0u);
    EXPECT_EQ(d.request(base, 0, Want::read, 499_ns).start, 510_ns);
    EXPECT_EQ(d.counters().held, 1u);
}

TEST(Directory, ReadersOfASharedLineDoNotHoldIt) {
    Directory d{params(), base, 1_MiB};
    d.finish(d.request(base, 0, Want::read, 0_ns), 100_ns, 0_ns);
    d.finish(d.request(base, 1, Want::read, 1_us), 2_us, 0_ns);
    d.finish(d.request(base, 2, Want::read, 3_us), 9_us, 0_ns);
    EXPECT_EQ(d.request(base, 3, Want::read, 3_us).start, 3010_ns);
}

TEST(Directory, TheGiversLastWriteIsKept) {
    for (const Picoseconds written : {0_ns, 100_ns, 900_ns, 1_us, 1500_ns, 2_ms, 400_ms}) {
        Directory d{params(), base, 1_MiB};
        d.finish(d.request(base, 0, Want::own, 0_ns), 1_us, 0_ns);
        d.release(base, 0, true, true, written);
        EXPECT_EQ(d.request(base, 1, Want::read, 1_us).last_write, written);
    }
    Directory d{params(), base, 1_MiB};
    d.finish(d.request(base, 0, Want::own, 0_ns), 1_us, 700_ns);
    EXPECT_EQ(d.peek(base).last_write(), 700_ns);
    d.release(base, 0, false, true, 600_ns);
    EXPECT_EQ(d.peek(base).last_write(), 700_ns) << "it never goes back";
    d.finish(d.request(base, 1, Want::own, 4_ms), 5_ms, 0_ns);
    EXPECT_LE(d.peek(base).last_write(), 4_ms) << "what is long ago binds nobody";
}

TEST(Directory, OwnersThatLetGoAreForgotten) {
    Directory d{params(), base, 1_MiB};
    d.finish(d.request(base, 5, Want::own, 0_ns), 0_ns, 0_ns);
    d.release(base, 5, false, true, 0_ns);
    EXPECT_EQ(d.peek(base).owner, 5u) << "it wrote back and keeps the line";
    d.release(base, 4, true, false, 0_ns);
    EXPECT_EQ(d.peek(base).owner, 5u) << "somebody else's word counts for nothing";
    d.release(base, 5, true, false, 0_ns);
    EXPECT_EQ(d.peek(base).owner, nobody);
    EXPECT_EQ(d.peek(base).sharers, 0u);
    EXPECT_EQ(d.counters().write_backs, 1u);
    EXPECT_EQ(d.counters().releases, 2u);
}

TEST(Directory, AgainstASetOfHolders) {
    Directory d{params(), base, 1_MiB};
    struct Line {
        std::set<unsigned> holders;
        int owner = -1;
    };
    std::map<std::uint64_t, Line> model;
    Random random{1};
    for (int k = 0; k < 100'000; ++k) {
        const std::uint64_t n = random.below(40) * 400;
        const PhysAddr at = base + n * 64;
        const auto node = static_cast<unsigned>(random.below(16));
        Line& l = model[n];
        if (random.below(5) == 0) {
            d.release(at, node, true, random.below(2) == 0, 0_ns);
            if (l.owner == static_cast<int>(node)) l = {};
        } else {
            const auto want = static_cast<Want>(random.below(8));
            const bool stays = want == Want::read || want == Want::own || want == Want::upgrade;
            const bool takes = !(want == Want::read || want == Want::dma_read || want == Want::clean);
            if (want == Want::upgrade && (!l.holders.contains(node) || l.owner >= 0)) continue;
            const Directory::Answer a = d.request(at, node, want, 0_ns);
            const bool ask = l.owner >= 0 && !(stays && l.owner == static_cast<int>(node));
            ASSERT_EQ(a.owner, ask ? l.owner : nobody);
            std::uint32_t told = 0;
            if (takes && l.owner < 0)
                for (const unsigned h : l.holders)
                    if (!stays || h != node) told |= 1u << h;
            ASSERT_EQ(a.invalidate, told);
            if (takes) {
                l = {};
                if (stays || want == Want::inject) l = {{node}, static_cast<int>(node)};
            } else if (stays) {
                if (l.owner >= 0 && l.owner != static_cast<int>(node)) l.owner = -1;
                if (l.holders.empty()) l.owner = static_cast<int>(node);
                l.holders.insert(node);
            } else {
                l.owner = -1;
            }
            ASSERT_EQ(a.sole, stays && l.owner == static_cast<int>(node));
        }
        std::uint32_t sharers = 0;
        for (const unsigned h : l.holders) sharers |= 1u << h;
        ASSERT_EQ(d.peek(at).sharers, sharers);
        ASSERT_EQ(d.peek(at).owner, l.owner < 0 ? nobody : l.owner);
    }
}

} // namespace
} // namespace tollgate::cache
