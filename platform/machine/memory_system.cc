#include "machine/memory_system.hh"
#include "base/random.hh"
#include "cpu/line_events.hh"
#include "machine/memory_events.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::machine {

using cache::Claim;
using cache::Departed;
using cache::Departures;
using cache::Directory;
using cache::LineState;
using cache::may_write;
using cache::PrivateCache;
using cache::SharedCache;
using Level = cache::Place::Level;
using Port = bus::Crossbar::Port;
constexpr Bytes no_data{0}, line_data{line_bytes};

MemorySystem::Node::Node(const NodeMemorySystem& p, const cache::CachedMemory& all, std::uint64_t seed)
    : llc{p.llc, all, seed, static_cast<std::uint32_t>(p.harts.size())}, directory{p.directory, p.base, p.size},
      crossbar{p.crossbar}, memory{p.memory}, base{p.base}, end{p.base.value() + p.size.count()} {}

MemorySystem::MemorySystem(const std::vector<NodeMemorySystem>& nodes, const bus::LinkParams& link, std::uint64_t seed)
    : network_{static_cast<std::uint32_t>(nodes.size()), link} {
    const PhysAddr first = nodes.front().base;
    const cache::CachedMemory all{first, Bytes{nodes.back().base - first} + nodes.back().size};
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
        nodes_.push_back(std::make_unique<Node>(nodes[n], all, scatter(seed + n)));
        for (std::uint32_t i = 0; i < nodes[n].harts.size(); ++i) {
            const NodeMemorySystem::HartPart& part = nodes[n].harts[i];
            Hart h{nullptr, n, i};
            if (part.l2.present)
                h.l2 =
                    std::make_unique<PrivateCache>(part.l2, part.clock, all, scatter(~seed - harts_.size()), *part.l1s);
            nodes_[n]->llc.set_holder(i, h.l2 ? static_cast<cache::Holder&>(*h.l2) : *part.l1s);
            harts_.push_back(std::move(h));
        }
    }
}
MemorySystem::~MemorySystem() = default;

/// Rows of a timeline.
struct MemorySystem::Trace {
    struct NodeRows {
        TraceTrack misses, snoops, write_backs, directory;
    };
    template <class E> static void slice(const TraceTrack& track, Picoseconds from, Picoseconds to, const E& e) {
        if (track) track.slice(from, to, e);
    }
    std::vector<TraceTrack> l2; // [hart]
    std::vector<NodeRows> nodes;
};

void MemorySystem::trace_with(TraceSink& sink, const std::vector<std::string>& hart_paths) {
    trace_ = std::make_unique<Trace>();
    for (std::size_t h = 0; h < harts_.size(); ++h)
        trace_->l2.push_back(harts_[h].l2 ? sink.track(hart_paths[h] + ".l2", EventClass::miss, RowShape::concurrent)
                                          : TraceTrack{});
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
        const std::string node = fmt::format("node[{}]", n);
        const auto row = [&](const char* unit, EventClass c, const char* label) {
            return sink.track(node + unit, c, RowShape::concurrent, label);
        };
        trace_->nodes.push_back({row(".llc", EventClass::miss, ""), row(".llc", EventClass::coherence, "snoops"),
                                 row(".llc", EventClass::coherence, "write-backs"),
                                 row(".directory", EventClass::coherence, "")});
    }
    network_.trace_with(sink);
}

std::uint32_t MemorySystem::home_of(PhysAddr line) const {
    std::uint32_t n = 0;
    while (line.value() >= nodes_[n]->end) ++n;
    return n;
}

const MemorySystem::Node* MemorySystem::node_with(PhysAddr line) const {
    return line >= nodes_.front()->base && line.value() < nodes_.back()->end ? nodes_[home_of(line)].get() : nullptr;
}

/// A message from node to node, or across a node's crossbar.
Picoseconds MemorySystem::carry(std::uint32_t from, std::uint32_t to, Bytes payload, Picoseconds at) {
    const Picoseconds out = nodes_[from]->crossbar.pass(at);
    return from == to ? out : nodes_[to]->crossbar.pass(network_.send(from, to, payload, out));
}

Picoseconds MemorySystem::read_memory(std::uint32_t home, PhysAddr line, AccessKind kind, Picoseconds at) {
    ++nodes_[home]->directory.counters().memory_reads;
    return nodes_[home]->memory->read(line, kind, at);
}

