/// A node's crossbar: every passage takes a time, every port passes so many bytes a second. Plain class; time is an
/// argument.
#pragma once
#include "base/address.hh"
#include "base/counter.hh"
#include "base/param.hh"
#include "bus/calendar.hh"
#include <array>
#include <cstdint>

namespace tollgate::bus {

using namespace literals;

/// node[i].crossbar
struct CrossbarParams {
    TOLLGATE_DESCRIBED(CrossbarParams);
    TOLLGATE_PARAM(Picoseconds, latency, 4_ns, Unit::time, {0, 1'000'000}, Kind::timing, {"hart.cycles", Moves::up},
                   "One passage: between the last level, the memory, the links and the devices of a node.")
    TOLLGATE_PARAM(BitsPerSecond, bandwidth, BitsPerSecond{1'024'000'000'000}, Unit::bits_per_second,
                   {1'000'000, 100'000'000'000'000}, Kind::timing, {"crossbar.waited", Moves::down},
                   "Lines that a port hands out. The node's harts share the port from the last level.")
    TOLLGATE_END;
};

struct CrossbarCounters {
    TOLLGATE_DESCRIBED(CrossbarCounters);
    TOLLGATE_COUNTER(to_harts, "bytes", "Lines handed to the node's harts.")
    TOLLGATE_COUNTER(to_cache, "bytes", "Lines handed to the last level.")
    TOLLGATE_COUNTER(to_memory, "bytes", "Lines handed to the node's memory.")
    TOLLGATE_COUNTER(to_devices, "bytes", "Bytes handed to the node's devices.")
    TOLLGATE_COUNTER(waited, "ps", "Time for which lines waited for their port.")
    TOLLGATE_END;
};

class Crossbar {
  public:
    /// Who is handed the bytes.
    enum class Port : std::uint8_t { harts, cache, memory, devices };

    explicit Crossbar(const CrossbarParams& params)
        : latency_{params.latency}, rate_{params.bandwidth.count()}, line_time_{time_of(Bytes{line_bytes})} {}

    Picoseconds latency() const { return latency_; }
    const CrossbarCounters& counters() const { return counters_; }

    /// A passage of a message without data.
    Picoseconds pass(Picoseconds at) const { return at + latency_; }
    /// A line that arrives at a port: its time there when it is first free. Its own time on the wires overlaps with the
    /// passage; it delays only who comes behind.
    Picoseconds hand(Port to, Picoseconds at) { return hand(to, Bytes{line_bytes}, line_time_, at); }
    Picoseconds hand(Port to, Bytes bytes, Picoseconds at) { return hand(to, bytes, time_of(bytes), at); }

    /// The time for which so many bytes take a port.
    Picoseconds time_of(Bytes bytes) const {
        __extension__ using Wide = unsigned __int128;
        const Wide bits = static_cast<Wide>(bytes.count()) * 8;
        return Picoseconds{static_cast<std::uint64_t>((bits * 1'000'000'000'000 + rate_ - 1) / rate_)};
    }

  private:
    Picoseconds hand(Port to, Bytes bytes, Picoseconds length, Picoseconds at) {
        const auto p = static_cast<std::size_t>(to);
        const Picoseconds start = ports_[p].reserve(at, length);
        counters_.waited += (start - at).count();
        constexpr std::array<Count CrossbarCounters::*, 4> members{
            &CrossbarCounters::to_harts, &CrossbarCounters::to_cache, &CrossbarCounters::to_memory,
            &CrossbarCounters::to_devices};
        counters_.*members[p] += bytes.count();
        return start;
    }

    Picoseconds latency_;
    std::uint64_t rate_;
    Picoseconds line_time_;
    std::array<Calendar, 4> ports_;
    CrossbarCounters counters_;
};

} // namespace tollgate::bus
