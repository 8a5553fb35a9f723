// Coherence against an oracle: harts and devices at random on a few lines, every invariant of every line after each
// operation.
#include "platform/memory_system/small_machine.hh"
#include <gtest/gtest.h>

namespace tollgate::machine::test {
namespace {

std::string broken_line(SmallMachine& m, PhysAddr line) {
    const MemorySystem& sys = *m.system;
    const std::uint64_t golden = m.golden[line];
    std::uint32_t writers = 0, holders = 0;
    bool written_somewhere = false;
    std::uint32_t node_writers = 0, node_holders = 0;
    const cache::Directory::Line entry = m.system->directory(sys.home_of(line)).peek(line);
    for (std::uint32_t n = 0; n < sys.nodes(); ++n) {
        const LineState right = sys.llc(n).right(line);
        const std::uint64_t presence = sys.llc(n).presence(line);
        bool written_above = false;
        for (std::uint32_t i = 0; i < m.s.harts; ++i) {
            const std::uint32_t h = n * m.s.harts + i;
            const auto state_in = [&](const cache::TagArray& tags) {
                const std::uint32_t at = tags.find(line);
                return at == TagArray::none ? LineState::invalid : tags.state(at);
            };
            const LineState l1 = state_in(m.harts[h]->level.tags());
            const LineState l2 = sys.l2(h) ? state_in(sys.l2(h)->level().tags()) : l1;
            const std::string who = " hart " + std::to_string(h);
            if (l1 != LineState::invalid && l2 == LineState::invalid) return "inclusion: L1 in L2," + who;
            if (may_write(l1) && !may_write(l2)) return "an L1 writes what its L2 may not," + who;
            if (l2 != LineState::invalid) {
                ++holders;
                if (!(presence >> i & 1)) return "presence," + who;
                if (right == LineState::invalid) return "inclusion: hart in node," + who;
                if (may_write(l2) && !may_write(right)) return "a hart writes what its node may not," + who;
            }
            if (may_write(l2)) ++writers;
            if (l1 != LineState::invalid && m.harts[h]->value(line) != golden) return "value in L1," + who;
            if (l2 != LineState::invalid && l1 != LineState::modified
                && m.oracle.at({Place::Level::hart, h}, line) != golden)
                return "value in L2," + who;
            written_above |= l1 == LineState::modified || l2 == LineState::modified;
        }
        const std::string where = " node " + std::to_string(n);
        const cache::TagArray& data = sys.llc(n).level().tags();
        const std::uint32_t at = data.find(line);
        if (m.s.llc.inclusive && right != LineState::invalid && at == TagArray::none) return "inclusive," + where;
        if (at != TagArray::none && !written_above && m.oracle.at({Place::Level::llc, n}, line) != golden)
            return "value in the last level," + where;
        written_somewhere |= written_above || (at != TagArray::none && data.state(at) == LineState::modified);
        if (right != LineState::invalid) {
            ++node_holders;
            if (!(entry.sharers >> n & 1)) return "directory: not a sharer," + where;
            if (may_write(right) && entry.owner != n) return "directory: not the owner," + where;
        }
        if (may_write(right)) ++node_writers;
    }
    if (writers > 1 || (writers == 1 && holders > 1)) return "one hart writes: no other holds";
    if (node_writers > 1 || (node_writers == 1 && node_holders > 1)) return "one node writes: no other holds";
    if (!written_somewhere && m.oracle.at({Place::Level::memory, sys.home_of(line)}, line) != golden)
        return "value in memory";
    return {};
}

/// Runs so many operations; everything is checked after each.
void storm(const Shape& shape, std::uint64_t operations, std::uint64_t seed) {
    SmallMachine m{shape};
    Random random{seed};
    const std::uint64_t lines_of_node = shape.memory.count() / line_bytes;
    const std::uint64_t per_node = std::min<std::uint64_t>(lines_of_node, 24);
    std::vector<Picoseconds> now(m.system->harts(), Picoseconds{0});
    std::map<PhysAddr, std::pair<Picoseconds, std::uint32_t>> written; // when, by whom
    constexpr std::uint32_t a_device = 1000;
    for (std::uint64_t k = 0; k < operations; ++k) {
        const std::uint64_t hot = random.below(4) == 0 ? 3 : per_node;
        const PhysAddr line = m.line(random.below(shape.nodes) * lines_of_node + random.below(hot));
        const std::uint64_t what = random.below(100);
        auto& [when, writer] = written[line];
        if (what < 6) {
            const auto node = static_cast<std::uint32_t>(random.below(shape.nodes));
            const Picoseconds at = now[random.below(now.size())];
            const Place device{Place::Level::device, node};
            if (what < 3) {
                m.oracle.at(device, line) = ~0ull;
                m.system->dma_read(node, line, at);
                ASSERT_EQ(m.oracle.at(device, line), m.golden[line]) << "DMA read, operation " << k;
            } else {
                m.oracle.at(device, line) = ++m.golden[line];
                when = m.system->dma_write(node, line, what < 5, at);
                writer = a_device;
                ASSERT_GE(when, at);
            }
        } else {
            const auto h = static_cast<std::uint32_t>(random.below(now.size()));
            if (what < 8) {
                const Picoseconds done = what == 6    ? m.system->clean(h, line, now[h])
                                         : k % 2 == 0 ? m.system->flush(h, line, now[h])
                                                      : m.system->inval(h, line, now[h]);
                ASSERT_GT(done, now[h]);
                ASSERT_EQ(m.oracle.at({Place::Level::memory, m.system->home_of(line)}, line), m.golden[line]);
            } else {
                const bool exclusive = what < 48, store = what < 40;
                const MemorySystem::Access r = m.go(h, line, exclusive, now[h], AccessKind::atomic, store);
                ASSERT_GT(r.done, now[h]);
                ASSERT_TRUE(writer == h || r.done >= when) << "done before the giver wrote, operation " << k;
                ASSERT_EQ(m.harts[h]->value(line), m.golden[line]) << "operation " << k;
                if (store) {
                    when = r.done;
                    writer = h;
                }
                if (random.below(3) != 0) now[h] = r.done;
            }
        }
        for (std::uint64_t n = 0; n < shape.nodes; ++n)
            for (std::uint64_t i = 0; i < per_node; ++i) {
                const std::string why = broken_line(m, m.line(n * lines_of_node + i));
                ASSERT_EQ(why, "") << "line " << n << "/" << i << " after operation " << k << ", " << what << " on "
                                   << line.value();
            }
        if (k % 64 == 0) {
            ASSERT_EQ(m.system->broken_sum(), "") << "after operation " << k;
            for (const auto& h : m.harts) ASSERT_EQ(h->level.broken_sum(), nullptr);
        }
    }
    // A test of coherence in which nothing meets would prove nothing.
    cache::DirectoryCounters d{};
    for (std::uint32_t n = 0; n < shape.nodes; ++n)
        for_each_field<cache::DirectoryCounters>(
            [&](const auto& c) { d.*(c.member) += m.system->directory(n).counters().*(c.member); });
    EXPECT_GT(d.reads, operations / 200);
    EXPECT_GT(d.interventions, operations / 200);
    EXPECT_GT(d.write_backs, operations / 200);
    EXPECT_GT(d.held, 0u);
    if (shape.nodes > 1) {
        EXPECT_GT(d.upgrades, operations / 1000);
        EXPECT_GT(d.invalidations, operations / 1000);
    }
}

constexpr std::uint64_t operations = TOLLGATE_PROTOCOL_OPERATIONS;

TEST(Protocol, TwoNodesOfFourHarts) { storm(Shape::tiny(), operations, 1); }
TEST(Protocol, WithoutSecondLevels) {
    Shape s = Shape::tiny();
    s.l2 = false;
    storm(s, operations, 2);
}
TEST(Protocol, NotInclusive) {
    Shape s = Shape::tiny();
    s.llc.inclusive = false;
    s.llc.size = 1_KiB;
    storm(s, operations, 3);
}
TEST(Protocol, NotInclusiveWithoutSecondLevels) {
    Shape s = Shape::tiny();
    s.l2 = s.llc.inclusive = false;
    s.llc.size = 512_B;
    storm(s, operations, 4);
}
TEST(Protocol, FourNodesOfTwoHartsInARing) {
    Shape s = Shape::tiny();
    s.nodes = 4;
    s.harts = 2;
    s.link.topology = bus::Topology::ring;
    storm(s, operations / 2, 5);
}
TEST(Protocol, OneNode) {
    Shape s = Shape::tiny();
    s.nodes = 1;
    s.harts = 8;
    s.llc.size = 1_KiB;
    storm(s, operations, 6);
}
TEST(Protocol, DmaIntoTheLastLevel) {
    for (const bool inclusive : {true, false}) {
        Shape s = Shape::tiny();
        s.llc.inject_ways = 2;
        s.llc.inclusive = inclusive;
        storm(s, operations / 2, 7);
    }
}
TEST(Protocol, WithPrefetchersAndEveryPolicy) {
    std::uint64_t seed = 8;
    for (const auto policy : {cache::Replacement::tree_plru, cache::Replacement::random, cache::Replacement::srrip})
        for (const bool inclusive : {true, false}) {
            Shape s = Shape::tiny();
            s.l2_params.prefetch = cache::Prefetch::next_line;
            s.l2_params.prefetch_depth = 3;
            s.llc.prefetch = cache::Prefetch::stride;
            s.llc.inclusive = inclusive;
            s.llc.inject_ways = 1;
            s.l1d.replacement = s.l2_params.replacement = s.llc.replacement = policy;
            storm(s, operations / 6, seed++);
        }
}

} // namespace
} // namespace tollgate::machine::test
