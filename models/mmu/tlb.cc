#include "mmu/tlb.hh"
#include <algorithm>
#include <cassert>

namespace tollgate::mmu {

Tlb::Tlb(const TlbParams& params, Access kind, TlbCounters& counters)
    : keys_{params.entries, params.ways},
      entries_(params.entries), replacement_{params.replacement}, kind_{kind}, counters_{counters} {}

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
    oldest_ = {};
}

std::uint32_t Tlb::victim(std::uint64_t key) {
    if (replacement_ == Replacement::lru && keys_.sets() == 1 && entries() >= 2 * Oldest::capacity)
        return oldest_of_all();
    const std::uint32_t first = keys_.first_of_set(key);
    return first + victim_of(replacement_, keys_.ways(), [&](std::uint32_t w) { return entries_[first + w].stamp; });
}

std::uint32_t Tlb::oldest_of_all() {
    Oldest& o = oldest_;
    while (o.next < o.count) {
        const Oldest::Note n = o.notes[o.next++];
        if (entries_[n.index].stamp == n.stamp) return n.index;
    }
    // Insertion into a short sorted list; among equal stamps the lower index stays in front.
    std::uint64_t newest = 0, bound = ~0ull;
    o.count = 0;
    for (std::uint32_t i = 0; i < entries(); ++i) {
        const std::uint64_t s = entries_[i].stamp;
        newest = std::max(newest, s);
        if (s >= bound && o.count == Oldest::capacity) continue;
        std::uint32_t at = o.count < Oldest::capacity ? o.count++ : Oldest::capacity - 1;
        for (; at > 0 && o.notes[at - 1].stamp > s; --at) o.notes[at] = o.notes[at - 1];
        o.notes[at] = {i, s};
        bound = o.notes[o.count - 1].stamp;
    }
    const std::uint32_t victim = o.notes[0].index;
    // A later use may bear the newest stamp of now once more, so only older ones can be told from it.
    while (o.count > 0 && o.notes[o.count - 1].stamp == newest) --o.count;
    o.next = 1;
    return victim;
}

} // namespace tollgate::mmu
