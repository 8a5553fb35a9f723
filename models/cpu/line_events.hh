/// What a cache of any level tells a timeline.
#pragma once
#include "base/trace_sink.hh"
#include "mmu/access.hh"

namespace tollgate::cpu {

/// A line that a cache did not have, or not with the right to write, from the question to the answer.
struct LineMiss {
    TOLLGATE_DESCRIBED(LineMiss);
    static constexpr std::string_view event_name = "line_miss";
    static constexpr EventClass event_class = EventClass::miss;
    static constexpr std::string_view event_title = "kind";
    static constexpr std::string_view event_text =
        "A line that a cache did not have, or not with the right to write, until it can be used";
    TOLLGATE_FIELD(PhysAddr, line, Radix::hex, "Its address.")
    TOLLGATE_FIELD(AccessKind, kind, Radix::dec, "What for.")
    TOLLGATE_FIELD(bool, exclusive, Radix::dec, "1: to be written.")
    TOLLGATE_FIELD(bool, upgrade, Radix::dec, "1: the data were there, only the right was missing.")
    TOLLGATE_FIELD(mmu::Source, source, Radix::dec, "Who served it.")
    TOLLGATE_END;
};

} // namespace tollgate::cpu
