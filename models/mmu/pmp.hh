/// Physical memory protection (Priv §3.7): which bytes of physical memory each privilege may read, write and execute.
#pragma once
#include "mmu/access.hh"
#include "mmu/params.hh"
#include <array>
#include <cstdint>

namespace tollgate::mmu {

/// Permissions that hold for every access inside a block, so that a fast path can keep them until the epoch changes.
struct Uniform {
    bool uniform = false;     ///< false: entries' borders lie inside the block; ask Pmp::allows for each access
    std::uint8_t user = 0;    ///< R 1, W 2, X 4: for user and supervisor mode
    std::uint8_t machine = 0; ///< R 1, W 2, X 4: for machine mode
    constexpr bool allows(Access a, Privilege p) const;
};

/// The registers and their rules. Granularity is 4 bytes; physical addresses have 56 bits. `mstatus.MPRV` is applied by
/// the caller, who gives the effective privilege.
class Pmp {
  public:
    static constexpr unsigned max_entries = 64;
    static constexpr std::uint8_t r = 1, w = 2, x = 4, locked = 0x80; ///< bits of an entry's configuration
    enum class Match : std::uint8_t { off, tor, na4, napot };         ///< field A, bits 4 and 3

    /// Throws std::invalid_argument unless 0, 16 or 64 entries are asked for.
    explicit Pmp(const PmpParams& = {});

    /// Whether an access of `size` bytes (1 to 64) at `pa` is allowed. The entry with the lowest number that matches
    /// any byte decides, and fails the access when it does not match all (Priv §3.7.1). Linear in the active entries.
    bool allows(PhysAddr pa, unsigned size, Access a, Privilege p) const {
        const std::uint64_t first = pa.value();
        std::uint64_t last = first + (size - 1);
        if (last < first) last = ~0ull;
        for (unsigned i = 0; i < active_count_; ++i) {
            const Range& e = active_[i];
            if (last < e.first || first > e.last) continue;
            if (first < e.first || last > e.last) return false;
            return ((p == Privilege::machine ? e.machine : e.user) & bit(a)) != 0;
        }
        return p == Privilege::machine || entries_ == 0;
    }
    /// The permissions of the aligned block of `size` bytes (a power of two) around `pa`. Uniform when a single entry,
    /// or none, decides about all of it.
    Uniform page_permissions(PhysAddr pa, std::uint64_t size) const;

    /// CSR pmpcfg0, pmpcfg2, ... pmpcfg14: eight entries each (RV64); `reg` is even. Zero beyond the last entry.
    std::uint64_t read_cfg(unsigned reg) const;
    /// Locked entries keep their value, reserved bits read zero, W without R is not taken (Priv §3.7.1).
    void write_cfg(unsigned reg, std::uint64_t value);
    /// CSR pmpaddr0 to pmpaddr63: bits 55 to 2 of an address.
    std::uint64_t read_addr(unsigned entry) const { return entry < entries_ ? addr_[entry] : 0; }
    /// Ignored when the entry is locked, or the next one is and is TOR (Priv §3.7.1).
    void write_addr(unsigned entry, std::uint64_t value);
    /// Back to all off and unlocked.
    void reset();

    unsigned entries() const { return entries_; }
    /// Rises whenever a permission may have changed.
    std::uint64_t epoch() const { return epoch_; }
    static constexpr std::uint8_t bit(Access a) { return a == Access::fetch ? x : a == Access::load ? r : w; }

  private:
    struct Range {
        std::uint64_t first, last;  ///< both inclusive
        std::uint8_t user, machine; ///< r w x
    };
    static constexpr std::uint64_t addr_mask = (1ull << 54) - 1;
    Match match(unsigned entry) const { return static_cast<Match>(cfg_[entry] >> 3 & 3); }
    void rebuild();

    std::array<Range, max_entries> active_{}; ///< by falling priority
    unsigned active_count_ = 0;
    unsigned entries_;
    std::uint64_t epoch_ = 0;
    std::array<std::uint8_t, max_entries> cfg_{};
    std::array<std::uint64_t, max_entries> addr_{};
};

constexpr bool Uniform::allows(Access a, Privilege p) const {
    return uniform && ((p == Privilege::machine ? machine : user) & Pmp::bit(a)) != 0;
}

} // namespace tollgate::mmu
