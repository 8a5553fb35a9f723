/// The hardware page-table walker with its caches of upper levels (Priv §4.3.2).
#pragma once
#include "mmu/access.hh"
#include "mmu/counters.hh"
#include "mmu/params.hh"
#include "mmu/pmp.hh"
#include "mmu/pte_array.hh"

namespace tollgate::mmu {

/// Whether an address is one that this mode translates: the bits above its highest equal that (Priv §4.4.1).
constexpr bool canonical(VirtAddr va, unsigned levels) {
    const unsigned unused = 64 - abi::level_shift(levels);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(va.value() << unused) >> unused) == va.value();
}

constexpr Exception page_fault(Access a) {
    return a == Access::fetch  ? Exception::fetch_page_fault
           : a == Access::load ? Exception::load_page_fault
                               : Exception::store_page_fault;
}
constexpr Exception access_fault(Access a) {
    return a == Access::fetch  ? Exception::fetch_access_fault
           : a == Access::load ? Exception::load_access_fault
                               : Exception::store_access_fault;
}

/// What a page's bits say about an access (Priv §4.3.1, §4.3.2 steps 5 and 7).
enum class Verdict : std::uint8_t { allowed, forbidden, needs_ad };

/// `bits` are V R W X U G A D as in the entry. `needs_ad`: allowed but for A or D being clear.
constexpr Verdict judge(std::uint64_t bits, Access a, const Context& c) {
    namespace pte = abi::pte;
    constexpr unsigned x_to_r = 2; // X lies two bits above R
    if (c.mxr) bits |= (bits & pte::execute) >> x_to_r;
    std::uint64_t need = pte::valid, forbid = 0;
    need |= a == Access::fetch ? pte::execute : a == Access::load ? pte::read : pte::write;
    if (c.privilege == Privilege::user)
        need |= pte::user;
    else if (a == Access::fetch || !c.sum)
        forbid = pte::user;
    if ((bits & need) != need || (bits & forbid) != 0) return Verdict::forbidden;
    const std::uint64_t used = a == Access::store ? pte::accessed | pte::dirty : pte::accessed;
    return (bits & used) == used ? Verdict::allowed : Verdict::needs_ad;
}

/// A walk's end: a leaf, or a fault.
struct Walk {
    bool fault = false;
    Exception cause = Exception::fetch_misaligned;
    bool invalid = false;     ///< the fault came from an entry that is no valid leaf: a TLB may keep that
    bool global = false;      ///< G at any level (Priv §4.3.1)
    std::uint8_t level = 0;   ///< of the last entry
    std::uint32_t cycles = 0; ///< spent in it
    std::uint64_t pte = 0;    ///< of the last entry, after an update of A and D
};

class PageWalker {
  public:
    PageWalker(const WalkerParams& params, PteMemory& memory, const Pmp& pmp, WalkerCounters& counters);

    /// Walks for an access from `at_cycle` on; what it takes is added to `cost`. Reads are supervisor's loads and
    /// updates supervisor's stores to PMP (Priv §3.7.1). The address is canonical and the mode has `levels` (3 to 5).
    Walk walk(VirtAddr va, Access a, const Context& c, unsigned levels, std::uint64_t at_cycle, WalkCost& cost);
    /// The same without caches, counters and time.
    Walk walk_untimed(VirtAddr va, Access a, const Context& c, unsigned levels);
    /// Finds the leaf whatever its permissions, and changes nothing: for debuggers.
    Walk walk_debug(VirtAddr va, const Context& c, unsigned levels);

    /// Drops pointers; forms with an address drop those on the address's way, more than Priv §4.2.1 asks for.
    void flush(std::optional<VirtAddr> va, std::optional<Asid> asid);
    /// Empties the caches.
    void reset() { flush(std::nullopt, std::nullopt); }

  private:
    enum class Mode : std::uint8_t { timed, untimed, debug };
    enum class Update : std::uint8_t { done, changed, refused };
    template <Mode mode>
    Walk run(VirtAddr va, Access a, const Context& c, unsigned levels, std::uint64_t at_cycle, WalkCost& cost);
    template <Mode mode> Update set_ad(PhysAddr at, Access a, std::uint64_t at_cycle, Walk& walk, WalkCost& cost);
    std::optional<PteArray::Hit> find_pointer(VirtAddr va, Asid asid, unsigned levels);
    void keep_pointer(VirtAddr va, unsigned level, Asid asid, bool global, std::uint64_t entry);

    WalkerParams params_;
    PteMemory& memory_;
    const Pmp& pmp_;
    WalkerCounters& counters_;
    std::vector<PteArray> caches_; ///< one a level from level 1 up, or a shared one
};

} // namespace tollgate::mmu
