#include "machine/identities.hh"
#include <fmt/format.h>
#include <stdexcept>
#include <tuple>

namespace tollgate::machine {

namespace {

/// What a cache asks of the one below. An update of A or D, which is a walk, may be an upgrade as a store may.
struct Asked {
    Count fetches = 0, loads = 0, writes_and_walks = 0, prefetches = 0;
    Asked& operator+=(const Asked& o) {
        fetches += o.fetches, loads += o.loads, writes_and_walks += o.writes_and_walks, prefetches += o.prefetches;
        return *this;
    }
    Asked operator+(const Asked& o) const { return Asked{*this} += o; }
};

Asked asked_by(const cache::CacheCounters& c) {
    return {c.fetch_misses, c.load_misses, c.store_misses + c.atomic_misses + c.walk_misses + c.upgrades,
            c.prefetch_misses + c.prefetches_issued};
}

void expect(const std::string& where, const Asked& above, const cache::CacheCounters& c) {
    const auto equal = [&](std::string_view what, Count a, Count b) {
        if (a != b) throw std::logic_error(fmt::format("{}: {}: {} and {}", where, what, a, b));
    };
    equal("fetches are what is missed above", c.fetches, above.fetches);
    equal("loads are what is missed above", c.loads, above.loads);
    equal("stores, atomics and walks are what is missed above, and upgrades", c.stores + c.atomics + c.walks,
          above.writes_and_walks);
    equal("prefetches are what is missed and fetched ahead above", c.prefetches, above.prefetches);
}

} // namespace

void check_identities(cpu::Hart& hart) {
    const auto equal = [&](std::string_view what, std::uint64_t a, std::uint64_t b) {
        if (a != b) throw std::logic_error(fmt::format("hart {}: {}: {} and {}", hart.number(), what, a, b));
    };
    const cpu::HartCounters& c = hart.counters();
    std::uint64_t sum = 0;
    for (const std::uint64_t n : hart.slots_by_cause()) sum += n;
    equal("slots by cause add up to slots", sum, hart.slots());
    if (hart.config().timed) {
        const std::uint64_t issued = hart.slots_by_cause()[static_cast<std::size_t>(cpu::Cause::issue)];
        // One that waits for its turn has issued and is still to be performed.
        const std::uint64_t waiting = hart.wants_sync() ? 1 : 0;
        equal("instructions that issued are issue slots and markers", c.instructions + c.not_retired + waiting,
              issued + c.markers);
    }
    const mmu::MmuCounters& m = hart.mmu_counters();
    if (hart.config().mmu.l2tlb.entries != 0)
        equal("L2 TLB lookups are L1 TLB misses", m.l2tlb.hits + m.l2tlb.misses, m.itlb.misses + m.dtlb.misses);
    equal("page-table reads add up by level",
          m.walker.reads_level0 + m.walker.reads_level1 + m.walker.reads_level2 + m.walker.reads_level3
              + m.walker.reads_level4,
          m.walker.reads);
}

void check_identities(MemorySystem& system, const std::vector<cpu::Hart*>& harts,
                      const std::vector<DramMemory*>& memories) {
    const auto equal = [](const std::string& where, std::string_view what, std::uint64_t a, std::uint64_t b) {
        if (a != b) throw std::logic_error(fmt::format("{}: {}: {} and {}", where, what, a, b));
    };
    if (const std::string why = system.broken_sum(); !why.empty()) throw std::logic_error(why);

    std::vector<Asked> of_node(memories.size());
    for (std::uint32_t h = 0; h < harts.size(); ++h) {
        const std::string where = fmt::format("hart {}", h);
        const cache::CacheCounters l1i = harts[h]->l1i_counters(), l1d = harts[h]->l1d_counters();
        for (const auto& [name, counters, lines] : {std::tuple{"l1i", &l1i, harts[h]->l1i().tags().valid()},
                                                    std::tuple{"l1d", &l1d, harts[h]->l1d().tags().valid()}})
            if (const char* why = cache::broken_sum(*counters, lines))
                throw std::logic_error(fmt::format("{}: {}: {}", where, name, why));
        const mmu::WalkerCounters& walker = harts[h]->mmu_counters().walker;
        const Count walks = walker.reads + walker.updates + walker.update_retries;
        const bool below = harts[h]->config().mmu.walker.start == mmu::WalkStart::below;
        equal(where, "page-table reads, updates and their retries are walks of the L1D, or of the level below",
              below ? 0 : walks, l1d.walks);

        Asked above = asked_by(l1i) + asked_by(l1d);
        if (below) above.writes_and_walks += walks;
        if (const cache::PrivateCache* l2 = system.l2(h)) {
            const cache::CacheCounters c = l2->level().counters();
            expect(where + ": l2", above, c);
            above = asked_by(c);
        }
        of_node[system.node_of_hart(h)] += above;
    }

    std::uint64_t asked_home = 0, heard = 0;
    bool only_misses = true;
    for (std::uint32_t n = 0; n < memories.size(); ++n) {
        const std::string where = fmt::format("node {}", n);
        const cache::CacheCounters llc = system.llc(n).level().counters();
        expect(where + ": llc", of_node[n], llc);
        asked_home += llc.misses() + llc.upgrades + llc.prefetches_issued;
        only_misses = only_misses && system.llc(n).filter() == nullptr && !system.llc(n).takes_dma();

        const cache::DirectoryCounters& d = system.directory(n).counters();
        heard += d.reads + d.exclusive_reads + d.upgrades;
        equal(where, "lines across the crossbar to memory are written to memory",
              system.crossbar(n).counters().to_memory, d.memory_writes * line_bytes);
        std::uint64_t reads = 0, writes = 0;
        for (std::size_t c = 0; c < memories[n]->controller().channels(); ++c) {
            mem::DramChannel& channel = memories[n]->controller().channel(c);
            reads += channel.counters().reads;
            writes += channel.counters().writes + channel.writes_waiting();
        }
        equal(where, "lines read from memory are reads of its channels", d.memory_reads, reads);
        equal(where, "lines written to memory are writes of its channels", d.memory_writes, writes);
    }
    // A last level that is not inclusive, or that devices write into, has more to ask home for than its own misses.
    if (only_misses) equal("machine", "misses of last levels are requests at home", asked_home, heard);
}

} // namespace tollgate::machine
