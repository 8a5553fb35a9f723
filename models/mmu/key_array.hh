/// The keys of a set-associative array, apart from what they stand for, so that a search runs over contiguous words.
#pragma once
#include "mmu/key.hh"
#include <optional>
#include <vector>

namespace tollgate::mmu {

/// Finds pages of several sizes, each by a probe of its own; sizes that are not present cost nothing. A page's set is
/// the low bits of its number at its level.
class KeyArray {
  public:
    /// `ways` 0: fully associative. Throws std::invalid_argument unless entries / ways is a power of two.
    KeyArray(std::uint32_t entries, std::uint32_t ways);

    std::uint32_t entries() const { return static_cast<std::uint32_t>(keys_.size()); }
    std::uint32_t ways() const { return ways_; }
    std::uint32_t sets() const { return set_mask_ + 1; }
    std::uint64_t key_at(std::uint32_t index) const { return keys_[index]; }
    /// The first index of the set in which `k` belongs.
    std::uint32_t first_of_set(std::uint64_t k) const { return set_of(k) * ways_; }

    /// The index of `k`, or -1.
    int find(std::uint64_t k) const {
        const std::uint32_t set = set_of(k);
        if (blocks_ != 0) return find_by_tag(k, set);
        for (std::uint32_t i = set * ways_; i < (set + 1) * ways_; ++i)
            if (keys_[i] == k) return static_cast<int>(i);
        return -1;
    }
    /// The index of the smallest page that contains `va` in `asid`, its own before a global one; -1 if there is none.
    /// Only pages below `levels` count.
    int find(VirtAddr va, Asid asid, unsigned levels) const {
        for (std::uint32_t left = present_ & ((1u << 2 * levels) - 1); left != 0; left &= left - 1) {
            const auto combination = static_cast<unsigned>(__builtin_ctz(left));
            const unsigned level = combination >> 1;
            const int i = find((combination & 1) != 0 ? key::make_global(va, level) : key::make(va, level, asid));
            if (i >= 0) return i;
        }
        return -1;
    }
    /// The lowest index in k's set that holds nothing, or -1. Constant when the set is full.
    int free_in_set(std::uint64_t k) const;

    void put(std::uint32_t index, std::uint64_t k); ///< `index` holds nothing and lies in k's set
    void drop(std::uint32_t index);                 ///< `index` holds a key

    /// Drops what `sfence.vma` names (Priv §4.2.1), after calling before(index) for each; returns how many.
    template <class F> std::uint32_t flush(std::optional<VirtAddr> va, std::optional<Asid> asid, F&& before) {
        std::uint32_t n = 0;
        const auto consider = [&](std::uint32_t i) {
            const std::uint64_t k = keys_[i];
            if (k == no_key || (va && !key::covers(k, *va)) || (asid && (key::is_global(k) || key::asid(k) != *asid)))
                return;
            before(i);
            drop(i);
            ++n;
        };
        if (live_ == 0) return 0;
        if (!va && !asid) {
            n = live_;
            for (std::uint32_t i = 0; i < entries(); ++i)
                if (keys_[i] != no_key) before(i);
            clear();
            return n;
        }
        if (!va || set_mask_ == 0) {
            for (std::uint32_t i = 0; i < entries(); ++i) consider(i);
            return n;
        }
        for (unsigned level = 0; level < max_levels; ++level) {
            if ((present_ >> 2 * level & 3) == 0) continue;
            const std::uint32_t first = first_of_set(key::vpn(*va, level));
            for (std::uint32_t i = first; i < first + ways_; ++i) consider(i);
        }
        return n;
    }
    std::uint32_t live() const { return live_; }

  private:
    /// Tags are 16-bit hashes of keys, compared eight at a time with the compilers' vector types; a match is verified.
    using TagBlock [[gnu::vector_size(16)]] = std::uint16_t;
    static constexpr std::uint32_t tags_per_block = 8;
    static constexpr std::uint32_t few_ways = 2; ///< up to here comparing keys one by one is faster
    static std::uint16_t tag_of(std::uint64_t k) {
        return static_cast<std::uint16_t>((k * 0x9e3779b97f4a7c15ull) >> 48
                                          | 1); // odd: an empty slot's 0 never matches
    }
    int find_by_tag(std::uint64_t k, std::uint32_t set) const;
    void set_tag(std::uint32_t set, std::uint32_t way, std::uint16_t tag);
    std::uint32_t set_of(std::uint64_t k) const { return static_cast<std::uint32_t>(k) & set_mask_; }
    void clear();
    static unsigned combination_of(std::uint64_t k) { return key::level(k) * 2 + (key::is_global(k) ? 1 : 0); }

    std::uint32_t ways_ = 0;
    std::uint32_t set_mask_ = 0;
    std::uint32_t present_ = 0; ///< bit level * 2 + global: some such key is here
    std::uint32_t live_ = 0;
    std::vector<std::uint64_t> keys_;                      // [set][way]
    std::uint32_t blocks_ = 0;                             ///< of tags in a set; 0 when there are few ways
    std::vector<TagBlock> tags_;                           // [set][block]
    std::vector<std::uint32_t> live_in_set_;               // [set]
    std::array<std::uint32_t, 2 * max_levels> in_group_{}; // by level * 2 + global
};

} // namespace tollgate::mmu
