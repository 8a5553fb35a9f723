// Two values of a line when DMA is not coherent: exact where nothing is evicted, and at random against a model written
// from the semantics alone, in which a cache may let a line go at any time.
#include "platform/memory_system/small_machine.hh"
#include <cstring>
#include <gtest/gtest.h>
#include <set>

namespace tollgate::machine::test {
namespace {

/// A machine with bytes: the harts' value of a line is its first word.
struct Apart {
    explicit Apart(const Shape& s) : m{s, false}, store(s.memory.count() * s.nodes) {
        m.system->make_dma_incoherent(side);
    }
    std::byte* at(PhysAddr line) { return store.data() + (line - base); }
    std::uint64_t word(PhysAddr line) {
        std::uint64_t v;
        std::memcpy(&v, at(line), sizeof v);
        return v;
    }
    std::uint64_t load(std::uint32_t h, PhysAddr line) {
        m.go(h, line, false, now += 1_us);
        return word(line);
    }
    void store_word(std::uint32_t h, PhysAddr line, std::uint64_t v) {
        m.go(h, line, true, now += 1_us);
        std::memcpy(at(line), &v, sizeof v);
    }
    std::uint64_t device_load(PhysAddr line) {
        m.system->dma_read(0, line, now += 1_us);
        std::uint64_t v;
        side.device_read(line, std::as_writable_bytes(std::span{&v, 1}));
        return v;
    }
    void device_store(PhysAddr line, std::uint64_t v) {
        m.system->dma_write(0, line, false, now += 1_us);
        side.device_write(line, std::as_bytes(std::span{&v, 1}), m.system->held(line));
    }
    enum class Op { clean, flush, inval };
    Picoseconds block(std::uint32_t h, PhysAddr line, Op op) {
        now += 1_us;
        MemorySystem& s = *m.system;
        const Picoseconds done = op == Op::clean   ? s.clean(h, line, now)
                                 : op == Op::flush ? s.flush(h, line, now)
                                                   : s.inval(h, line, now);
        return done - now;
    }

