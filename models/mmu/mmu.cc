#include "mmu/mmu.hh"

namespace tollgate::mmu {
namespace {

/// Levels of tables that an access goes through; 0: addresses are physical (Priv §4.1.11).
unsigned levels_of(const Context& c) { return c.privilege == Privilege::machine ? 0 : abi::satp::levels(c.satp); }

PhysAddr inside(std::uint64_t ppn, unsigned level, VirtAddr va) {
    return PhysAddr{ppn << page_shift | (va.value() & ((1ull << abi::level_shift(level)) - 1))};
}

} // namespace

Mmu::Mmu(const MmuParams& params, PteMemory& memory, const Pmp& pmp)
    : params_{params}, itlb_{params.itlb, Access::fetch, counters_.itlb}, dtlb_{params.dtlb, Access::load,
                                                                                counters_.dtlb},
      l2_{params.l2tlb.entries, params.l2tlb.ways, params.l2tlb.replacement}, walker_{params.walker, memory, pmp,
                                                                                      counters_.walker} {}

void Mmu::set_leaf(Translation& t, VirtAddr va, unsigned level, std::uint64_t pte) {
    t.level = static_cast<std::uint8_t>(level);
    t.pte_bits = static_cast<std::uint8_t>(pte & abi::pte::flags);
    t.pbmt = static_cast<std::uint8_t>(abi::pte::pbmt(pte));
    t.pa = inside(abi::pte::ppn(pte), level, va);
}

void Mmu::set_fault(Translation& t, Exception cause) {
    switch (cause) {
    case Exception::fetch_page_fault: ++counters_.faults.fetch_page_faults; break;
    case Exception::load_page_fault: ++counters_.faults.load_page_faults; break;
    case Exception::store_page_fault: ++counters_.faults.store_page_faults; break;
    default: ++counters_.faults.walk_access_faults; break;
    }
    t.fault = true;
    t.cause = cause;
}

Translation Mmu::faulted(Exception cause) {
    Translation t;
    set_fault(t, cause);
    return t;
}

Translation Mmu::translate(VirtAddr va, Access a, const Context& c, std::uint64_t now_cycle, std::uint64_t stamp) {
    const unsigned levels = levels_of(c);
    if (levels == 0) {
        Translation t;
        t.pa = PhysAddr{va.value()};
        return t;
    }
    if (!canonical(va, levels)) return faulted(page_fault(a));
    Tlb& tlb = a == Access::fetch ? itlb_ : dtlb_;
    if (TlbEntry* const e = tlb.find(va, abi::satp::asid(c.satp), levels)) {
        const Verdict verdict = judge(e->pte_bits, a, c);
        if (verdict == Verdict::allowed) [[likely]] {
            Translation t;
            e->stamp = stamp;
            t.level = e->level;
            t.pte_bits = e->pte_bits;
            t.pbmt = e->pbmt;
            t.pa = inside(e->ppn, e->level, va);
            t.entry = e;
            return t;
        }
        if (verdict == Verdict::forbidden || !c.hardware_ad) return faulted(page_fault(a));
        // Other entries for this address go as well: the walk's result may have the key of one of them.
        for (TlbEntry* stale = e; stale != nullptr; stale = tlb.find(va, abi::satp::asid(c.satp), levels))
            tlb.drop(*stale);
        l2_.forget(va, abi::satp::asid(c.satp), levels);
        return walk(tlb, {va, a, c, levels, now_cycle, stamp}, 0);
    }
    return miss(tlb, {va, a, c, levels, now_cycle, stamp});
}

Translation Mmu::miss(Tlb& tlb, const Request& r) {
    ++(r.access == Access::fetch ? counters_.itlb : counters_.dtlb).misses;
    if (l2_.entries() == 0) return walk(tlb, r, 0);
    const std::uint32_t latency = params_.l2tlb.latency;
    const auto found = l2_.find(r.va, abi::satp::asid(r.context.satp), r.levels);
    if (!found) {
        ++counters_.l2tlb.misses;
        return walk(tlb, r, latency);
    }
    ++counters_.l2tlb.hits;
    const Verdict verdict = judge(found->pte, r.access, r.context);
    if (verdict == Verdict::needs_ad && r.context.hardware_ad) {
        l2_.forget(r.va, abi::satp::asid(r.context.satp), r.levels);
        return walk(tlb, r, latency);
    }
    Translation t;
    t.cost.l2_tlb = latency;
    if (verdict == Verdict::allowed) [[likely]] {
        t.entry = &tlb.fill(found->key, found->pte, r.va, r.stamp);
        set_leaf(t, r.va, key::level(found->key), found->pte);
    } else {
        set_fault(t, page_fault(r.access));
    }
    return t;
}

Translation Mmu::walk(Tlb& tlb, const Request& r, std::uint32_t l2_cycles) {
    Translation t;
    t.cost.l2_tlb = l2_cycles;
    const Walk w = walker_.walk(r.va, r.access, r.context, r.levels, r.now_cycle + l2_cycles, t.cost);
    if (w.fault) set_fault(t, w.cause);
    const bool keep_invalid = w.invalid && params_.walker.cache_invalid;
    if (w.fault && !keep_invalid) return t;
    const std::uint64_t key =
        w.global ? key::make_global(r.va, w.level) : key::make(r.va, w.level, abi::satp::asid(r.context.satp));
    const std::uint64_t leaf = keep_invalid ? 0 : w.global ? w.pte | abi::pte::global : w.pte;
    if (l2_.fill(key, leaf)) ++counters_.l2tlb.evictions;
    TlbEntry& e = tlb.fill(key, leaf, r.va, r.stamp);
    if (keep_invalid) {
        ++counters_.walker.invalid_fills;
        return t;
    }
    t.entry = &e;
    set_leaf(t, r.va, w.level, leaf);
    return t;
}

Translation Mmu::from_walk(const Walk& w, VirtAddr va) {
    Translation t;
    t.fault = w.fault;
    t.cause = w.cause;
    if (w.fault) return t;
    set_leaf(t, va, w.level, w.global ? w.pte | abi::pte::global : w.pte);
    return t;
}

Translation Mmu::translate_untimed(VirtAddr va, Access a, const Context& c) {
    Translation t;
    const unsigned levels = levels_of(c);
    if (levels == 0) {
        t.pa = PhysAddr{va.value()};
        return t;
    }
    if (canonical(va, levels)) return from_walk(walker_.walk_untimed(va, a, c, levels), va);
    t.fault = true;
    t.cause = page_fault(a);
    return t;
}

Translation Mmu::translate_debug(VirtAddr va, const Context& c) {
    Translation t;
    const unsigned levels = levels_of(c);
    if (levels == 0) {
        t.pa = PhysAddr{va.value()};
        return t;
    }
    if (canonical(va, levels)) return from_walk(walker_.walk_debug(va, c, levels), va);
    t.fault = true;
    t.cause = page_fault(Access::load);
    return t;
}

void Mmu::sfence(std::optional<VirtAddr> va, std::optional<Asid> asid) {
    FenceCounters& n = counters_.fences;
    ++(va ? asid ? n.address_asid : n.address : asid ? n.asid : n.all);
    itlb_.flush(va, asid);
    dtlb_.flush(va, asid);
    counters_.l2tlb.flushed += l2_.flush(va, asid);
    walker_.flush(va, asid);
}

void Mmu::reset() {
    itlb_.reset();
    dtlb_.reset();
    l2_.flush(std::nullopt, std::nullopt);
    walker_.reset();
}

} // namespace tollgate::mmu
