/// What a memory controller tells a timeline.
#pragma once
#include "base/trace_sink.hh"
#include "mem/command_schedule.hh"

template <> struct tollgate::Choice<tollgate::mem::Command> {
    static constexpr auto& names = tollgate::mem::command_names;
};
template <> struct tollgate::Choice<tollgate::mem::RowState> {
    static constexpr std::array<std::string_view, 3> names{"hit", "closed", "conflict"};
};

namespace tollgate::mem {

/// A command on a channel's bus. Refreshes are not told: they follow from time.
struct DramCommand {
    TOLLGATE_DESCRIBED(DramCommand);
    static constexpr std::string_view event_name = "dram_command";
    static constexpr EventClass event_class = EventClass::dram;
    static constexpr std::string_view event_title = "command";
    static constexpr std::string_view event_text =
        "A command on a channel's bus; refreshes, at fixed times, are left out";
    TOLLGATE_FIELD(Command, command, Radix::dec, "As JEDEC names it; A: with precharge.")
    TOLLGATE_FIELD(std::uint8_t, rank, Radix::dec, "Of the channel.")
    TOLLGATE_FIELD(std::uint8_t, bank_group, Radix::dec, "Of the rank.")
    TOLLGATE_FIELD(std::uint8_t, bank, Radix::dec, "Of the bank group.")
    TOLLGATE_FIELD(std::uint32_t, row, Radix::hex, "Opened, or used.")
    TOLLGATE_FIELD(std::uint8_t, column, Radix::hex, "In lines.")
    TOLLGATE_END;
};

/// A line that somebody waits for, from the controller's port and back.
struct DramRead {
    TOLLGATE_DESCRIBED(DramRead);
    static constexpr std::string_view event_name = "dram_read";
    static constexpr EventClass event_class = EventClass::dram;
    static constexpr std::string_view event_title = "row";
    static constexpr std::string_view event_text =
        "A line that somebody waits for, from the controller's port and back";
    TOLLGATE_FIELD(PhysAddr, address, Radix::hex, "From the node's first byte.")
    TOLLGATE_FIELD(AccessKind, kind, Radix::dec, "What for.")
    TOLLGATE_FIELD(RowState, row, Radix::dec, "What it found in its bank.")
    TOLLGATE_FIELD(bool, forwarded, Radix::dec, "1: the write queue had it.")
    TOLLGATE_END;
};

} // namespace tollgate::mem
