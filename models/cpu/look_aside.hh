/// The hart's short cuts from a virtual address to a host pointer and to decoded instructions.
///
/// They are windows on the L1 caches and TLBs, never a second truth: timed, a data entry exists only while its line is
/// in the L1D and a block entry while its lines are in the L1I; a data entry exists only while its page is in the L1
/// DTLB (the TLB entry's `lines` says which lines have entries) and, with several harts, while the hart holds the line;
/// a block entry repeats its TLB entry's generation. A hit writes the time of use into the TLB entry, which is all that
/// its replacement needs, so counters and cycles are the same as without. In functional mode the granule is a page.
///
///     load/store tag   | va of the granule, low bits of a misaligned access included, so that it never matches |
#pragma once
#include "cpu/decode_cache.hh"
#include "mmu/mmu.hh"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tollgate::cpu {

inline constexpr std::uint64_t no_tag = ~0ull; ///< matches no access: its granule is not aligned

/// Serves aligned accesses inside [tag, tag + granule).
struct DataEntry {
    std::uint64_t tag = no_tag;
    std::uint64_t bias = 0;            ///< host address - virtual address
    std::uint64_t* used = nullptr;     ///< TlbEntry::stamp
    std::uint64_t wrote = 0;           ///< store entries: when this hart last wrote the line
    std::uint64_t line = 0;            ///< physical address >> line_shift
    std::uint64_t* way_used = nullptr; ///< timed: the L1D way's stamp of last use
    std::uint64_t ready = 0;           ///< timed: when the line is or was here, with the cause of waiting for it
};

/// A page whose translation is in the L1 DTLB and whose bytes PMP treats alike: what an access to another line of it
/// would find out again. Timed mode.
struct DataPage {
    std::uint64_t page = no_tag; ///< virtual page number
    mmu::TlbEntry* entry = nullptr;
    std::byte* host = nullptr;
    std::uint64_t frame = 0; ///< physical address of the 4 KiB
    std::uint32_t generation = 0;
    std::uint8_t rights = 0; ///< bit per mmu::Access that was allowed
};

/// Direct-mapped by granule. Translations of one DataContext.
struct DataTable {
    static constexpr std::size_t size = 4096;
    /// In functional mode the tags' low bits, which are clear in the address of a page, hold the hart's epoch.
    static constexpr std::uint64_t epoch_step = 8;
    static constexpr std::size_t timed_size = 4096;
    static constexpr std::size_t pages_known = 64;
    std::vector<DataEntry> load{size}, store{size};
    std::array<DataPage, pages_known> pages{}; // [virtual page % pages_known]
    void clear() {
        load.assign(size, {});
        store.assign(size, {});
        pages = {};
    }
};

struct BlockEntry {
    std::uint64_t pc = no_tag;
    const Block* block = nullptr;
    mmu::TlbEntry* page = nullptr;
    std::uint64_t* way_used = nullptr;    ///< timed: stamps of the L1I ways that hold its lines, the same twice
    std::uint64_t* second_used = nullptr; ///< unless it crosses
    std::uint32_t generation = 0;
};

struct BlockTable {
    static constexpr std::size_t size = 4096;
    std::vector<BlockEntry> entry{size};
    void clear() { entry.assign(size, {}); }
};

/// A few tables, one for each context in which the hart lately ran; the least recently used one is reused.
template <class Table, std::size_t count> class Contexts {
  public:
    struct Slot {
        mmu::Context key;
        std::uint64_t used = 0; ///< 0: never
        std::unique_ptr<Table> table;
    };
    /// The table for a context, empty when it is new; empty(table) empties one that is taken from another context.
    template <class F> Table* find(const mmu::Context& key, F&& empty) {
        Slot* oldest = &slots_[0];
        for (Slot& s : slots_) {
            if (s.used != 0 && same(s.key, key)) {
                s.used = ++clock_;
                return s.table.get();
            }
            if (s.used < oldest->used) oldest = &s;
        }
        if (!oldest->table) {
            oldest->table = std::make_unique<Table>();
        } else {
            empty(*oldest->table);
        }
        oldest->key = key;
        oldest->used = ++clock_;
        return oldest->table.get();
    }
    /// Calls f(table) for every table that may hold something.
    template <class F> void for_each(F&& f) {
        for (Slot& s : slots_)
            if (s.used != 0) f(*s.table);
    }

  private:
    static bool same(const mmu::Context& a, const mmu::Context& b) {
        return a.satp == b.satp && a.privilege == b.privilege && a.sum == b.sum && a.mxr == b.mxr
               && a.hardware_ad == b.hardware_ad && a.pbmte == b.pbmte;
    }
    std::array<Slot, count> slots_{};
    std::uint64_t clock_ = 0;
};

} // namespace tollgate::cpu
