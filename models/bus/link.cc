#include "bus/link.hh"
#include <algorithm>
#include <cassert>
#include <string>

namespace tollgate::bus {

Network::Network(std::uint32_t nodes, const LinkParams& params)
    : nodes_{nodes}, params_{params}, header_time_{time_of(Bytes{0})}, line_time_{time_of(Bytes{line_bytes})} {
    assert(nodes >= 1 && nodes <= 16);
    lanes_.resize(params.topology == Topology::bus ? 1 : static_cast<std::size_t>(nodes) * nodes);
}

std::uint32_t Network::hops(std::uint32_t from, std::uint32_t to) const {
    if (from == to) return 0;
    if (params_.topology != Topology::ring) return 1;
    const std::uint32_t up = (to + nodes_ - from) % nodes_;
    return std::min(up, nodes_ - up);
}

std::uint32_t Network::distance(std::uint32_t from, std::uint32_t to) const {
    return std::min(254u, 10 + hops(from, to) * (params_.distance - 10));
}

Picoseconds Network::time_of(Bytes payload) const {
    __extension__ using Wide = unsigned __int128;
    const Wide bits = static_cast<Wide>((payload + params_.header).count()) * 8;
    const std::uint64_t rate = params_.bandwidth.count();
    return Picoseconds{static_cast<std::uint64_t>((bits * 1'000'000'000'000 + rate - 1) / rate)};
}

std::uint32_t Network::next_hop(std::uint32_t from, std::uint32_t to) const {
    if (params_.topology != Topology::ring) return to;
    const std::uint32_t up = (to + nodes_ - from) % nodes_;
    return (from + (up <= nodes_ - up ? 1 : nodes_ - 1)) % nodes_;
}

Network::Lane& Network::lane(std::uint32_t from, std::uint32_t to) {
    return params_.topology == Topology::bus ? lanes_[0] : lanes_[static_cast<std::size_t>(from) * nodes_ + to];
}

Picoseconds Network::send(std::uint32_t from, std::uint32_t to, Bytes payload, Picoseconds at) {
    assert(from != to && from < nodes_ && to < nodes_);
    const Picoseconds length = payload.count() == line_bytes ? line_time_
                               : payload.count() == 0        ? header_time_
                                                             : time_of(payload);
    const std::uint64_t bytes = (payload + params_.header).count();
    sent_ += bytes;
    hop_bytes_ += bytes * hops(from, to);
    Picoseconds head = at;
    for (std::uint32_t here = from; here != to;) {
        const std::uint32_t there = next_hop(here, to);
        Lane& l = lane(here, there);
        const Picoseconds start = l.calendar.reserve(head, length);
        ++l.counters.messages;
        l.counters.bytes += bytes;
        l.counters.waited += (start - head).count();
        if (l.track) [[unlikely]]
            l.track.slice(start, start + params_.latency + length, LinkMessage{from, to, Bytes{bytes}, start - head});
        head = start + params_.latency;
        here = there;
    }
    return head + length;
}

bool Network::is_link(std::uint32_t lane) const {
    return params_.topology == Topology::bus || hops(lane / nodes_, lane % nodes_) == 1;
}

void Network::trace_with(TraceSink& sink) {
    for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
        if (!is_link(i)) continue;
        const bool bus = params_.topology == Topology::bus;
        const std::uint32_t from = bus ? 0 : i / nodes_, to = bus ? 0 : i % nodes_;
        const std::string path = "node[" + std::to_string(from) + "].link[" + std::to_string(to) + "]";
        lanes_[i].track = sink.track(path, EventClass::link, RowShape::concurrent);
    }
}

std::vector<Network::Link> Network::links() const {
    std::vector<Link> r;
    for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
        const bool bus = params_.topology == Topology::bus;
        const std::uint32_t from = bus ? 0 : i / nodes_, to = bus ? 0 : i % nodes_;
        if (!is_link(i)) continue;
        r.push_back({from, to, lanes_[i].counters});
        r.back().counters.busy = lanes_[i].calendar.busy().count();
    }
    return r;
}

const char* Network::broken_sum() const {
    Count on_links = 0;
    for (const Lane& l : lanes_) on_links += l.counters.bytes;
    return on_links == hop_bytes_ ? nullptr : "bytes on links = bytes sent * hops";
}

} // namespace tollgate::bus
