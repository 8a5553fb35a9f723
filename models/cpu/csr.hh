/// Control and status registers of a hart: their storage, and one row per register (csr_rows.inc).
#pragma once
#include "abi/exceptions.hh"
#include "abi/privilege.hh"
#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::cpu {

class Hart;

/// Fields of mstatus, Priv §3.1.6 figure 3.7, and of sstatus.
namespace status {
inline constexpr std::uint64_t sie = 1ull << 1, mie = 1ull << 3, spie = 1ull << 5, ube = 1ull << 6, mpie = 1ull << 7,
                               spp = 1ull << 8, mpp = 3ull << 11, fs = 3ull << 13, mprv = 1ull << 17, sum = 1ull << 18,
                               mxr = 1ull << 19, tvm = 1ull << 20, tw = 1ull << 21, tsr = 1ull << 22, uxl = 2ull << 32,
                               sxl = 2ull << 34, sd = 1ull << 63;
inline constexpr unsigned mpp_shift = 11, fs_shift = 13;
inline constexpr std::uint64_t m_writable =
    sie | mie | spie | mpie | spp | mpp | fs | mprv | sum | mxr | tvm | tw | tsr;
inline constexpr std::uint64_t s_writable = sie | spie | spp | fs | sum | mxr;
inline constexpr std::uint64_t s_readable = s_writable | uxl | sd;
} // namespace status

/// Fields of menvcfg and senvcfg, Priv §3.1.18.
namespace envcfg {
inline constexpr std::uint64_t fiom = 1, cbie = 3ull << 4, cbcfe = 1ull << 6, cbze = 1ull << 7, adue = 1ull << 61,
                               pbmte = 1ull << 62, stce = 1ull << 63;
}

/// Bits of mip and mie.
namespace irq {
constexpr std::uint64_t bit(abi::Interrupt i) { return 1ull << static_cast<unsigned>(i); }
inline constexpr std::uint64_t ssi = bit(abi::Interrupt::supervisor_software),
                               msi = bit(abi::Interrupt::machine_software), sti = bit(abi::Interrupt::supervisor_timer),
                               mti = bit(abi::Interrupt::machine_timer), sei = bit(abi::Interrupt::supervisor_external),
                               mei = bit(abi::Interrupt::machine_external);
inline constexpr std::uint64_t supervisor = ssi | sti | sei, all = supervisor | msi | mti | mei;
} // namespace irq

/// The registers that are plain storage. Names are those of the Privileged manual.
struct CsrState {
    std::uint64_t mstatus = status::uxl | status::sxl;
    std::uint64_t medeleg = 0, mideleg = 0, mie = 0, mtvec = 0, mscratch = 0, mepc = 0, mcause = 0, mtval = 0;
    std::uint64_t mip_soft = 0;  ///< bits of mip that software wrote
    std::uint64_t mip_lines = 0; ///< bits of mip that devices drive
    std::uint64_t stvec = 0, sscratch = 0, sepc = 0, scause = 0, stval = 0, satp = 0, stimecmp = ~0ull;
    std::uint64_t menvcfg = 0, senvcfg = 0;
    std::uint32_t mcounteren = 0, scounteren = 0, mcountinhibit = 0;
    std::uint8_t frm = 0, fflags = 0; ///< fflags: while the hart does not run
    /// mcycle, (time), minstret, mhpmcounter3..31: the value at which the count stood still or what is added to it.
    std::array<std::uint64_t, 32> counter_offset{};
    std::array<std::uint64_t, 32> event{}; ///< mhpmevent3..31, Priv §3.1.10
};

/// One row of csr_rows.inc.
struct CsrRow {
    std::uint16_t number;
    std::uint16_t count; ///< consecutive registers of this row
    std::string_view name;
    std::string_view citation;
    std::uint64_t (*read)(Hart&, unsigned number);
    void (*write)(Hart&, unsigned number, std::uint64_t value); ///< null: read-only
    bool (*gate)(const Hart&, unsigned number);                 ///< false: illegal for now
};

/// What mhpmevent3..31 select, Priv §3.1.10; first_cause_event + c counts the slots of Cause c.
enum class HpmEvent : std::uint64_t {
    none,
    cycles,
    instructions,
    loads,
    stores,
    branches,
    mispredicts,
    dtlb_misses,
    itlb_misses,
    l2tlb_misses,
    walks,
    traps,
    l1i_misses,
    l1d_misses,
    l1d_write_backs,
};
inline constexpr std::uint64_t first_cause_event = 0x100;

/// The row of a CSR, or null when there is none. Cost: one load.
const CsrRow* csr_row(unsigned number);
/// Every implemented number in order, for tests, the debugger and the reference page.
const std::array<const CsrRow*, 4096>& csr_table();

} // namespace tollgate::cpu