/// Data of a line travel from a node to memory; returns when they are taken there.
Picoseconds MemorySystem::write_memory(std::uint32_t from, PhysAddr line, AccessKind kind, Picoseconds at) {
    const std::uint32_t home = home_of(line);
    Node& h = *nodes_[home];
    ++h.directory.counters().memory_writes;
    if (side_ != nullptr) [[unlikely]]
        side_->written_down(line);
    const Picoseconds taken =
        h.memory->write(line, kind, h.crossbar.hand(Port::memory, carry(from, home, line_data, at)));
    if (trace_) [[unlikely]]
        Trace::slice(trace_->nodes[from].write_backs, at, taken, WriteBack{line, home});
    return taken;
}

bool MemorySystem::held(PhysAddr line) const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [line](const auto& n) { return n->llc.right(line) != LineState::invalid; });
}

/// What left a node's last level goes home. Returns when it has been taken.
Picoseconds MemorySystem::hand_down(std::uint32_t node, const Departures& out, Picoseconds at) {
    Picoseconds taken = at;
    for (const Departed& d : out) {
        const std::uint32_t home = home_of(d.line);
        Directory& directory = nodes_[home]->directory;
        if (d.dirty) {
            taken = std::max(taken, write_memory(node, d.line, AccessKind::store, std::max(at, d.ready)));
            moved(d.line, Level::llc, node, Level::memory, home);
            directory.release(d.line, node, d.left, true, d.ready);
        } else if (d.owned) {
            carry(node, home, no_data, at);
            directory.release(d.line, node, true, false, d.ready);
        }
        if (side_ != nullptr && d.left && !held(d.line)) [[unlikely]]
            side_->gone(d.line);
    }
    return taken;
}

MemorySystem::HomeAnswer MemorySystem::ask_home(std::uint32_t node, PhysAddr line, Directory::Want want,
                                                AccessKind kind, Picoseconds at) {
    using Want = Directory::Want;
    const std::uint32_t home = home_of(line);
    Node& h = *nodes_[home];
    const bool wants_data = want == Want::read || want == Want::own || want == Want::dma_read;
    const Level receiver = want == Want::dma_read ? Level::device : Level::llc;
    const Port port = want == Want::dma_read ? Port::devices : Port::cache;
    if (home != node) ++h.directory.counters().remote_requests;
    const Picoseconds arrival = carry(node, home, want == Want::dma_write ? line_data : no_data, at);
    const Directory::Answer a = h.directory.request(line, node, want, arrival);

    HomeAnswer r{a.start, a.sole ? LineState::exclusive : LineState::shared,
                 home == node ? Source::local : Source::remote};
    Picoseconds memory_at = a.start, last_write = a.last_write;
    bool have = false;
    const bool evicts = want == Want::flush || want == Want::inval, drops = want == Want::inval && side_ != nullptr;
    if (a.owner != Directory::nobody) {
        Node& o = *nodes_[a.owner];
        const bool keeps = want == Want::read || want == Want::dma_read || want == Want::clean;
        Picoseconds t = carry(home, a.owner, no_data, a.start) + o.llc.latency();
        const Claim claim = keeps ? Claim::share : evicts ? Claim::evict : Claim::own;
        const SharedCache::NodeGiven g = o.llc.give(line, claim);
        if (g.asked) t += o.llc.snoop_latency();
        t = std::max(t, g.last_write);
        last_write = std::max(last_write, g.last_write);
        if (!g.had) ++h.directory.counters().empty_interventions;
        if (trace_) [[unlikely]]
            Trace::slice(trace_->nodes[a.owner].snoops, a.start, t,
                         Intervention{line, claim, home, node, g.had, g.dirty});
        have = g.had && wants_data;
        if (have) {
            r.done = nodes_[node]->crossbar.hand(port, carry(a.owner, node, line_data, t));
            r.source = Source::other_cache;
            moved(line, Level::llc, a.owner, receiver, node);
            if (g.dirty && want == Want::own) r.right = LineState::modified;
        } else if (!g.dirty || wants_data || drops) {
            memory_at = r.done = carry(a.owner, home, no_data, t);
        }
        // The requester is served before memory.
        if (g.dirty && want != Want::own && !drops) {
            const Picoseconds taken = write_memory(a.owner, line, AccessKind::store, t);
            moved(line, Level::llc, a.owner, Level::memory, home);
            ++h.directory.counters().write_backs;
            if (!wants_data) memory_at = r.done = taken;
        }
    }
    Picoseconds acknowledged = a.start;
    for (std::uint32_t left = a.invalidate; left != 0; left &= left - 1) {
        const auto n = static_cast<std::uint32_t>(__builtin_ctz(left));
        SharedCache& llc = nodes_[n]->llc;
        const SharedCache::NodeGiven g = llc.give(line, evicts ? Claim::evict : Claim::own);
        const Picoseconds told =
            carry(home, n, no_data, a.start) + llc.latency() + (g.asked ? llc.snoop_latency() : Picoseconds{0});
        last_write = std::max(last_write, g.last_write);
        const Picoseconds known = carry(n, node, no_data, told);
        acknowledged = std::max(acknowledged, known);
        if (trace_) [[unlikely]]
            Trace::slice(trace_->nodes[n].snoops, a.start, known, Invalidation{line, home, node, g.had});
    }
    if (wants_data && !have) {
        const Picoseconds read = read_memory(home, line, kind, memory_at);
        r.done = nodes_[node]->crossbar.hand(port, carry(home, node, line_data, read));
        moved(line, Level::memory, home, receiver, node);
    } else if (want == Want::dma_write) {
        // The device's data came with the request; they wait until nobody else has the line.
        const Picoseconds free = std::max({r.done, memory_at, acknowledged});
        ++h.directory.counters().memory_writes;
        r.done = h.memory->write(line, kind, h.crossbar.hand(Port::memory, free));
        moved(line, Level::device, node, Level::memory, home);
    } else if (!wants_data) {
        r.done = carry(home, node, no_data, std::max(r.done, memory_at));
    }
    r.done = std::max({r.done, acknowledged, last_write});
    h.directory.finish(a, r.done, last_write);
    if (trace_) [[unlikely]]
        Trace::slice(trace_->nodes[home].directory, arrival, r.done,
                     HomeRequest{line, want, kind, node, a.start - arrival});
    return r;
}

