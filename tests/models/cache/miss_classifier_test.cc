// Classes of misses against sets and lists, and on patterns whose classes are known.
#include "base/random.hh"
#include "cache/miss_classifier.hh"
#include "cache/tag_array.hh"
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <set>

namespace tollgate::cache {
namespace {

using namespace literals;
constexpr PhysAddr memory_base{0x8000'0000};
PhysAddr line(std::uint64_t n) { return memory_base + n * line_bytes; }

struct Cache {
    Cache(std::uint32_t sets, std::uint32_t ways)
        : tags{sets, ways, Replacement::lru}, why{sets * ways, memory_base, 16_MiB} {}
    /// The class of the miss, or nothing if it was a hit. `tell_hits`: the classifier is told of those as well.
    int access(std::uint64_t n, bool tell_hits = false) {
        ++now;
        const auto stamp_of = [this](PhysAddr l, std::uint32_t& way) {
            const std::uint32_t i = tags.find(l);
            // A hint is what was told or what came back.
            EXPECT_EQ(way, l.value() / line_bytes % 61);
            return i == TagArray::none ? 0 : tags.stamp_at(i);
        };
        const auto way = static_cast<std::uint32_t>(line(n).value() / line_bytes % 61);
        if (const std::uint32_t i = tags.find(line(n)); i != TagArray::none) {
            tags.touch(i, now);
            if (tell_hits) why.miss(line(n), way, now, stamp_of);
            return -1;
        }
        const MissClass c = why.miss(line(n), way, now, stamp_of);
        tags.fill(tags.victim(line(n)), line(n), LineState::shared, Picoseconds{0}, now, false);
        ++count[static_cast<std::size_t>(c)];
        return static_cast<int>(c);
    }
    void lose(std::uint64_t n) {
        const std::uint32_t i = tags.find(line(n));
        if (i == TagArray::none) return;
        tags.drop(i);
        why.lost(line(n));
    }
    std::uint64_t of(MissClass c) const { return count[static_cast<std::size_t>(c)]; }
    TagArray tags;
    MissClassifier why;
    std::uint64_t now = 0;
    std::array<std::uint64_t, 4> count{};
};

TEST(MissClassifier, AStreamTwiceTheSizeIsCapacity) {
    Cache c{64, 8};
    for (int round = 0; round < 5; ++round)
        for (std::uint64_t n = 0; n < 1024; ++n) c.access(n);
    EXPECT_EQ(c.of(MissClass::compulsory), 1024u);
    EXPECT_EQ(c.of(MissClass::capacity), 4u * 1024);
    EXPECT_EQ(c.of(MissClass::conflict), 0u);
}

TEST(MissClassifier, OneLineTooManyForASetIsConflict) {
    Cache c{64, 8};
    for (int round = 0; round < 50; ++round)
        for (std::uint64_t n = 0; n < 9; ++n) c.access(n * 64);
    EXPECT_EQ(c.of(MissClass::compulsory), 9u);
    EXPECT_EQ(c.of(MissClass::conflict), 49u * 9);
    EXPECT_EQ(c.of(MissClass::capacity), 0u);
}

TEST(MissClassifier, ALineInUseDoesNotAgeInTheShadow) {
    // Direct-mapped: line 0 is hit all the time while others come and go, then pushed out by its one rival.
    Cache c{64, 1};
    c.access(0);
    for (std::uint64_t n = 0; n < 1000; ++n) {
        c.access(1 + n % 63 + n / 63 * 64);
        c.access(0);
    }
    c.access(64 * 100);
    EXPECT_EQ(c.access(0), static_cast<int>(MissClass::conflict));
}

TEST(MissClassifier, ToldOfEverythingItIsLru) {
    for (const auto& [sets, ways] : {std::pair{16u, 2u}, {8u, 4u}, {32u, 1u}, {1u, 32u}}) {
        Cache c{sets, ways};
        std::set<std::uint64_t> seen;
        std::set<std::uint64_t> taken;
        std::list<std::uint64_t> shadow; // the most recent first
        Random random{sets};
        for (int k = 0; k < 30'000; ++k) {
            const std::uint64_t n = random.below(4) == 0 ? random.below(200) : random.below(48);
            const bool in_shadow = std::find(shadow.begin(), shadow.end(), n) != shadow.end();
            const MissClass expected = !seen.contains(n)   ? MissClass::compulsory
                                       : taken.contains(n) ? MissClass::coherence
                                       : in_shadow         ? MissClass::conflict
                                                           : MissClass::capacity;
            const int got = c.access(n, true);
            if (got >= 0) { ASSERT_EQ(got, static_cast<int>(expected)) << k; }
            seen.insert(n);
            taken.erase(n);
            shadow.remove(n);
            shadow.push_front(n);
            if (shadow.size() > sets * ways) shadow.pop_back();
            if (random.below(20) == 0) {
                const std::uint64_t gone = random.below(48);
                if (c.tags.find(line(gone)) != TagArray::none) taken.insert(gone);
                c.lose(gone);
            }
        }
        EXPECT_GT(c.of(MissClass::coherence), 100u);
        EXPECT_GT(c.of(MissClass::capacity), 100u);
        EXPECT_EQ(c.of(MissClass::conflict) > 0, sets > 1) << "a fully associative cache has no conflicts";
    }
}

TEST(MissClassifier, ToldOfMissesOnlyItIsNearLru) {
    Cache all{64, 4}, misses{64, 4};
    Random random{3};
    for (int k = 0; k < 200'000; ++k) {
        const std::uint64_t n = random.below(3) != 0 ? random.below(200) : random.below(700);
        all.access(n, true);
        misses.access(n);
    }
    EXPECT_EQ(all.of(MissClass::compulsory), misses.of(MissClass::compulsory));
    const double a = static_cast<double>(all.of(MissClass::conflict)),
                 b = static_cast<double>(misses.of(MissClass::conflict));
    const double total = a + static_cast<double>(all.of(MissClass::capacity));
    EXPECT_NEAR(a / total, b / total, 0.1);
    EXPECT_GT(a / total, 0.1);
    EXPECT_LT(a / total, 0.9);
}

} // namespace
} // namespace tollgate::cache
