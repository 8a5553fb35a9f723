// Tags and replacement against the textbook: lists, trees of bits and counters kept for every access.
#include "cache/tag_array.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <memory>
#include <set>

namespace tollgate::cache {
namespace {

constexpr std::uint32_t none = TagArray::none;
constexpr auto shared = LineState::shared;
PhysAddr line(std::uint64_t n) { return PhysAddr{0x8000'0000 + n * line_bytes}; }

TEST(TagArray, FindsWhatIsThereInEveryWay) {
    for (const std::uint32_t ways : {1u, 2u, 3u, 4u, 5u, 8u, 12u, 16u, 20u, 64u})
        for (const std::uint32_t sets : {1u, 4u}) {
            TagArray t{sets, ways, Replacement::lru};
            std::map<std::uint64_t, std::uint32_t> where;
            for (std::uint64_t n = 0; n < sets * ways; ++n) {
                ASSERT_EQ(t.find(line(n)), none);
                const std::uint32_t i = t.victim(line(n));
                ASSERT_EQ(i, t.set_of(line(n)) * ways + n / sets) << "free ways, the lowest first";
                const Evicted out = t.fill(i, line(n), static_cast<LineState>(1 + n % 3), Picoseconds{n}, n + 1, false);
                ASSERT_EQ(out.state, LineState::invalid);
                where[n] = i;
            }
            for (const auto& [n, i] : where) {
                ASSERT_EQ(t.find(line(n)), i);
                ASSERT_EQ(t.line_at(i), line(n));
                ASSERT_EQ(t.state(i), static_cast<LineState>(1 + n % 3));
                ASSERT_EQ(t.data(i).ready, n);
                t.set_state(i, LineState::modified);
                ASSERT_EQ(t.find(line(n)), i) << "the state is no part of the tag";
            }
            ASSERT_EQ(t.find(line(sets * ways)), none);
            ASSERT_EQ(t.valid(), sets * ways);
            t.drop(where[0]);
            t.drop(where[0]);
            ASSERT_EQ(t.find(line(0)), none);
            ASSERT_EQ(t.valid(), sets * ways - 1);
            ASSERT_EQ(t.victim(line(0)), where[0]) << "a free way comes first";
            t.clear();
            ASSERT_EQ(t.valid(), 0u);
            ASSERT_EQ(t.find(line(1)), none);
        }
}

TEST(TagArray, SaysWhatLeft) {
    TagArray t{1, 2, Replacement::lru};
    t.fill(0, line(1), LineState::modified, Picoseconds{5}, 1, true);
    t.fill(1, line(2), shared, Picoseconds{6}, 2, false);
    t.data(0).note = 77;
    *t.stamp(1) = 9; // as a hart's short cut does
    const std::uint32_t i = t.victim(line(3));
    EXPECT_EQ(i, 0u);
    const Evicted out = t.fill(i, line(3), LineState::exclusive, Picoseconds{8}, 10, false);
    EXPECT_EQ(out.line, line(1));
    EXPECT_EQ(out.state, LineState::modified);
    EXPECT_EQ(out.data.ready, 5u);
    EXPECT_EQ(out.data.note, 77u);
    EXPECT_TRUE(out.data.prefetched);
    EXPECT_EQ(t.data(0).note, 0u);
    EXPECT_FALSE(t.data(0).prefetched);
    EXPECT_EQ(t.victim(line(4)), 1u);
}

/// A policy as in a textbook, told of every access.
class Model {
  public:
    explicit Model(std::uint32_t ways) : lines(ways, ~0ull) {}
    virtual ~Model() = default;
    bool access(std::uint64_t n) {
        const auto at = std::find(lines.begin(), lines.end(), n);
        const bool hit = at != lines.end();
        const auto free = std::find(lines.begin(), lines.end(), ~0ull);
        const auto way = static_cast<std::uint32_t>((hit                   ? at
                                                     : free != lines.end() ? free
                                                                           : lines.begin() + victim())
                                                    - lines.begin());
        lines[way] = n;
        used(way, hit);
        return hit;
    }
    std::vector<std::uint64_t> lines; // [way]

  protected:
    virtual std::uint32_t victim() = 0;
    virtual void used(std::uint32_t way, bool hit) = 0;
};
class Lru : public Model {
    using Model::Model;
    std::list<std::uint32_t> order_;
    std::uint32_t victim() override { return order_.front(); }
    void used(std::uint32_t way, bool) override {
        order_.remove(way);
        order_.push_back(way);
    }
};
class Tree : public Model {
  public:
    explicit Tree(std::uint32_t ways) : Model{ways}, right_(2 * ways) {}

  private:
    std::vector<bool> right_; // [node of the heap], ways a power of two: where the victim is
    std::uint32_t victim() override {
        std::size_t node = 1;
        while (node < lines.size()) node = 2 * node + (right_[node] ? 1 : 0);
        return static_cast<std::uint32_t>(node - lines.size());
    }
    void used(std::uint32_t way, bool) override {
        for (std::size_t node = way + lines.size(); node > 1; node /= 2) right_[node / 2] = node % 2 == 0;
    }
};
class Srrip : public Model {
  public:
    explicit Srrip(std::uint32_t ways) : Model{ways}, distance_(ways, 3) {}

  private:
    std::vector<int> distance_;
    std::uint32_t victim() override {
        for (;; std::for_each(distance_.begin(), distance_.end(), [](int& d) { ++d; }))
            if (const auto far = std::find(distance_.begin(), distance_.end(), 3); far != distance_.end())
                return static_cast<std::uint32_t>(far - distance_.begin());
    }
    void used(std::uint32_t way, bool hit) override { distance_[way] = hit ? 0 : 2; }
};

template <class M> void hits_equal(Replacement policy, std::uint32_t ways, std::uint64_t lines) {
    constexpr std::uint32_t sets = 4;
    TagArray t{sets, ways, policy};
    std::vector<std::unique_ptr<M>> models;
    for (std::uint32_t s = 0; s < sets; ++s) models.push_back(std::make_unique<M>(ways));
    Random random{ways * 1000 + lines};
    std::uint64_t hits = 0, scan = 0;
    for (std::uint64_t now = 1; now < 40'000; ++now) {
        // Reuse, and now and then a scan that nothing comes back to.
        const std::uint64_t n = random.below(5) == 0 ? 1000 + scan++ % (4 * lines) : random.below(lines);
        const std::uint32_t i = t.find(line(n));
        if (i != none)
            *t.stamp(i) = now;
        else
            t.fill(t.victim(line(n)), line(n), shared, Picoseconds{0}, now, false);
        const bool hit = models[t.set_of(line(n))]->access(n);
        ASSERT_EQ(i != none, hit) << "access " << now;
        hits += hit;
        if (random.below(200) == 0) { // somebody takes a line away
            const std::uint64_t gone = random.below(lines);
            if (const std::uint32_t at = t.find(line(gone)); at != none) {
                t.drop(at);
                auto& l = models[t.set_of(line(gone))]->lines;
                std::replace(l.begin(), l.end(), gone, std::uint64_t{~0ull});
            }
        }
    }
    EXPECT_GT(hits, 1000u);
}

TEST(TagArray, LruIsTheTextbooks) {
    for (const std::uint32_t ways : {1u, 2u, 3u, 4u, 8u, 16u, 20u})
        hits_equal<Lru>(Replacement::lru, ways, 6 * ways + 4);
}
TEST(TagArray, TreePlruIsTheTextbooks) {
    for (const std::uint32_t ways : {1u, 2u, 4u, 8u, 16u, 32u})
        hits_equal<Tree>(Replacement::tree_plru, ways, 6 * ways + 4);
}
TEST(TagArray, SrripIsTheTextbooks) {
    for (const std::uint32_t ways : {1u, 2u, 3u, 4u, 8u, 16u, 20u})
        hits_equal<Srrip>(Replacement::srrip, ways, 6 * ways + 4);
}

TEST(TagArray, SrripKeepsWhatIsUsedAgainThroughAShortScan) {
    const auto kept = [](Replacement policy) {
        TagArray t{1, 8, policy};
        std::uint64_t now = 0;
        const auto use = [&](std::uint64_t n) {
            const std::uint32_t i = t.find(line(n));
            if (i != none)
                t.touch(i, ++now);
            else
                t.fill(t.victim(line(n)), line(n), shared, Picoseconds{0}, ++now, false);
        };
        for (int twice = 0; twice < 2; ++twice)
            for (std::uint64_t n = 0; n < 6; ++n) use(n);
        for (std::uint64_t n = 100; n < 106; ++n) use(n);
        int r = 0;
        for (std::uint64_t n = 0; n < 6; ++n) r += t.find(line(n)) != none;
        return r;
    };
    EXPECT_EQ(kept(Replacement::lru), 2);
    EXPECT_EQ(kept(Replacement::srrip), 6);
}

TEST(TagArray, RandomIsFairAndRepeats) {
    const auto run = [](std::uint64_t seed) {
        TagArray t{2, 8, Replacement::random, seed};
        std::vector<std::uint32_t> victims;
        for (std::uint64_t n = 0; n < 16'000; ++n) {
            victims.push_back(t.victim(line(n)));
            EXPECT_EQ(victims.back() / 8, t.set_of(line(n)));
            t.fill(victims.back(), line(n), shared, Picoseconds{0}, n + 1, false);
        }
        return victims;
    };
    const auto a = run(1);
    EXPECT_EQ(a, run(1));
    EXPECT_NE(a, run(2));
    for (std::uint32_t i = 0; i < 16; ++i)
        EXPECT_NEAR(static_cast<double>(std::count(a.begin(), a.end(), i)), 1000, 150);
}

TEST(TagArray, AShareOfTheWaysIsAllThatIsTaken) {
    for (const auto policy : {Replacement::lru, Replacement::tree_plru, Replacement::random, Replacement::srrip}) {
        TagArray t{1, 8, policy};
        for (std::uint64_t n = 0; n < 8; ++n) t.fill(t.victim(line(n)), line(n), shared, Picoseconds{0}, n + 1, false);
        std::set<std::uint32_t> taken;
        for (std::uint64_t n = 10; n < 60; ++n) {
            const std::uint32_t i = t.victim(line(n), 3);
            taken.insert(i);
            t.fill(i, line(n), shared, Picoseconds{0}, n, false);
        }
        EXPECT_EQ(taken, (std::set<std::uint32_t>{0, 1, 2}));
        for (std::uint64_t n = 3; n < 8; ++n) EXPECT_NE(t.find(line(n)), none);
    }
}

} // namespace
} // namespace tollgate::cache