MemorySystem::Access MemorySystem::from_node(const Hart& hart, PhysAddr line, AccessKind kind, bool exclusive,
                                             bool has_line, Picoseconds at, std::uint64_t stamp) {
    Node& n = *nodes_[hart.node];
    cache::CacheLevel& level = n.llc.level();
    const SharedCache::Request q{hart.index, line, kind, exclusive, has_line, at, stamp};
    Departures out;
    SharedCache::Found f = n.llc.request(q, out);
    Access r{f.when, f.right, f.taken.dirty || !f.look.hit() ? Source::other_cache : Source::llc};
    const bool down = !f.complete();
    if (down) {
        if (!f.data) {
            const PhysAddr victim = n.llc.choose_victim(f, line);
            if (const Node* owner = node_with(victim)) owner->directory.prefetch_host(victim);
        }
        const auto want = !exclusive ? Directory::Want::read : f.data ? Directory::Want::upgrade : Directory::Want::own;
        const HomeAnswer a = ask_home(hart.node, line, want, kind, level.begin_miss(at + n.llc.latency()));
        r = {std::max(f.when, a.done), a.right, a.source};
    }
    r.granted = n.llc.settle(q, f, r.granted, r.done, out);
    if (side_ != nullptr && may_write(r.granted)) [[unlikely]]
        side_->writable(line);
    const Picoseconds taken = hand_down(hart.node, out, r.done);
    if (down) level.registers().end(line, std::max(r.done, taken));
    if (!has_line) r.done = n.crossbar.hand(Port::harts, r.done);
    if (f.look.learn && level.prefetches()) learn(line, at, hart.node, true);
    if (down && trace_) [[unlikely]]
        Trace::slice(trace_->nodes[hart.node].misses, at, r.done,
                     cpu::LineMiss{line, kind, exclusive, f.data, r.source});
    return r;
}

