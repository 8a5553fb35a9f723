/// The links between nodes. Plain class; time is an argument.
///
///   mesh   a link from each node to each other one, both directions apart
///   ring   links between neighbours, both directions apart; messages take the shorter way, a tie the rising one
///   bus    one shared medium for all
#pragma once
#include "base/address.hh"
#include "base/counter.hh"
#include "base/param.hh"
#include "base/trace_sink.hh"
#include "bus/calendar.hh"
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tollgate::bus {

enum class Topology : std::uint8_t { mesh, ring, bus };

} // namespace tollgate::bus

template <> struct tollgate::Choice<tollgate::bus::Topology> {
    static constexpr std::array<std::string_view, 3> names{"mesh", "ring", "bus"};
};

namespace tollgate::bus {

using namespace literals;

/// link: all links of the machine are alike.
struct LinkParams {
    TOLLGATE_DESCRIBED(LinkParams);
    TOLLGATE_PARAM(Topology, topology, Topology::mesh, Unit::none, {}, Kind::timing, {"hart.cycles"},
                   "How nodes are connected.")
    TOLLGATE_PARAM(Picoseconds, latency, 20_ns, Unit::time, {0, 100'000'000}, Kind::timing, {"hart.cycles", Moves::up},
                   "One way between neighbours, besides the time that the bytes take.")
    TOLLGATE_PARAM(BitsPerSecond, bandwidth, BitsPerSecond{100'000'000'000}, Unit::bits_per_second,
                   {1'000'000, 100'000'000'000'000}, Kind::timing, {"hart.cycles", Moves::down},
                   "Of each direction of a link; of the shared bus as a whole.")
    TOLLGATE_PARAM(Bytes, header, 16_B, Unit::bytes, {0, 256}, Kind::timing, {"link.bytes", Moves::up},
                   "Size of a message without data, and what is added to a line.")
    TOLLGATE_PARAM(std::uint32_t, distance, 21, Unit::none, {11, 254}, Kind::visible, {"hart.instructions", Moves::up},
                   "Distance of neighbours as software is told, 10 being a node's to itself.")
    TOLLGATE_END;
};

/// One direction of a link, or the bus.
struct LinkCounters {
    TOLLGATE_DESCRIBED(LinkCounters);
    TOLLGATE_COUNTER(messages, "messages", "Messages that passed.")
    TOLLGATE_COUNTER(bytes, "bytes", "Their bytes, headers included.")
    TOLLGATE_COUNTER(busy, "ps", "Time for which it was taken.")
    TOLLGATE_COUNTER(waited, "ps", "Time for which messages waited for it.")
    TOLLGATE_END;
};

/// What a link tells a timeline.
struct LinkMessage {
    TOLLGATE_DESCRIBED(LinkMessage);
    static constexpr std::string_view event_name = "link_message";
    static constexpr EventClass event_class = EventClass::link;
    static constexpr std::string_view event_text =
        "A message on a link, from its first byte's start to its last one's end";
    TOLLGATE_FIELD(std::uint32_t, from, Radix::dec, "The node that sent it.")
    TOLLGATE_FIELD(std::uint32_t, to, Radix::dec, "The node that it is for.")
    TOLLGATE_FIELD(Bytes, bytes, Radix::dec, "The header included.")
    TOLLGATE_FIELD(Picoseconds, waited, Radix::dec, "Picoseconds for which the link was taken.")
    TOLLGATE_END;
};

class Network {
  public:
    /// Up to 16 nodes.
    Network(std::uint32_t nodes, const LinkParams& params);

    /// Sends a message of a header and `payload` bytes from one node to another (not itself) at `at`; returns when its
    /// last byte is there. A message on its way through a ring does not wait to be whole at each node.
    Picoseconds send(std::uint32_t from, std::uint32_t to, Bytes payload, Picoseconds at);

    std::uint32_t nodes() const { return nodes_; }
    std::uint32_t hops(std::uint32_t from, std::uint32_t to) const;
    /// As in ACPI's SLIT and the device tree's numa-distance-map-v1: 10 to itself, else 10 + hops * (link.distance -
    /// 10), at most 254.
    std::uint32_t distance(std::uint32_t from, std::uint32_t to) const;
    /// The time that so many bytes and a header take on a link.
    Picoseconds time_of(Bytes payload) const;

    struct Link {
        std::uint32_t from, to; ///< nodes; on the bus both 0
        LinkCounters counters;
    };
    /// All directions of all links.
    std::vector<Link> links() const;
    /// Bytes that went out of nodes (headers and data), each message once.
    Count bytes_sent() const { return sent_; }
    /// Sum over links of bytes = sum over messages of bytes * hops; null if it holds, else its text.
    const char* broken_sum() const;
    /// Messages go to a timeline, on a row node[from].link[to] for each direction of each link;
    /// the bus is node[0].link[0].
    void trace_with(TraceSink& sink);

  private:
    struct Lane {
        Calendar calendar;
        LinkCounters counters;
        TraceTrack track{};
    };
    bool is_link(std::uint32_t lane) const;
    std::uint32_t next_hop(std::uint32_t from, std::uint32_t to) const;
    Lane& lane(std::uint32_t from, std::uint32_t to);

    std::uint32_t nodes_;
    LinkParams params_;
    Picoseconds header_time_, line_time_;
    std::vector<Lane> lanes_; // [from * nodes + to]; the bus: one
    Count sent_ = 0, hop_bytes_ = 0;
};

} // namespace tollgate::bus
