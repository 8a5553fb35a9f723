/// Why an issue slot passed: every slot of every hart has exactly one cause.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::cpu {

/// The first sixteen can make a register late; a scoreboard entry carries them in its low four bits.
enum class Cause : std::uint8_t {
    dependency,     ///< an operand was not ready: latency of its producer
    load_l2,        ///< an operand waited for a load that the L2 served
    load_llc,       ///< ... the last level
    load_local,     ///< ... memory of the own node
    load_remote,    ///< ... memory of another node
    load_other,     ///< ... another hart's cache
    load_device,    ///< ... a device
    unit_busy,      ///< the functional unit or the memory port was taken in this cycle
    fetch_miss,     ///< instructions had to be fetched from beyond the L1I
    branch,         ///< a wrong or late prediction, or the rest of the cycle of a taken branch
    store_buffer,   ///< the store buffer was full
    coherence,      ///< the line's last writer had not written yet
    tlb_l2,         ///< L1 TLB refilled from the L2 TLB
    walk_l1,        ///< TLB refilled by a walk: cycles whose entries came from the L1
    walk_l2,        ///< ... the L2
    walk_llc,       ///< ... the last level
    walk_local,     ///< ... memory of the own node
    walk_remote,    ///< ... memory of another node
    walk_other,     ///< ... another hart's cache
    misaligned,     ///< the extra cycles of a misaligned access
    miss_registers, ///< every miss register of the L1D was taken
    device,         ///< the answer of a device, or too many posted device stores
    serialise,      ///< fences, CSR accesses and what they wait for
    trap,           ///< trap entry and return
    asleep,         ///< wfi
    issue,          ///< an instruction issued
};
inline constexpr std::size_t causes = static_cast<std::size_t>(Cause::issue) + 1;

struct CauseText {
    std::string_view name, text;
};
inline constexpr std::array<CauseText, causes> cause_texts{{
    {"dependency", "Slots waiting for the result of an earlier instruction"},
    {"load_l2", "Slots waiting for a load served by the L2"},
    {"load_llc", "Slots waiting for a load served by the last level"},
    {"load_local", "Slots waiting for a load served by memory of the own node"},
    {"load_remote", "Slots waiting for a load served by memory of another node"},
    {"load_other", "Slots waiting for a load served by another hart's cache"},
    {"load_device", "Slots waiting for a load served by a device"},
    {"unit_busy", "Slots in which the functional unit or the memory port was taken"},
    {"fetch_miss", "Slots waiting for instructions from beyond the L1I"},
    {"branch", "Slots lost to mispredicted, late or taken branches"},
    {"store_buffer", "Slots in which the store buffer was full"},
    {"coherence", "Slots until the line's last writer had written"},
    {"tlb_l2", "Slots refilling an L1 TLB from the L2 TLB"},
    {"walk_l1", "Slots of page walks served by the L1"},
    {"walk_l2", "Slots of page walks served by the L2"},
    {"walk_llc", "Slots of page walks served by the last level"},
    {"walk_local", "Slots of page walks served by memory of the own node"},
    {"walk_remote", "Slots of page walks served by memory of another node"},
    {"walk_other", "Slots of page walks served by another hart's cache"},
    {"misaligned", "Extra slots of misaligned accesses"},
    {"miss_registers", "Slots in which every miss register of the L1D was taken"},
    {"device", "Slots waiting for a device"},
    {"serialise", "Slots of serialising instructions"},
    {"trap", "Slots of trap entry and return"},
    {"asleep", "Slots asleep in wfi"},
    {"issue", "Slots in which an instruction issued"},
}};

} // namespace tollgate::cpu
