#include "mmu/tlb.hh"
#include <algorithm>
#include <cassert>

namespace tollgate::mmu {

Tlb::Tlb(const TlbParams& params, Access kind, TlbCounters& counters)
    : keys_{params.entries, params.ways},
      entries_(params.entries), replacement_{params.replacement}, kind_{kind}, counters_{counters} {
    if (replacement_ == Replacement::lru && keys_.sets() == 1 && entries() >= 2 * group)
        bounds_.assign((entries() + group - 1) / group, 0);
}

TlbEntry& Tlb::fill(std::uint64_t key, std::uint64_t pte, VirtAddr va, std::uint64_t stamp) {
    assert(keys_.find(key) < 0);
    const int unused = keys_.free_in_set(key);
    const std::uint32_t at = unused >= 0 ? static_cast<std::uint32_t>(unused) : victim(key);
    TlbEntry& e = entries_[at];
    if (unused < 0) {
        retire(e);
        keys_.drop(at);
        ++counters_.evictions;
    }
    keys_.put(at, key);
    e.key = key;
    e.ppn = abi::pte::ppn(pte);
    e.stamp = stamp;
    e.lines = 0;
    e.level = static_cast<std::uint8_t>(key::level(key));
    e.base = VirtAddr{va.value() & ~((1ull << abi::level_shift(e.level)) - 1)};
    e.host = nullptr;
    ++e.generation;
    e.pte_bits = static_cast<std::uint8_t>(pte & abi::pte::flags);
    e.pbmt = static_cast<std::uint8_t>(abi::pte::pbmt(pte));
    e.valid = true;
    return e;
}

void Tlb::drop(TlbEntry& entry) {
    retire(entry);
    keys_.drop(index_of(entry));
}

void Tlb::flush(std::optional<VirtAddr> va, std::optional<Asid> asid) {
    counters_.flushed += keys_.flush(va, asid, [this](std::uint32_t i) { retire(entries_[i]); });
}

void Tlb::reset() {
    keys_.flush(std::nullopt, std::nullopt, [this](std::uint32_t i) { retire(entries_[i]); });
    for (TlbEntry& e : entries_) e.stamp = 0;
    std::fill(bounds_.begin(), bounds_.end(), 0u);
}

std::uint32_t Tlb::victim(std::uint64_t key) {
    if (!bounds_.empty()) return oldest_of_all();
    const std::uint32_t first = keys_.first_of_set(key);
    return first + victim_of(replacement_, keys_.ways(), [&](std::uint32_t w) { return entries_[first + w].stamp; });
}

std::uint64_t Tlb::oldest_in(const TlbEntry* first, std::uint32_t n, std::uint32_t without) {
    std::uint64_t oldest = ~0ull;
    const auto look = [&](std::uint32_t i) {
        const std::uint64_t other = i == without ? ~0ull : first[i].stamp << 3 | i;
        oldest = std::min(oldest, other);
    };
    if (n == group) { // unrolled, without a branch
        for (std::uint32_t i = 0; i < group; ++i) look(i);
    } else {
        for (std::uint32_t i = 0; i < n; ++i) look(i);
    }
    return oldest;
}

std::uint32_t Tlb::oldest_of_all() {
    const auto groups = static_cast<std::uint32_t>(bounds_.size());
    const std::uint64_t* const bounds = bounds_.data();
    for (;;) {
        const std::uint32_t g = least_recent(groups, [bounds](std::uint32_t i) { return bounds[i] >> 3; });
        const std::uint64_t bound = bounds[g];
        const auto way = static_cast<std::uint32_t>(bound & 7);
        const TlbEntry* const first = &entries_[g * group];
        const std::uint32_t n = std::min(entries() - g * group, group);
        const bool found = first[way].stamp == bound >> 3;
        // What is found is refilled at once and is then the newest: look past it already now.
        bounds_[g] = oldest_in(first, n, found && n > 1 ? way : group);
        if (found) return g * group + way;
    }
}

} // namespace tollgate::mmu