MemorySystem::Access MemorySystem::access(std::uint32_t number, PhysAddr line, AccessKind kind, bool exclusive,
                                          bool has_line, Picoseconds at) {
    const Hart& hart = harts_[number];
    const std::uint64_t stamp = ++uses_;
    if (!hart.l2) return from_node(hart, line, kind, exclusive, has_line, at, stamp);

    PrivateCache& l2 = *hart.l2;
    cache::CacheLevel& level = l2.level();
    const cache::Look look =
        l2.look(line, kind, exclusive, at, stamp, [&] { nodes_[home_of(line)]->directory.prefetch_host(line); });
    if (look.learn && level.prefetches()) learn(line, at, number, false);
    if (look.hit() && (!exclusive || may_write(look.state)))
        return {look.done, std::min(look.state, LineState::exclusive), Source::l2};

    const Picoseconds start = level.begin_miss(at);
    Access r = from_node(hart, line, kind, exclusive, look.hit(), start, stamp);
    if (look.hit()) {
        r.done = std::max(r.done, look.done);
        l2.upgraded(look.index, r.granted, r.done);
    } else {
        const Departed d = l2.fill(line, r.granted, kind, r.done, stamp);
        if (d.dirty) hart_writes_back(hart, d.line, true, std::max(at, d.ready));
    }
    level.registers().end(line, r.done);
    r.granted = std::min(r.granted, LineState::exclusive);
    if (trace_) [[unlikely]]
        Trace::slice(trace_->l2[number], at, r.done, cpu::LineMiss{line, kind, exclusive, look.hit(), r.source});
    return r;
}

void MemorySystem::hart_writes_back(const Hart& hart, PhysAddr line, bool gone, Picoseconds ready) {
    Departures out;
    nodes_[hart.node]->llc.write_back(hart.index, line, gone, ready, ++uses_, out);
    hand_down(hart.node, out, ready);
}

void MemorySystem::write_back(std::uint32_t number, PhysAddr line, Picoseconds last_write) {
    const Hart& hart = harts_[number];
    if (hart.l2)
        hart.l2->write_back(line, last_write);
    else
        hart_writes_back(hart, line, false, last_write);
}

void MemorySystem::learn(PhysAddr line, Picoseconds at, std::uint32_t who, bool llc) {
    if (lesson_count_ < lessons_.size()) lessons_[lesson_count_++] = {line, at, who, llc};
}

void MemorySystem::take_lessons() {
    // Fetching into an L2 may teach the last level behind it; lessons are taken in their order.
    for (std::uint32_t i = 0; i < lesson_count_; ++i) {
        const Lesson l = lessons_[i];
        if (l.llc)
            prefetch_into_llc(l);
        else
            prefetch_into_l2(l);
    }
    lesson_count_ = 0;
}

void MemorySystem::prefetch_into_l2(const Lesson& l) {
    const Hart& hart = harts_[l.hart];
    const std::uint64_t stamp = ++uses_;
    hart.l2->level().prefetch_after(l.line, l.at, stamp, [&](PhysAddr line) {
        const Access r = from_node(hart, line, AccessKind::prefetch, false, false, l.at, stamp);
        const Departed d = hart.l2->fill(line, r.granted, AccessKind::prefetch, r.done, stamp, true);
        if (d.dirty) hart_writes_back(hart, d.line, true, std::max(l.at, d.ready));
        if (trace_) [[unlikely]]
            Trace::slice(trace_->l2[l.hart], l.at, r.done,
                         cpu::LineMiss{line, AccessKind::prefetch, false, false, r.source});
        return r.done;
    });
}

void MemorySystem::prefetch_into_llc(const Lesson& l) {
    SharedCache& llc = nodes_[l.hart]->llc;
    const std::uint64_t stamp = ++uses_;
    const Picoseconds at = l.at + llc.latency();
    llc.level().prefetch_after(l.line, at, stamp, [&](PhysAddr line) {
        const HomeAnswer a = ask_home(l.hart, line, Directory::Want::read, AccessKind::prefetch, at);
        Departures out;
        llc.bring(line, a.right, a.done, stamp, true, out);
        if (trace_) [[unlikely]]
            Trace::slice(trace_->nodes[l.hart].misses, at, a.done,
                         cpu::LineMiss{line, AccessKind::prefetch, false, false, a.source});
        return std::max(a.done, hand_down(l.hart, out, a.done));
    });
}

