/// What a hart tells a timeline.
#pragma once
#include "abi/exceptions.hh"
#include "abi/privilege.hh"
#include "base/trace_sink.hh"
#include "mmu/access.hh"

template <> struct tollgate::Choice<tollgate::abi::Privilege> {
    static constexpr std::array<std::string_view, 4> names{"user", "supervisor", "reserved", "machine"};
};
template <> struct tollgate::Choice<tollgate::abi::Exception> {
    static constexpr std::array<std::string_view, 16> names{
        "fetch_misaligned", "fetch_access_fault", "illegal_instruction", "breakpoint",
        "load_misaligned",  "load_access_fault",  "store_misaligned",    "store_access_fault",
        "ecall_user",       "ecall_supervisor",   "reserved_10",         "ecall_machine",
        "fetch_page_fault", "load_page_fault",    "reserved_14",         "store_page_fault"};
};
template <> struct tollgate::Choice<tollgate::abi::Interrupt> {
    static constexpr std::array<std::string_view, 12> names{
        "reserved_0", "supervisor_software", "reserved_2", "machine_software",    "reserved_4",  "supervisor_timer",
        "reserved_6", "machine_timer",       "reserved_8", "supervisor_external", "reserved_10", "machine_external"};
};

namespace tollgate::cpu {

struct Asleep {
    TOLLGATE_DESCRIBED(Asleep);
    static constexpr std::string_view event_name = "asleep";
    static constexpr EventClass event_class = EventClass::hart;
    static constexpr std::string_view event_text = "A hart in wfi, until it runs again";
    TOLLGATE_FIELD(std::uint64_t, pending, Radix::hex, "mip & mie when it woke; 0: the run ended.")
    TOLLGATE_END;
};

struct ExceptionTaken {
    TOLLGATE_DESCRIBED(ExceptionTaken);
    static constexpr std::string_view event_name = "exception";
    static constexpr EventClass event_class = EventClass::trap;
    static constexpr std::string_view event_title = "cause";
    static constexpr std::string_view event_text = "An exception, from its instruction to the return from its handler";
    TOLLGATE_FIELD(abi::Exception, cause, Radix::dec, "Priv §3.1.15.")
    TOLLGATE_FIELD(std::uint64_t, epc, Radix::hex, "The instruction.")
    TOLLGATE_FIELD(std::uint64_t, tval, Radix::hex, "Address or instruction, by cause.")
    TOLLGATE_FIELD(abi::Privilege, from, Radix::dec, "Mode that it left.")
    TOLLGATE_FIELD(abi::Privilege, to, Radix::dec, "Mode that handles it.")
    TOLLGATE_END;
};

struct InterruptTaken {
    TOLLGATE_DESCRIBED(InterruptTaken);
    static constexpr std::string_view event_name = "interrupt";
    static constexpr EventClass event_class = EventClass::trap;
    static constexpr std::string_view event_title = "cause";
    static constexpr std::string_view event_text = "An interrupt, from its entry to the return from its handler";
    TOLLGATE_FIELD(abi::Interrupt, cause, Radix::dec, "Priv §3.1.15.")
    TOLLGATE_FIELD(std::uint64_t, epc, Radix::hex, "The instruction that waits.")
    TOLLGATE_FIELD(abi::Privilege, from, Radix::dec, "Mode that it left.")
    TOLLGATE_FIELD(abi::Privilege, to, Radix::dec, "Mode that handles it.")
    TOLLGATE_END;
};

struct Phase {
    TOLLGATE_DESCRIBED(Phase);
    static constexpr std::string_view event_name = "phase";
    static constexpr EventClass event_class = EventClass::marker;
    static constexpr std::string_view event_title = "phase";
    static constexpr std::string_view event_text = "From a marker's begin to the next end of the same phase";
    TOLLGATE_FIELD(std::uint32_t, phase, Radix::dec, "Its number.")
    TOLLGATE_FIELD(std::uint64_t, value, Radix::dec, "The begin's register.")
    TOLLGATE_FIELD(std::uint64_t, end_value, Radix::dec, "The end's register.")
    TOLLGATE_FIELD(abi::Privilege, privilege, Radix::dec, "Mode at the begin.")
    TOLLGATE_FIELD(std::uint64_t, cycles, Radix::dec, "Cycles of the hart between them.")
    TOLLGATE_FIELD(std::uint64_t, instructions, Radix::dec, "Instructions retired between them.")
    TOLLGATE_END;
};

struct LoneMarker {
    TOLLGATE_DESCRIBED(LoneMarker);
    static constexpr std::string_view event_name = "marker";
    static constexpr EventClass event_class = EventClass::marker;
    static constexpr std::string_view event_title = "phase";
    static constexpr std::string_view event_text =
        "A marker without its other half: an end without begin, or a begin whose end did not come";
    TOLLGATE_FIELD(std::uint32_t, phase, Radix::dec, "Its number.")
    TOLLGATE_FIELD(bool, begin, Radix::dec, "1: a begin.")
    TOLLGATE_FIELD(std::uint64_t, value, Radix::dec, "The register.")
    TOLLGATE_FIELD(abi::Privilege, privilege, Radix::dec, "Mode.")
    TOLLGATE_END;
};

struct TlbRefill {
    TOLLGATE_DESCRIBED(TlbRefill);
    static constexpr std::string_view event_name = "tlb_refill";
    static constexpr EventClass event_class = EventClass::tlb;
    static constexpr std::string_view event_title = "served";
    static constexpr std::string_view event_text = "A translation that an L1 TLB did not have, until it is there";
    /// Who had it: the L2 TLB, or the farthest of those that the walk's reads came from.
    enum class Served : std::uint8_t { l2_tlb, walk_l1, walk_l2, walk_llc, walk_local, walk_remote, walk_other_cache };
    TOLLGATE_FIELD(VirtAddr, address, Radix::hex, "What was to be translated.")
    TOLLGATE_FIELD(mmu::Access, access, Radix::dec, "What for.")
    TOLLGATE_FIELD(Served, served, Radix::dec, "The L2 TLB, or the farthest place that the walk read from.")
    TOLLGATE_FIELD(std::uint8_t, level, Radix::dec, "Of the leaf: 0 for a page of 4 KiB, 1 for 2 MiB, ...")
    TOLLGATE_FIELD(std::uint32_t, walk_cycles, Radix::dec, "Cycles that the walk took of it.")
    TOLLGATE_FIELD(bool, fault, Radix::dec, "1: it ended in a page fault.")
    TOLLGATE_END;
};

struct DeviceAccess {
    TOLLGATE_DESCRIBED(DeviceAccess);
    static constexpr std::string_view event_name = "device_access";
    static constexpr EventClass event_class = EventClass::device;
    static constexpr std::string_view event_title = "kind";
    static constexpr std::string_view event_text = "A hart's access to a device, from the request to the answer";
    TOLLGATE_FIELD(AccessKind, kind, Radix::dec, "load or store.")
    TOLLGATE_FIELD(PhysAddr, address, Radix::hex, "On the bus.")
    TOLLGATE_FIELD(std::uint32_t, bytes, Radix::dec, "How many.")
    TOLLGATE_FIELD(std::uint64_t, value, Radix::hex, "What went over.")
    TOLLGATE_FIELD(bool, refused, Radix::dec, "1: the bus answered with an error.")
    TOLLGATE_END;
};

} // namespace tollgate::cpu

template <> struct tollgate::Choice<tollgate::cpu::TlbRefill::Served> {
    static constexpr std::array<std::string_view, 7> names{"l2_tlb",     "walk_l1",     "walk_l2",         "walk_llc",
                                                           "walk_local", "walk_remote", "walk_other_cache"};
};
