#include "mmu/pte_array.hh"

namespace tollgate::mmu {

PteArray::PteArray(std::uint32_t entries, std::uint32_t ways, Replacement replacement)
    : keys_{entries, ways}, ptes_(entries), stamps_(entries), replacement_{replacement} {}

bool PteArray::fill(std::uint64_t key, std::uint64_t pte) {
    if (entries() == 0) return false;
    int at = keys_.find(key);
    bool evicted = false;
    if (at < 0) {
        at = keys_.free_in_set(key);
        if (at < 0) {
            const std::uint32_t first = keys_.first_of_set(key);
            at = static_cast<int>(
                first + victim_of(replacement_, keys_.ways(), [&](std::uint32_t w) { return stamps_[first + w]; }));
            keys_.drop(static_cast<std::uint32_t>(at));
            evicted = true;
        }
        keys_.put(static_cast<std::uint32_t>(at), key);
    }
    ptes_[static_cast<std::uint32_t>(at)] = pte;
    stamps_[static_cast<std::uint32_t>(at)] = ++tick_;
    return evicted;
}

} // namespace tollgate::mmu
