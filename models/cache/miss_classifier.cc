#include "cache/miss_classifier.hh"
#include <algorithm>
#include <bit>

namespace tollgate::cache {

MissClassifier::MissClassifier(std::uint32_t entries, PhysAddr base, Bytes size)
    : entries_{entries}, base_{base}, mask_{std::bit_ceil(std::max<std::uint64_t>(2ull * entries, 16)) - 1},
      ring_(mask_ + 1), table_((size.count() + (1u << chunk_shift) - 1) >> chunk_shift) {}

/// Moves the places in force together. At least half of the ring's are not, so that a miss pays for it once.
void MissClassifier::compact() {
    std::uint64_t to = tail_;
    for (std::uint64_t from = tail_; from != head_; ++from) {
        const Place p = ring_[from & mask_];
        std::uint32_t& entry = entry_of(p.line());
        if (position(entry) != (from & mask_) + 1) continue;
        ring_[to & mask_] = p;
        entry = static_cast<std::uint32_t>((entry & (seen | taken)) | ((to & mask_) + 1));
        ++to;
    }
    head_ = to;
}

} // namespace tollgate::cache