    SmallMachine m;
    std::vector<std::byte> store;
    std::vector<PhysAddr> changed;
    SideTable side{[this](PhysAddr l) { return at(l); }, [this](PhysAddr l) { changed.push_back(l); }};
    Picoseconds now{};
};
using Op = Apart::Op;

/// Caches in which nothing of a few lines is ever evicted.
Shape roomy() {
    Shape s = Shape::tiny();
    s.l1d.size = s.l2_params.size = s.llc.size = 64_KiB;
    return s;
}

TEST(SideTable, ADeviceReadsMemoryUntilTheLineIsCleaned) {
    Apart a{roomy()};
    const PhysAddr line = a.m.line(3);
    a.store_word(0, line, 7);
    EXPECT_EQ(a.device_load(line), 0u);
    EXPECT_EQ(a.side.counters().stale_reads, 1u);
    EXPECT_EQ(a.load(5, line), 7u) << "harts of another node are coherent; their reading wrote the line back";
    EXPECT_EQ(a.device_load(line), 7u);
    a.store_word(5, line, 8);
    EXPECT_EQ(a.device_load(line), 7u);
    a.block(1, line, Op::clean);
    EXPECT_EQ(a.device_load(line), 8u);
    EXPECT_TRUE(a.m.system->held(line)) << "cleaning keeps the copies";
    a.store_word(5, line, 9);
    EXPECT_EQ(a.device_load(line), 8u) << "and the right to write is asked for again";
    a.block(5, line, Op::flush);
    EXPECT_EQ(a.device_load(line), 9u);
    EXPECT_FALSE(a.m.system->held(line));
    EXPECT_EQ(a.side.size(), 0u);
    EXPECT_TRUE(a.changed.empty()) << "harts wrote everything themselves";
}

TEST(SideTable, AHartReadsItsCacheUntilTheLineIsInvalidated) {
    Apart a{roomy()};
    const PhysAddr line = a.m.line(3);
    EXPECT_EQ(a.load(0, line), 0u);
    a.device_store(line, 5);
    EXPECT_TRUE(a.changed.empty());
    EXPECT_EQ(a.side.counters().hidden_writes, 1u);
    EXPECT_EQ(a.load(0, line), 0u);
    EXPECT_EQ(a.load(7, line), 0u) << "harts share one value";
    EXPECT_EQ(a.device_load(line), 5u);
    a.block(6, line, Op::clean);
    EXPECT_EQ(a.load(0, line), 0u) << "nothing was written, so nothing goes down, and the copies stay";
    EXPECT_EQ(a.device_load(line), 5u);
    a.block(6, line, Op::inval);
    EXPECT_EQ(a.changed, std::vector<PhysAddr>{line});
    EXPECT_EQ(a.load(0, line), 5u);
    // Nobody holds this one: it is there at once.
    const PhysAddr other = a.m.line(4);
    a.device_store(other, 6);
    EXPECT_EQ(a.changed.back(), other);
    EXPECT_EQ(a.load(3, other), 6u);
}

TEST(SideTable, InvalDropsWhatWasWrittenAndFlushKeepsIt) {
    for (const bool l2 : {true, false})
        for (const bool inclusive : {true, false}) {
            Shape s = roomy();
            s.l2 = l2;
            s.llc.inclusive = inclusive;
            Apart a{s};
            const PhysAddr line = a.m.line(70); // of the second node
            a.store_word(0, line, 1);
            a.device_store(line, 2);
            a.block(1, line, Op::inval);
            EXPECT_EQ(a.load(0, line), 2u);
            a.store_word(0, line, 3);
            a.device_store(line, 4);
            a.block(1, line, Op::flush);
            EXPECT_EQ(a.load(0, line), 3u) << "the write-back came after the device's";
            EXPECT_EQ(a.device_load(line), 3u);
            EXPECT_EQ(a.m.system->directory(1).counters().invals, 1u);
            EXPECT_EQ(a.m.system->directory(1).counters().flushes, 1u);
            EXPECT_EQ(a.m.system->broken_sum(), "");
        }
}

TEST(SideTable, AnEvictionShowsMemorysValue) {
    Shape s = Shape::tiny();
    s.nodes = 1;
    s.harts = 1;
    s.memory = 64_KiB;
    Apart a{s};
    const PhysAddr line = a.m.line(0);
    a.load(0, line);
    a.device_store(line, 5);
    EXPECT_EQ(a.load(0, line), 0u);
    for (std::uint64_t n = 1; n < 256; ++n) a.load(0, a.m.line(n));
    EXPECT_FALSE(a.m.system->held(line));
    EXPECT_EQ(a.load(0, line), 5u);
    EXPECT_EQ(a.side.counters().revealed, 1u);
    EXPECT_LE(a.side.size(), s.llc.size.count() / line_bytes) << "no more entries than lines in caches";
}

TEST(SideTable, DevicesGoToMemoryAndAskNobody) {
    Shape s = roomy();
    Apart a{s};
    a.m.memories[1].accept = 7_ns;
    const PhysAddr line = a.m.line(70);
    a.store_word(0, line, 1);
    const Count asked = a.m.harts[0]->asked;
    const auto hop = [&](std::uint64_t bytes) {
        return s.crossbar.latency * 2 + s.link.latency + a.m.system->network().time_of(Bytes{bytes});
    };
    Picoseconds at = a.now += 1_us;
    EXPECT_EQ(a.m.system->dma_read(0, line, at) - at, hop(0) + a.m.memories[1].latency + hop(64));
    at = a.now += 1_us;
    EXPECT_EQ(a.m.system->dma_write(0, line, true, at) - at, hop(64) + 7_ns);
    at = a.now += 1_us;
    EXPECT_EQ(a.m.system->dma_write(1, line, true, at) - at, s.crossbar.latency + 7_ns);
    EXPECT_EQ(a.m.harts[0]->asked, asked);
    EXPECT_EQ(a.m.system->directory(1).counters().dma_reads, 0u);
    EXPECT_EQ(a.m.system->directory(1).counters().dma_writes, 0u);
    EXPECT_EQ(a.m.system->directory(1).counters().memory_writes, 2u);
}

TEST(SideTable, InvalOfAWrittenLineSavesTheWayToMemory) {
    Shape s = roomy();
    Apart a{s};
    a.m.memories[1].accept = 500_ns;
    const PhysAddr line = a.m.line(70);
    a.store_word(0, line, 1);
    const Picoseconds flushed = a.block(0, line, Op::flush);
    a.store_word(0, line, 1);
    const Count writes = a.m.memories[1].writes;
    const Picoseconds dropped = a.block(0, line, Op::inval);
    EXPECT_EQ(a.m.memories[1].writes, writes);
    EXPECT_GT(flushed, dropped + 400_ns);
    // Coherent: the only copy of the data is not thrown away.
    SmallMachine m{s};
    m.go(0, line, true, 1_us);
    m.system->inval(0, line, 10_us);
    EXPECT_EQ(m.memories[1].writes, 1u);
    EXPECT_EQ(m.oracle.at({Place::Level::memory, 1}, line), m.golden[line]);
}

TEST(SideTable, APokeIsSeenByAll) {
    Apart a{roomy()};
    const PhysAddr line = a.m.line(3);
    a.store_word(0, line, 7);
    const std::uint32_t poked = 0xabcd;
    std::memcpy(a.at(line) + 60, &poked, 4);
    a.side.poked(line + 60, 68); // and all of the next line, which has no entry
    std::uint32_t v = 0;
    a.side.device_read(line + 60, std::as_writable_bytes(std::span{&v, 1}));
    EXPECT_EQ(v, poked);
    EXPECT_EQ(a.device_load(line), 0u);
    a.block(0, line, Op::inval);
    std::memcpy(&v, a.at(line) + 60, 4);
    EXPECT_EQ(v, poked);
}

/// What may be true of a line, by the semantics: values of harts and memory, and whether a cache has data that memory
/// has not.
struct Possible {
    std::uint64_t harts = 0, memory = 0;
    bool dirty = false;
    auto operator<=>(const Possible&) const = default;
};
class Reference {
  public:
    /// Caches write back, and if they are small let lines go, whenever they like.
    void let_go(bool wholly) {
        const std::set<Possible> before = all_;
        for (Possible p : before) {
            if (p.dirty) {
                p = {p.harts, p.harts, false};
                all_.insert(p);
            }
            if (wholly) all_.insert({p.memory, p.memory, false});
        }
    }
    template <class F> void each(F&& f) {
        std::set<Possible> now;
        for (Possible p : all_) {
            f(p);
            now.insert(p);
        }
        all_ = std::move(now);
    }
    /// Keeps those who agree; false if nobody does.
    template <class F> bool seen(F&& agrees) {
        std::erase_if(all_, [&](const Possible& p) { return !agrees(p); });
        return !all_.empty();
    }
    std::size_t size() const { return all_.size(); }

