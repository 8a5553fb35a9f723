/// Where QEMU 7.2 and the specifications part, or leave one another free; the generator keeps away from these.
#pragma once
#include <array>
#include <string>

namespace tollgate::judge {

struct KnownDifference {
    const char* what;
    const char* qemu;
    const char* specification;
    const char* section;
};

inline constexpr std::array known_differences{
    KnownDifference{"mstatus.MPP = 2", "kept as written", "WARL: only implemented modes can be read", "Priv §3.1.6.1"},
    KnownDifference{"mstatus.UXL, MPV, GVA", "writable without 32-bit or hypervisor modes", "read-only here",
                    "Priv §3.1.6.3"},
    KnownDifference{"pmpcfg with W and not R, bits 5 and 6", "kept as written", "reserved, WARL", "Priv §3.7.1"},
    KnownDifference{"pmpaddr bits 54 to 63", "kept as written", "WARL zero", "Priv §3.7.1"},
    KnownDifference{"AMO on a machine of one hart", "traps as a load does",
                    "traps as a store does; QEMU is run with two harts", "Priv §3.7.1"},
    KnownDifference{"sfence.w.inval and sfence.inval.ir in user mode", "execute", "illegal instruction", "Priv §5.2"},
    KnownDifference{"sinval.vma that traps", "mtval is 0", "mtval is 0 or the instruction's bits, as with all others",
                    "Priv §3.1.16"},
    KnownDifference{"AMO where no memory is", "load access fault", "store/AMO access fault", "Priv §3.7.1"},
    KnownDifference{"bits 54 to 60 and 63 of a page-table entry with Svpbmt on", "ignored",
                    "page fault; used with Svpbmt off on both sides", "Priv §4.4.1"},
    KnownDifference{"several interrupts pending", "the lowest number first",
                    "MEI MSI MTI SEI SSI STI; only those whose order is the same both ways", "Priv §3.1.9"},
    KnownDifference{"ctzw of a register whose lower word is zero", "counts the zeros of 64 bits", "32", "Unpriv §28.4"},
    KnownDifference{"mepc and sepc bit 0", "kept as written, and jumped to", "always zero", "Priv §3.1.14"},
    KnownDifference{"A and D bits", "set by the walker",
                    "by the walker or by page fault; the machine is switched to the walker", "Priv §4.3.1"},
    KnownDifference{"FS initial and clean", "set to dirty by some operations only",
                    "may be set to dirty imprecisely; any value but off is logged as dirty", "Priv §3.1.6.6"},
    KnownDifference{"sc without a matching reservation, misaligned or not writable", "fails without a trap", "may trap",
                    "Unpriv §8.2"},
    KnownDifference{"sc of another width or after other stores", "compares values",
                    "success is the implementation's choice", "Unpriv §8.2"},
    KnownDifference{"misaligned accesses across a PMP boundary in a page", "checked as one access",
                    "each part may be checked for itself", "Priv §3.7.1"},
    KnownDifference{"wfi in user mode", "always illegal", "may also complete in bounded time", "Priv §3.3.3"},
    KnownDifference{"translations without sfence.vma", "ASIDs are not kept apart, satp writes empty the TLB",
                    "old entries may stay", "Priv §4.2.1"},
    KnownDifference{"MSIP by a store", "seen at the next translation block",
                    "seen in bounded time; awaited in mip with interrupts off", "Priv §3.1.9"},
    KnownDifference{"mcounteren and scounteren bits 3 to 31", "writable", "WARL; masked", "Priv §3.1.11"},
    KnownDifference{"mtvec and stvec with reserved modes or unaligned vectored bases", "write ignored, base kept",
                    "WARL", "Priv §3.1.7"},
    KnownDifference{"mcause and scause with values that are no cause", "kept as written", "WLRL", "Priv §3.1.15"},
    KnownDifference{"Zihpm events, Zicbom, Zicboz, A and D bits by trap", "not there",
                    "tested from the specification elsewhere", "Priv §3.1.10"},
};

inline std::string differences_text() {
    std::string text;
    for (const KnownDifference& d : known_differences)
        text += std::string{d.what} + "\n  QEMU 7.2: " + d.qemu + "\n  " + d.section + ": " + d.specification + "\n";
    return text;
}

} // namespace tollgate::judge