Picoseconds MemorySystem::dma_read(std::uint32_t node, PhysAddr line, Picoseconds at) {
    Node& n = *nodes_[node];
    if (side_ != nullptr) {
        const std::uint32_t home = home_of(line);
        const Picoseconds data = read_memory(home, line, AccessKind::dma, carry(node, home, no_data, at));
        return n.crossbar.hand(Port::devices, carry(home, node, line_data, data));
    }
    if (n.llc.takes_dma()) {
        Departures out;
        const Picoseconds arrival = n.crossbar.pass(at);
        const SharedCache::Found f =
            n.llc.request({SharedCache::device, line, AccessKind::dma, false, false, arrival, ++uses_}, out);
        hand_down(node, out, f.when);
        if (f.complete()) {
            moved(line, Level::llc, node, Level::device, node);
            return n.crossbar.hand(Port::devices, n.crossbar.pass(f.when));
        }
    }
    return ask_home(node, line, Directory::Want::dma_read, AccessKind::dma, at).done;
}

Picoseconds MemorySystem::dma_write(std::uint32_t node, PhysAddr line, bool whole, Picoseconds at) {
    Node& n = *nodes_[node];
    if (side_ != nullptr) {
        Node& h = *nodes_[home_of(line)];
        const Picoseconds arrival = carry(node, home_of(line), line_data, at);
        ++h.directory.counters().memory_writes;
        return h.memory->write(line, AccessKind::dma, h.crossbar.hand(Port::memory, arrival));
    }
    if (!n.llc.takes_dma() || !whole) return ask_home(node, line, Directory::Want::dma_write, AccessKind::dma, at).done;
    Departures out;
    const std::uint64_t stamp = ++uses_;
    Picoseconds done;
    const Picoseconds arrival = n.crossbar.hand(Port::cache, n.crossbar.pass(at));
    if (!n.llc.device_write(line, arrival, stamp, done, out)) {
        done = ask_home(node, line, Directory::Want::inject, AccessKind::dma, done).done;
        n.llc.bring(line, LineState::modified, done, stamp, false, out);
    }
    moved(line, Level::device, node, Level::llc, node);
    hand_down(node, out, done);
    return done;
}

Picoseconds MemorySystem::clean(std::uint32_t hart, PhysAddr line, Picoseconds at) {
    const std::uint32_t n = harts_[hart].node;
    return ask_home(n, line, Directory::Want::clean, AccessKind::store, at + nodes_[n]->llc.latency()).done;
}

Picoseconds MemorySystem::flush(std::uint32_t hart, PhysAddr line, Picoseconds at) {
    const std::uint32_t n = harts_[hart].node;
    const Picoseconds done =
        ask_home(n, line, Directory::Want::flush, AccessKind::store, at + nodes_[n]->llc.latency()).done;
    if (side_ != nullptr) side_->gone(line);
    return done;
}

Picoseconds MemorySystem::inval(std::uint32_t hart, PhysAddr line, Picoseconds at) {
    const std::uint32_t n = harts_[hart].node;
    const Picoseconds done =
        ask_home(n, line, Directory::Want::inval, AccessKind::store, at + nodes_[n]->llc.latency()).done;
    if (side_ != nullptr) side_->gone(line);
    return done;
}

std::string MemorySystem::broken_sum() const {
    Count requests = 0, remote = 0;
    for (std::uint32_t h = 0; h < harts_.size(); ++h)
        if (harts_[h].l2)
            if (const char* why = harts_[h].l2->level().broken_sum()) return fmt::format("hart {}: l2: {}", h, why);
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
        if (const char* why = nodes_[n]->llc.level().broken_sum()) return fmt::format("node {}: llc: {}", n, why);
        const cache::DirectoryCounters& d = nodes_[n]->directory.counters();
        requests += d.reads + d.exclusive_reads + d.upgrades + d.dma_reads + d.dma_writes + d.injections + d.cleans
                    + d.flushes + d.invals;
        remote += d.remote_requests;
        if (d.held > requests || d.empty_interventions > d.interventions)
            return fmt::format("node {}: directory: held <= requests, empty_interventions <= interventions", n);
    }
    if (remote > requests) return "directories: remote_requests <= requests";
    if (const char* why = network_.broken_sum()) return fmt::format("links: {}", why);
    return {};
}

void MemorySystem::observe_with(cache::MoveObserver& observer) {
    observer_ = &observer;
    std::uint32_t first = 0;
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
        nodes_[n]->llc.observe_with(observer, n, first);
        while (first < harts_.size() && harts_[first].node == n) ++first;
    }
    for (std::uint32_t h = 0; h < harts_.size(); ++h)
        if (harts_[h].l2) harts_[h].l2->observe_with(observer, h);
}

} // namespace tollgate::machine
