#include "machine/identities.hh"
#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::machine {

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

} // namespace tollgate::machine
