/// A hart's memory management unit: L1 instruction and data TLBs, a shared L2 TLB, the page-table walker.
///
///     translate ── L1 TLB ──miss── L2 TLB ──miss── walk cache ── page tables in memory (PteMemory)
#pragma once
#include "mmu/access.hh"
#include "mmu/counters.hh"
#include "mmu/page_walker.hh"
#include "mmu/params.hh"
#include "mmu/pmp.hh"
#include "mmu/tlb.hh"
#include <optional>

namespace tollgate::mmu {

class Mmu {
  public:
    /// `memory` and `pmp` outlive it. Throws std::invalid_argument on an impossible shape of a TLB.
    Mmu(const MmuParams& params, PteMemory& memory, const Pmp& pmp);
    Mmu(const Mmu&) = delete;
    Mmu& operator=(const Mmu&) = delete;

    /// Translates an access at `now_cycle`, fills the TLBs, counts. `stamp` rises from call to call and is also what
    /// the owner writes into TlbEntry::stamp for the hits that it serves itself. A hit without permission faults
    /// without a walk: a stale entry is the operating system's to fence (Priv §4.2.1).
    Translation translate(VirtAddr va, Access a, const Context& c, std::uint64_t now_cycle, std::uint64_t stamp);
    /// A pure walk: no TLB, no counter, no time. Sets A and D when the context says so.
    Translation translate_untimed(VirtAddr va, Access a, const Context& c);
    /// For debuggers: no permission is checked and nothing is changed. Faults where nothing valid is mapped.
    Translation translate_debug(VirtAddr va, const Context& c);

    /// The four forms of `sfence.vma`, also for `sinval.vma` (Priv §4.2.1): with an address only its translations, with
    /// an ASID only that address space's, which leaves global pages.
    void sfence(std::optional<VirtAddr> va, std::optional<Asid> asid);
    /// Empties everything uncounted, as after reset; the listener is told. Stamps may start again from 0.
    void reset();

    void set_listener(EntryListener* listener) {
        itlb_.set_listener(listener);
        dtlb_.set_listener(listener);
    }
    Tlb& itlb() { return itlb_; }
    Tlb& dtlb() { return dtlb_; }
    const Tlb& itlb() const { return itlb_; }
    const Tlb& dtlb() const { return dtlb_; }
    const MmuCounters& counters() const { return counters_; }

  private:
    struct Request {
        VirtAddr va;
        Access access;
        const Context& context;
        unsigned levels;
        std::uint64_t now_cycle, stamp;
    };
    Translation miss(Tlb& tlb, const Request& request);
    Translation walk(Tlb& tlb, const Request& request, std::uint32_t l2_cycles);
    static void set_leaf(Translation& t, VirtAddr va, unsigned level, std::uint64_t pte);
    Translation faulted(Exception cause);
    void set_fault(Translation& t, Exception cause);
    static Translation from_walk(const Walk& walk, VirtAddr va);

    MmuCounters counters_;
    MmuParams params_;
    Tlb itlb_;
    Tlb dtlb_;
    PteArray l2_;
    PageWalker walker_;
};

} // namespace tollgate::mmu
