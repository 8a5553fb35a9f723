/// What the memory system tells a timeline.
#pragma once
#include "base/trace_sink.hh"
#include "cache/directory.hh"
#include "cache/snoop.hh"

template <> struct tollgate::Choice<tollgate::cache::Claim> {
    static constexpr std::array<std::string_view, 3> names{"share", "own", "evict"};
};
template <> struct tollgate::Choice<tollgate::cache::Directory::Want> {
    static constexpr std::array<std::string_view, 9> names{"read",   "own",   "upgrade", "dma_read", "dma_write",
                                                           "inject", "clean", "flush",   "inval"};
};

namespace tollgate::machine {

struct HomeRequest {
    TOLLGATE_DESCRIBED(HomeRequest);
    static constexpr std::string_view event_name = "home_request";
    static constexpr EventClass event_class = EventClass::coherence;
    static constexpr std::string_view event_title = "want";
    static constexpr std::string_view event_text =
        "A request at a line's home directory, from its arrival until the requester has what it wants";
    TOLLGATE_FIELD(PhysAddr, line, Radix::hex, "Its address.")
    TOLLGATE_FIELD(cache::Directory::Want, want, Radix::dec, "What the requester wants.")
    TOLLGATE_FIELD(AccessKind, kind, Radix::dec, "What for.")
    TOLLGATE_FIELD(std::uint32_t, from, Radix::dec, "The node that asks.")
    TOLLGATE_FIELD(Picoseconds, held, Radix::dec, "Picoseconds from its arrival until the line was free and looked up.")
    TOLLGATE_END;
};

struct Intervention {
    TOLLGATE_DESCRIBED(Intervention);
    static constexpr std::string_view event_name = "intervention";
    static constexpr EventClass event_class = EventClass::coherence;
    static constexpr std::string_view event_title = "claim";
    static constexpr std::string_view event_text =
        "A home asks the node that may have written a line, until that node has looked";
    TOLLGATE_FIELD(PhysAddr, line, Radix::hex, "Its address.")
    TOLLGATE_FIELD(cache::Claim, claim, Radix::dec, "What becomes of the node's line: shared, or gone.")
    TOLLGATE_FIELD(std::uint32_t, from, Radix::dec, "The home.")
    TOLLGATE_FIELD(std::uint32_t, wanted_by, Radix::dec, "The node that asked home.")
    TOLLGATE_FIELD(bool, had, Radix::dec, "1: the node still had it.")
    TOLLGATE_FIELD(bool, dirty, Radix::dec, "1: it had written it.")
    TOLLGATE_END;
};

struct Invalidation {
    TOLLGATE_DESCRIBED(Invalidation);
    static constexpr std::string_view event_name = "invalidation";
    static constexpr EventClass event_class = EventClass::coherence;
    static constexpr std::string_view event_text =
        "A home tells a node to drop a line, until the requester knows of it";
    TOLLGATE_FIELD(PhysAddr, line, Radix::hex, "Its address.")
    TOLLGATE_FIELD(std::uint32_t, from, Radix::dec, "The home.")
    TOLLGATE_FIELD(std::uint32_t, wanted_by, Radix::dec, "The node that asked home.")
    TOLLGATE_FIELD(bool, had, Radix::dec, "1: the node still had it.")
    TOLLGATE_END;
};

struct WriteBack {
    TOLLGATE_DESCRIBED(WriteBack);
    static constexpr std::string_view event_name = "write_back";
    static constexpr EventClass event_class = EventClass::coherence;
    static constexpr std::string_view event_text =
        "A written line on its way from a node to memory, until that took it";
    TOLLGATE_FIELD(PhysAddr, line, Radix::hex, "Its address.")
    TOLLGATE_FIELD(std::uint32_t, to, Radix::dec, "The home.")
    TOLLGATE_END;
};

struct DmaBurst {
    TOLLGATE_DESCRIBED(DmaBurst);
    static constexpr std::string_view event_name = "dma_burst";
    static constexpr EventClass event_class = EventClass::dma;
    static constexpr std::string_view event_text = "A device's access to memory, until its last byte has moved";
    TOLLGATE_FIELD(PhysAddr, address, Radix::hex, "Of its first byte.")
    TOLLGATE_FIELD(Bytes, bytes, Radix::dec, "How many.")
    TOLLGATE_FIELD(bool, write, Radix::dec, "1: it writes memory.")
    TOLLGATE_END;
};

} // namespace tollgate::machine
