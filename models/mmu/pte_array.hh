/// An array of page-table entries by page: the L2 TLB holds leaves in it, the walk cache pointers to tables.
#pragma once
#include "mmu/key_array.hh"
#include "mmu/replacement.hh"
#include <vector>

namespace tollgate::mmu {

class PteArray {
  public:
    struct Hit {
        std::uint64_t key, pte;
    };
    /// `entries` may be 0: then nothing is ever found. Throws std::invalid_argument on an impossible shape.
    PteArray(std::uint32_t entries, std::uint32_t ways, Replacement replacement);

    /// The smallest page that contains `va`; a hit is a use.
    std::optional<Hit> find(VirtAddr va, Asid asid, unsigned levels) {
        const int found = keys_.find(va, asid, levels);
        if (found < 0) return std::nullopt;
        const auto i = static_cast<std::uint32_t>(found);
        stamps_[i] = ++tick_;
        return Hit{keys_.key_at(i), ptes_[i]};
    }
    /// Drops every entry for `va` in `asid`, global ones too.
    void forget(VirtAddr va, Asid asid, unsigned levels) {
        for (int i = keys_.find(va, asid, levels); i >= 0; i = keys_.find(va, asid, levels))
            keys_.drop(static_cast<std::uint32_t>(i));
    }
    /// Puts in an entry whose key is not here, in place of nothing or of the policy's victim; true: one was evicted.
    bool fill(std::uint64_t key, std::uint64_t pte);
    /// Drops what `sfence.vma` names (Priv §4.2.1); returns how many.
    std::uint32_t flush(std::optional<VirtAddr> va, std::optional<Asid> asid) {
        return keys_.flush(va, asid, [](std::uint32_t) {});
    }
    std::uint32_t entries() const { return keys_.entries(); }
    std::uint32_t live() const { return keys_.live(); }

  private:
    KeyArray keys_;
    std::vector<std::uint64_t> ptes_, stamps_; // [set][way]
    std::uint64_t tick_ = 0;
    Replacement replacement_;
};

} // namespace tollgate::mmu
