#include "cache/tag_array.hh"
#include "base/replacement.hh"
#include <cassert>

namespace tollgate::cache {

TagArray::TagArray(std::uint32_t sets, std::uint32_t ways, Replacement policy, std::uint64_t seed)
    : ways_{ways}, mask_{sets - 1}, policy_{policy}, random_{seed} {
    assert(sets != 0 && (sets & mask_) == 0 && ways != 0 && ways <= 64);
    const std::size_t n = static_cast<std::size_t>(sets) * ways;
    tags_.assign(n, ~state_mask);
    stamps_.assign(n, 0);
    records_.assign(n, {});
    if (policy == Replacement::srrip) {
        seen_.assign(n, 0);
        distance_.assign(n, 0);
    }
}

std::uint32_t TagArray::victim(PhysAddr line, std::uint32_t ways) {
    assert(ways != 0 && ways <= ways_);
    const std::uint32_t first = first_of(line);
    if (policy_ != Replacement::lru) return victim_by_policy(first, ways);
    // A free way's stamp is 0, which is the oldest.
    const std::uint64_t* const stamps = &stamps_[first];
    return first + least_recent(ways, [stamps](std::uint32_t way) { return stamps[way]; });
}

std::uint32_t TagArray::victim_by_policy(std::uint32_t first, std::uint32_t ways) {
    const auto stamp_at = [this, first](std::uint32_t way) { return stamps_[first + way]; };
    for (std::uint32_t i = first; i < first + ways; ++i)
        if (state(i) == LineState::invalid) return i;
    switch (policy_) {
    case Replacement::tree_plru: return first + tree_plru_victim(ways, stamp_at);
    case Replacement::random: return first + static_cast<std::uint32_t>(random_.below(ways));
    default: return srrip_victim(first, ways);
    }
}

/// SRRIP with two bits and promotion to 0 on a hit (Jaleel et al., ISCA 2010), the hits read from the stamps.
std::uint32_t TagArray::srrip_victim(std::uint32_t first, std::uint32_t ways) {
    std::uint32_t best = first;
    for (std::uint32_t i = first; i < first + ways; ++i) {
        if (stamps_[i] != seen_[i]) {
            distance_[i] = 0;
            seen_[i] = stamps_[i];
        }
        if (distance_[i] > distance_[best]) best = i;
    }
    const auto age = static_cast<std::uint8_t>(farthest - distance_[best]);
    for (std::uint32_t i = first; i < first + ways; ++i) distance_[i] = static_cast<std::uint8_t>(distance_[i] + age);
    return best;
}

void TagArray::clear() {
    for (std::uint32_t i = 0; i < entries(); ++i) forget(i);
    valid_ = 0;
}

} // namespace tollgate::cache
