// A level of every policy with every prefetcher against a plain cache, on random traces: each access hits in both or in
// none.
#include "cache/cache_level.hh"
#include "plain_cache.hh"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tollgate::cache {
namespace {

constexpr CachedMemory memory{PhysAddr{0x8000'0000}, 4_MiB};
constexpr std::int64_t lines = 4 << 20 >> line_shift;

/// The level as its owners use it: an access, a fill, what is fetched ahead, each with a later stamp.
class Level {
  public:
    explicit Level(const LevelShape& s) : level_{s, memory} {}
    bool access(std::int64_t n) {
        const PhysAddr line = at(n);
        const Look l = level_.look(line, AccessKind::load, 0_ns, ++stamp_);
        if (!l.hit()) level_.fill(line, LineState::shared, 0_ns, stamp_);
        if (l.learn && level_.prefetches())
            level_.prefetch_after(line, 0_ns, stamp_, [&](PhysAddr wanted) {
                level_.fill(wanted, LineState::shared, 0_ns, ++stamp_, true);
                return 0_ns;
            });
        return l.hit();
    }
    CacheCounters counters() const { return level_.counters(); }

  private:
    static PhysAddr at(std::int64_t n) { return memory.base + static_cast<std::uint64_t>(n) * line_bytes; }
    CacheLevel level_;
    std::uint64_t stamp_ = 0;
};

/// Several streams of all directions and steps at a time, returns to what was used of late, and strays.
class Trace {
  public:
    Trace(std::uint64_t seed, std::int64_t reach) : random_{seed}, reach_{reach} {}
    std::int64_t next() {
        const std::uint64_t kind = random_.below(16);
        std::int64_t n;
        if (kind < 8) {
            Walk& w = walks_[random_.below(4)];
            if (random_.below(40) == 0) w = {below(lines), below(13) - 6};
            w.at = (w.at + w.step + lines) % lines;
            n = w.at;
        } else if (kind < 15) {
            n = (base_ + below(reach_)) % lines;
            if (random_.below(500) == 0) base_ = below(lines);
        } else {
            n = below(lines);
        }
        return n;
    }

  private:
    struct Walk {
        std::int64_t at = 0, step = 1;
    };
    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(n)));
    }
    Random random_;
    Walk walks_[4];
    std::int64_t reach_, base_ = 0;
};

class AgainstPlainCache : public ::testing::TestWithParam<std::tuple<Replacement, Prefetch>> {};

TEST_P(AgainstPlainCache, EveryAccessHitsInBothOrInNone) {
    const auto [replacement, prefetch] = GetParam();
    Random random{static_cast<std::uint64_t>(replacement) * 3 + static_cast<std::uint64_t>(prefetch)};
    std::uint64_t hits = 0, used = 0;
    for (int shape = 0; shape < 24; ++shape) {
        const auto power = [&](unsigned most) { return std::uint32_t{1} << random.below(most + 1); };
        LevelShape s{power(7), power(4), replacement, 64, prefetch};
        if (replacement != Replacement::tree_plru && shape % 3 == 0)
            s.ways = 1 + static_cast<std::uint32_t>(random.below(20));
        s.prefetch_depth = 1 + static_cast<std::uint32_t>(random.below(max_prefetch));
        s.prefetch_degree = 1 + static_cast<std::uint32_t>(random.below(8));
        s.seed = random.next();
        SCOPED_TRACE(fmt::format("{} sets of {} ways, {} steps ahead, {} at a time", s.sets, s.ways, s.prefetch_depth,
                                 s.prefetch_degree));
        Level level{s};
        PlainCache plain{{s.sets, s.ways, replacement, prefetch, s.prefetch_depth, s.prefetch_degree, s.seed}};
        Trace trace{random.next(), static_cast<std::int64_t>(s.sets) * s.ways * 3 / 2 + 1};
        std::uint64_t same = 0;
        for (int k = 0; k < 20'000; ++k) {
            const std::int64_t n = trace.next();
            const bool hit = plain.access(n);
            ASSERT_EQ(level.access(n), hit) << "access " << k;
            same += hit;
        }
        const CacheCounters c = level.counters();
        EXPECT_EQ(c.accesses() - c.misses(), same);
        EXPECT_EQ(c.prefetches_issued, plain.issued());
        EXPECT_EQ(c.prefetches_used, plain.used());
        hits += same;
        used += plain.used();
    }
    EXPECT_GT(hits, 24u * 20'000 / 10);
    EXPECT_EQ(used != 0, prefetch != Prefetch::none);
}

INSTANTIATE_TEST_SUITE_P(Every, AgainstPlainCache,
                         ::testing::Combine(::testing::Values(Replacement::lru, Replacement::tree_plru,
                                                              Replacement::random, Replacement::srrip),
                                            ::testing::Values(Prefetch::none, Prefetch::next_line, Prefetch::stride)),
                         [](const auto& p) {
                             std::string name = fmt::format(
                                 "{}_{}", Choice<Replacement>::names[static_cast<std::size_t>(std::get<0>(p.param))],
                                 Choice<Prefetch>::names[static_cast<std::size_t>(std::get<1>(p.param))]);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
} // namespace tollgate::cache