  private:
    std::set<Possible> all_{{}};
};

void storm(const Shape& shape, std::uint64_t seed, bool evicts) {
    Apart a{shape};
    Random random{seed};
    std::map<PhysAddr, Reference> lines;
    std::uint64_t next = 1, stale = 0, ambiguous = 0;
    const std::uint64_t lines_of_node = shape.memory.count() / line_bytes;
    for (int k = 0; k < TOLLGATE_SIDE_TABLE_OPERATIONS; ++k) {
        const PhysAddr line = a.m.line(random.below(shape.nodes) * lines_of_node + random.below(evicts ? 40 : 6));
        const auto h = static_cast<std::uint32_t>(random.below(a.m.system->harts()));
        // Another node's reading writes back as well: what the protocol does among harts is not the model's business.
        for (auto& [l, r] : lines) r.let_go(evicts || !a.m.system->held(l));
        Reference& r = lines[line];
        ambiguous += r.size() > 1;
        const std::uint64_t what = random.below(10);
        if (what < 3) {
            const std::uint64_t v = a.load(h, line);
            ASSERT_TRUE(r.seen([&](const Possible& p) { return p.harts == v; })) << "a hart reads, operation " << k;
        } else if (what < 5) {
            a.store_word(h, line, ++next);
            r.each([&](Possible& p) { p.harts = next, p.dirty = true; });
        } else if (what == 5) {
            const std::uint64_t v = a.device_load(line);
            stale += v != a.word(line);
            ASSERT_TRUE(r.seen([&](const Possible& p) { return p.memory == v; })) << "a device reads, operation " << k;
        } else if (what == 6) {
            a.device_store(line, ++next);
            r.each([&](Possible& p) { p.memory = next; });
        } else {
            const auto op = static_cast<Op>(what - 7);
            a.block(h, line, op);
            r.each([&](Possible& p) {
                if (p.dirty && op != Op::inval) p.memory = p.harts;
                p.dirty = false;
                if (op != Op::clean) p.harts = p.memory;
            });
            // What the operation promises holds in every case: both values are equal afterwards.
            const std::uint64_t v = a.word(line);
            if (op != Op::clean) {
                ASSERT_FALSE(a.m.system->held(line));
                ASSERT_EQ(a.device_load(line), v);
                ASSERT_TRUE(r.seen([&](const Possible& p) { return p.memory == v && p.harts == v; }));
            }
        }
        if (k % 64 == 0) { ASSERT_EQ(a.m.system->broken_sum(), ""); }
    }
    EXPECT_GT(stale, TOLLGATE_SIDE_TABLE_OPERATIONS / 500u);
    EXPECT_GT(a.side.counters().revealed, TOLLGATE_SIDE_TABLE_OPERATIONS / 200u);
    EXPECT_GT(ambiguous, 0u);
}

TEST(SideTable, AtRandomWithoutEvictions) { storm(roomy(), 1, false); }
TEST(SideTable, AtRandomWithEvictions) {
    std::uint64_t seed = 2;
    for (const bool l2 : {true, false})
        for (const bool inclusive : {true, false}) {
            Shape s = Shape::tiny();
            s.l2 = l2;
            s.llc.inclusive = inclusive;
            if (!l2) s.llc.size = 1_KiB;
            storm(s, seed++, true);
        }
}
TEST(SideTable, AtRandomWithPrefetchers) {
    Shape s = Shape::tiny();
    s.nodes = 4;
    s.harts = 2;
    s.l2_params.prefetch = cache::Prefetch::next_line;
    s.llc.prefetch = cache::Prefetch::stride;
    storm(s, 9, true);
}

} // namespace
} // namespace tollgate::machine::test
