#include "mmu/pte_array.hh"
#include <cassert>

namespace tollgate::mmu {

PteArray::PteArray(std::uint32_t entries, std::uint32_t ways, Replacement replacement)
    : keys_{entries, ways}, ptes_(entries), stamps_(entries), replacement_{replacement} {}

bool PteArray::fill(std::uint64_t key, std::uint64_t pte) {
    if (entries() == 0) return false;
    assert(keys_.find(key) < 0);
    const int unused = keys_.free_in_set(key);
    std::uint32_t at = static_cast<std::uint32_t>(unused);
    if (unused < 0) {
        const std::uint32_t first = keys_.first_of_set(key);
        at = first + victim_of(replacement_, keys_.ways(), [&](std::uint32_t w) { return stamps_[first + w]; });
        keys_.drop(at);
    }
    keys_.put(at, key);
    ptes_[at] = pte;
    stamps_[at] = ++tick_;
    return unused < 0;
}

} // namespace tollgate::mmu
