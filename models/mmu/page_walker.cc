#include "mmu/page_walker.hh"

namespace tollgate::mmu {
namespace {

namespace pte = abi::pte;

/// Priv §4.3.2 steps 3 to 6, but for permissions: no reserved encoding, no misaligned superpage, no pointer at level 0.
constexpr bool well_formed(std::uint64_t e, unsigned level, bool pbmte) {
    if ((e & pte::valid) == 0 || (e & (pte::read | pte::write)) == pte::write) return false;
    if ((e & (pte::reserved | pte::napot)) != 0) return false;
    if ((e & pte::pbmt_mask) != 0 && (!pbmte || (e & pte::pbmt_mask) == pte::pbmt_mask)) return false;
    if (pte::is_leaf(e)) return (pte::ppn(e) & ((1ull << pte::index_bits * level) - 1)) == 0;
    return level != 0 && (e & (pte::user | pte::accessed | pte::dirty | pte::pbmt_mask)) == 0;
}

constexpr std::array reads_at_level{&WalkerCounters::reads_level0, &WalkerCounters::reads_level1,
                                    &WalkerCounters::reads_level2, &WalkerCounters::reads_level3,
                                    &WalkerCounters::reads_level4};

void spend(Walk& w, WalkCost& cost, const PteRead& r, std::uint32_t own) {
    cost.by_source[static_cast<std::size_t>(r.source)] += r.cycles + own;
    w.cycles += r.cycles + own;
}

Walk failed(Walk w, Exception cause) {
    w.fault = true;
    w.cause = cause;
    return w;
}

} // namespace

PageWalker::PageWalker(const WalkerParams& params, PteMemory& memory, const Pmp& pmp, WalkerCounters& counters)
    : params_{params}, memory_{memory}, pmp_{pmp}, counters_{counters} {
    if (params_.cache_entries == 0) return;
    const unsigned arrays = params_.cache_shared ? 1 : max_levels - 1;
    for (unsigned i = 0; i < arrays; ++i) caches_.emplace_back(params_.cache_entries, 0u, Replacement::lru);
}

Walk PageWalker::walk(VirtAddr va, Access a, const Context& c, unsigned levels, std::uint64_t at_cycle,
                      WalkCost& cost) {
    const Walk w = run<Mode::timed>(va, a, c, levels, at_cycle, cost);
    counters_.cycles += w.cycles;
    return w;
}
Walk PageWalker::walk_untimed(VirtAddr va, Access a, const Context& c, unsigned levels) {
    WalkCost none;
    return run<Mode::untimed>(va, a, c, levels, 0, none);
}
Walk PageWalker::walk_debug(VirtAddr va, const Context& c, unsigned levels) {
    WalkCost none;
    return run<Mode::debug>(va, Access::load, c, levels, 0, none);
}

void PageWalker::flush(std::optional<VirtAddr> va, std::optional<Asid> asid) {
    for (PteArray& cache : caches_) cache.flush(va, asid);
}

std::optional<PteArray::Hit> PageWalker::find_pointer(VirtAddr va, Asid asid, unsigned levels) {
    for (PteArray& cache : caches_)
        if (auto hit = cache.find(va, asid, levels)) return hit;
    return std::nullopt;
}

void PageWalker::keep_pointer(VirtAddr va, unsigned level, Asid asid, bool global, std::uint64_t entry) {
    if (caches_.empty()) return;
    PteArray& cache = caches_[params_.cache_shared ? 0 : level - 1];
    cache.fill(global ? key::make_global(va, level) : key::make(va, level, asid), entry);
}

template <PageWalker::Mode mode>
Walk PageWalker::run(VirtAddr va, Access a, const Context& c, unsigned levels, std::uint64_t at_cycle, WalkCost& cost) {
    constexpr bool timed = mode == Mode::timed;
    // Nothing but another hart in the middle of this very read can change an entry before its update.
    constexpr unsigned most_retries = 16;
    const Asid asid = abi::satp::asid(c.satp);
    std::uint64_t table = abi::satp::ppn(c.satp);
    unsigned retries = 0;
    Walk w;
    w.level = static_cast<std::uint8_t>(levels - 1);
    if constexpr (timed) {
        ++counters_.walks;
        if (const auto hit = find_pointer(va, asid, levels)) {
            ++counters_.cache_hits;
            table = pte::ppn(hit->pte);
            w.level = static_cast<std::uint8_t>(key::level(hit->key) - 1);
            w.global = key::is_global(hit->key);
        }
    }
    for (;;) {
        const unsigned level = w.level;
        const std::uint64_t index = va.value() >> abi::level_shift(level) & ((1u << pte::index_bits) - 1);
        const PhysAddr at{(table << page_shift) + index * sizeof(std::uint64_t)};
        if (mode != Mode::debug && !pmp_.allows(at, sizeof(std::uint64_t), Access::load, Privilege::supervisor))
            return failed(w, access_fault(a));
        const PteRead read = memory_.read(at, at_cycle + w.cycles, timed);
        if constexpr (timed) {
            ++counters_.reads;
            ++(counters_.*reads_at_level[level]);
            spend(w, cost, read, params_.step_cycles);
        }
        if (!read.ok) return failed(w, access_fault(a));
        w.pte = read.value;
        if (!well_formed(w.pte, level, c.pbmte)) {
            w.invalid = true;
            return failed(w, page_fault(a));
        }
        w.global = w.global || (w.pte & pte::global) != 0;
        if (!pte::is_leaf(w.pte)) {
            if constexpr (timed) keep_pointer(va, level, asid, w.global, w.pte);
            table = pte::ppn(w.pte);
            --w.level;
            continue;
        }
        const Verdict verdict = mode == Mode::debug ? Verdict::allowed : judge(w.pte, a, c);
        if (verdict == Verdict::allowed) return w;
        if (verdict == Verdict::forbidden || !c.hardware_ad) return failed(w, page_fault(a));
        switch (set_ad<mode>(at, a, at_cycle, w, cost)) {
        case Update::done: return w;
        case Update::refused: return failed(w, access_fault(a));
        case Update::changed:
            if (++retries > most_retries) return failed(w, access_fault(a));
        }
    }
}

template <PageWalker::Mode mode>
PageWalker::Update PageWalker::set_ad(PhysAddr at, Access a, std::uint64_t at_cycle, Walk& w, WalkCost& cost) {
    constexpr bool timed = mode == Mode::timed;
    if (!pmp_.allows(at, sizeof(std::uint64_t), Access::store, Privilege::supervisor)) return Update::refused;
    const std::uint64_t desired = w.pte | pte::accessed | (a == Access::store ? pte::dirty : 0);
    PteRead update;
    update.ok = true;
    const bool done = memory_.update(at, w.pte, desired, at_cycle + w.cycles, timed, update);
    if constexpr (timed) spend(w, cost, update, 0);
    if (!update.ok) return Update::refused;
    if (!done) {
        if constexpr (timed) ++counters_.update_retries;
        return Update::changed;
    }
    if constexpr (timed) ++counters_.updates;
    w.pte = desired;
    return Update::done;
}

} // namespace tollgate::mmu
