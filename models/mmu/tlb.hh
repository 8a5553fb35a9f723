/// An L1 TLB: entries in force, with pointers that stay good and owners that are told when one loses its meaning.
#pragma once
#include "mmu/counters.hh"
#include "mmu/key_array.hh"
#include "mmu/params.hh"
#include <vector>

namespace tollgate::mmu {

class Tlb {
  public:
    /// `kind` is fetch for the ITLB and load for the DTLB. Throws std::invalid_argument on an impossible shape.
    Tlb(const TlbParams& params, Access kind, TlbCounters& counters);

    /// The entry in force for `va`, or null. Does not count as a use.
    TlbEntry* find(VirtAddr va, Asid asid, unsigned levels) {
        const int i = keys_.find(va, asid, levels);
        return i < 0 ? nullptr : &entries_[static_cast<std::uint32_t>(i)];
    }
    /// Puts a leaf in, in place of an entry with the same key, of nothing, or of the policy's victim.
    TlbEntry& fill(std::uint64_t key, std::uint64_t pte, VirtAddr va, std::uint64_t stamp);
    void drop(TlbEntry& entry); ///< `entry` is valid
    /// Drops what `sfence.vma` names (Priv §4.2.1).
    void flush(std::optional<VirtAddr> va, std::optional<Asid> asid);
    /// Empties it uncounted; stamps may start again from 0.
    void reset();

    void set_listener(EntryListener* listener) { listener_ = listener; }
    std::uint32_t entries() const { return keys_.entries(); }
    std::uint32_t live() const { return keys_.live(); }
    const std::vector<TlbEntry>& all() const { return entries_; } // [set][way]

  private:
    static constexpr std::uint32_t group = 8; ///< entries that share a bound
    static std::uint64_t oldest_in(const TlbEntry* first, std::uint32_t n, std::uint32_t without);
    std::uint32_t victim(std::uint64_t key);
    std::uint32_t oldest_of_all();
    void retire(TlbEntry& entry) {
        if (listener_ != nullptr) listener_->dropped(entry, kind_);
        entry.valid = false;
        entry.key = no_key;
        ++entry.generation;
    }
    std::uint32_t index_of(const TlbEntry& e) const { return static_cast<std::uint32_t>(&e - entries_.data()); }

    KeyArray keys_;
    std::vector<TlbEntry> entries_; // [set][way]
    Replacement replacement_;
    Access kind_;
    /// For large sets under LRU, so that a miss need not read every stamp. Of each group its oldest entry when last
    /// looked at, stamp << 3 | number: a lower bound, because stamps only rise. So the least bound whose entry still
    /// bears that stamp is the oldest of all. Empty where it would not pay.
    std::vector<std::uint64_t> bounds_; // [group]
    EntryListener* listener_ = nullptr;
    TlbCounters& counters_;
};

} // namespace tollgate::mmu
