/// What goes in and out of a translation, and the two interfaces that the MMU's owner implements.
#pragma once
#include "abi/exceptions.hh"
#include "abi/page_table.hh"
#include "abi/privilege.hh"
#include "base/address.hh"
#include "base/param.hh"
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace tollgate::mmu {

using abi::Exception;
using abi::Privilege;
using Asid = std::uint16_t;

/// An AMO and `cbo.zero` translate as store, `lr` as load (Unpriv §8, Priv §4.3.1).
enum class Access : std::uint8_t { fetch, load, store };

/// Who served a read of a page-table entry.
enum class Source : std::uint8_t { l1, l2, llc, local, remote, other_cache };
inline constexpr std::size_t source_count = 6;

} // namespace tollgate::mmu

template <> struct tollgate::Choice<tollgate::mmu::Access> {
    static constexpr std::array<std::string_view, 3> names{"fetch", "load", "store"};
};
template <> struct tollgate::Choice<tollgate::mmu::Source> {
    static constexpr std::array<std::string_view, tollgate::mmu::source_count> names{"l1",    "l2",     "llc",
                                                                                     "local", "remote", "other_cache"};
};

namespace tollgate::mmu {

/// A page-table entry as read. `ok` false: the bus or PMP refused, which is an access fault of the original access.
struct PteRead {
    std::uint64_t value = 0;
    bool ok = false;
    Source source = Source::l1;
    std::uint32_t cycles = 0; ///< from the request to the value, in the hart's cycles
};

/// Where the walker reads: through the hart's caches when timed, the host's memory when not.
class PteMemory {
  public:
    /// Reads the 8 bytes at `pte`, which is aligned and was allowed by PMP.
    virtual PteRead read(PhysAddr pte, std::uint64_t at_cycle, bool timed) = 0;
    /// Stores `desired` atomically when the entry still equals `expected` (Svadu); false: somebody changed it, or
    /// `cost.ok` is false and the bus refused. `cost.value` is not used.
    virtual bool update(PhysAddr pte, std::uint64_t expected, std::uint64_t desired, std::uint64_t at_cycle, bool timed,
                        PteRead& cost) = 0;

  protected:
    ~PteMemory() = default;
};

/// One translation in force in an L1 TLB. It never moves in memory, so its owner may hold pointers to it and to
/// `stamp`.
struct alignas(64) TlbEntry {
    std::uint64_t key = ~0ull; ///< see key.hh
    std::uint64_t ppn = 0;     ///< of the page's first 4 KiB
    std::uint64_t stamp = 0;   ///< last use; written by every hit, never falls
    std::uint64_t lines = 0;   ///< the hart's own: which of the page's lines have look-aside entries; 0 after a refill
    VirtAddr base;             ///< first address of the page
    std::byte* host = nullptr; ///< the hart's own: host address of a 4 KiB page, null unknown; null after a refill
    std::uint32_t generation = 0; ///< rises whenever the entry is refilled or dropped
    std::uint8_t level = 0;       ///< 0: 4 KiB, 1: 2 MiB, 2: 1 GiB, 3: 512 GiB, 4: 256 TiB
    std::uint8_t pte_bits = 0;    ///< V R W X U G A D as in the page-table entry; G if any level of the walk had it
    std::uint8_t pbmt = 0;        ///< abi::MemoryType
    bool valid = false;
};
static_assert(sizeof(TlbEntry) == 64, "one host cache line an entry");

/// Told before an L1 entry loses its meaning.
class EntryListener {
  public:
    /// Called before `entry` is dropped, evicted or replaced; `tlb` is fetch for the ITLB and load for the DTLB.
    virtual void dropped(TlbEntry& entry, Access tlb) = 0;

  protected:
    ~EntryListener() = default;
};

/// What a translation depends on besides address and access. MPRV is applied by the caller (effective privilege).
struct Context {
    std::uint64_t satp = 0;
    Privilege privilege = Privilege::machine;
    bool sum = false;         ///< mstatus.SUM (Priv §3.1.6.3)
    bool mxr = false;         ///< mstatus.MXR (Priv §3.1.6.3)
    bool hardware_ad = false; ///< A and D are set by the walker: menvcfg.ADUE, or walker.hardware_ad without it
    bool pbmte = false;       ///< menvcfg.PBMTE (Priv §3.1.18)
};

/// Cycles for which the access waited: by who served the walk's reads, and in the L2 TLB.
struct WalkCost {
    std::array<std::uint32_t, source_count> by_source{};
    std::uint32_t l2_tlb = 0;
    constexpr std::uint32_t total() const { return std::accumulate(by_source.begin(), by_source.end(), l2_tlb); }
};

/// A fault leaves the TLBs as they are, unless walker.cache_invalid. PMP for the access itself is the caller's to check
/// (Pmp::allows).
struct Translation {
    bool fault = false;
    Exception cause = Exception::fetch_misaligned; ///< valid with `fault`
    std::uint8_t level = 0;                        ///< of the leaf; 0 in bare mode
    std::uint8_t pte_bits = 0;                     ///< of the leaf, after an update of A and D; 0 in bare mode
    std::uint8_t pbmt = 0;                         ///< abi::MemoryType; 0 in bare mode
    PhysAddr pa;
    TlbEntry* entry = nullptr; ///< null in bare mode, on a fault and for untimed translations
    WalkCost cost;             ///< also on a fault
};

} // namespace tollgate::mmu
