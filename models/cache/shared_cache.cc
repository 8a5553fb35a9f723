#include "cache/shared_cache.hh"
#include <cassert>

namespace tollgate::cache {

constexpr std::uint32_t none = TagArray::none;

static LevelShape with_seed(LevelShape s, std::uint64_t seed) {
    s.seed = seed;
    return s;
}

SharedCache::SharedCache(const LlcParams& p, const CachedMemory& memory, std::uint64_t seed, std::uint32_t harts)
    : level_{with_seed(shape_of(p), seed), memory},
      holders_(harts, nullptr), latency_{ClockDomain{p.clock}.time_of(p.latency)},
      snoop_{ClockDomain{p.clock}.time_of(p.snoop)}, inject_ways_{p.inject_ways} {
    assert(harts <= 64);
    const TagArray& t = level_.tags();
    if (!p.inclusive) filter_.emplace(t.sets(), t.ways(), p.replacement, scatter(seed));
}

Given SharedCache::ask(std::uint64_t harts, PhysAddr line, Claim claim) {
    Given g;
    for (; harts != 0; harts &= harts - 1) {
        const auto hart = static_cast<std::uint32_t>(__builtin_ctzll(harts));
        const Given one = holders_[hart]->give(line, claim);
        if (one.had && observer_ != nullptr) [[unlikely]]
            observe(line, hart, false);
        g.add(one);
    }
    return g;
}

void SharedCache::observe(PhysAddr line, std::uint32_t hart, bool up) const {
    const Place mine{Place::Level::llc, node_}, its{Place::Level::hart, first_hart_ + hart};
    observer_->moved(line, up ? mine : its, up ? its : mine);
}

std::uint32_t SharedCache::fill_data(PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp,
                                     bool prefetched, std::uint32_t victim, Departures& out) {
    const auto [index, gone] = level_.fill_at(victim, line, s, ready, stamp, prefetched);
    Departed d{gone.line, may_write(gone.state), gone.state != LineState::invalid, gone.state == LineState::modified,
               Picoseconds{gone.data.ready}};
    if (!filter_) {
        if (d.left && gone.data.holders != 0) {
            const Given g = ask(gone.data.holders, d.line, Claim::evict);
            d.dirty = d.dirty || g.dirty;
            d.ready = std::max(d.ready, g.last_write);
        }
    } else if (d.left && filter_->find(d.line) != none) {
        d.left = false; // harts hold it still
    }
    if (d.dirty) ++level_.count().write_backs;
    out.add(d);
    return index;
}

std::uint32_t SharedCache::fill_filter(PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp,
                                       Departures& out) {
    const std::uint32_t i = filter_->victim(line);
    const Evicted gone = filter_->fill(i, line, s, ready, stamp, false);
    if (gone.state != LineState::invalid) {
        const Given g = ask(gone.data.holders, gone.line, Claim::evict);
        const std::uint32_t data = level_.tags().find(gone.line);
        if (data == none) {
            if (g.dirty) ++level_.count().write_backs;
            out.add({gone.line, may_write(gone.state), true, g.dirty,
                     std::max(Picoseconds{gone.data.ready}, g.last_write)});
        } else if (g.dirty) {
            level_.tags().set_state(data, LineState::modified);
            WayData& d = level_.tags().data(data);
            d.ready = std::max(d.ready, g.last_write.count());
        }
    }
    return i;
}

SharedCache::Found SharedCache::request(const Request& r, Departures& out) {
    Found f;
    f.look = level_.look(r.line, r.kind, r.at + latency_, r.stamp);
    f.track = track_of(r.line, f.look.index);
    f.when = f.look.hit() ? f.look.done : r.at + latency_;
    f.right = f.look.state;
    std::uint64_t others = 0, ask_whom = 0;
    if (f.track != none) {
        if (filter_) {
            filter_->touch(f.track, r.stamp);
            f.right = std::max(f.right, filter_->state(f.track));
            f.when = std::max(f.when, Picoseconds{filter_->data(f.track).ready});
        }
        others = presence_bits(f.track) & ~bit(r.hart);
        const std::uint32_t o = owner(f.track);
        if (r.exclusive)
            ask_whom = others;
        else if (o != 0 && o != r.hart + 1)
            ask_whom = 1ull << (o - 1);
        else if (!f.look.hit() && !r.has_line)
            ask_whom = others & (~others + 1); // any copy will do
    }
    if (ask_whom != 0) {
        f.asked = true;
        f.taken = ask(ask_whom, r.line, r.exclusive ? Claim::own : Claim::share);
        f.when = std::max(f.when + snoop_, f.taken.last_write);
        // Whoever comes next waits for it too, also when nobody settles because a device asked.
        std::uint64_t& ready = track_tags().data(f.track).ready;
        ready = std::max(ready, f.taken.last_write.count());
        if (r.exclusive || !f.taken.had) presence_bits(f.track) &= ~ask_whom;
        if (owner(f.track) != 0 && (ask_whom >> (owner(f.track) - 1) & 1) != 0) owner(f.track) = 0;
        if (f.taken.dirty && !r.exclusive) { // the reader's copy is clean: the data array takes over
            if (f.look.hit()) {
                level_.tags().set_state(f.look.index, LineState::modified);
            } else {
                f.look.index =
                    fill_data(r.line, LineState::modified, f.when, r.stamp, false, level_.tags().victim(r.line), out);
            }
        }
    }
    f.data = f.look.hit() || f.taken.had || r.has_line;
    f.right_enough = r.exclusive ? may_write(f.right) : f.right != LineState::invalid;
    if (r.exclusive && !f.right_enough && f.look.hit()) ++level_.count().upgrades;
    return f;
}

LineState SharedCache::settle(const Request& r, const Found& f, LineState right, Picoseconds done, Departures& out) {
    TagArray& tags = level_.tags();
    // The requester takes over what the node's other harts or another node had written; so the data array's copy of it
    // is as good as memory's, or as it was.
    const bool inherits = r.exclusive && (f.taken.dirty || right == LineState::modified);
    std::uint32_t data = f.look.index, track = f.track;
    const LineState clean = may_write(right) ? LineState::exclusive : LineState::shared;
    if (data == none && (!filter_ || !f.data)) {
        data = fill_data(r.line, clean, done, r.stamp, false, f.victim != none ? f.victim : tags.victim(r.line), out);
        if (!filter_) track = data;
    } else if (data != none && tags.state(data) != LineState::modified) {
        tags.set_state(data, clean);
    }
    if (filter_) {
        if (track == none)
            track = fill_filter(r.line, clean, done, r.stamp, out);
        else
            filter_->set_state(track, clean);
    }
    if (f.asked || r.exclusive) { // the line changes hands: whoever comes next waits until it has
        track_tags().data(track).ready = done.count();
        if (data != none) tags.data(data).ready = done.count();
    }
    presence_bits(track) |= 1ull << r.hart;
    const bool alone = presence_bits(track) == 1ull << r.hart;
    const LineState granted = inherits                                     ? LineState::modified
                              : may_write(right) && (alone || r.exclusive) ? LineState::exclusive
                                                                           : LineState::shared;
    owner(track) = may_write(granted) ? r.hart + 1 : 0;
    if (observer_ != nullptr && !r.has_line) [[unlikely]]
        observe(r.line, r.hart, true);
    return granted;
}

void SharedCache::write_back(std::uint32_t hart, PhysAddr line, bool gone, Picoseconds ready, std::uint64_t stamp,
                             Departures& out) {
    TagArray& tags = level_.tags();
    std::uint32_t data = tags.find(line);
    const std::uint32_t track = track_of(line, data);
    assert(track != none);
    if (observer_ != nullptr) [[unlikely]]
        observe(line, hart, false);
    if (gone) presence_bits(track) &= ~(1ull << hart);
    owner(track) = 0;
    if (filter_ && presence_bits(track) == 0) filter_->drop(track);
    if (data == none) data = fill_data(line, LineState::modified, ready, stamp, false, tags.victim(line), out);
    tags.set_state(data, LineState::modified);
    WayData& d = tags.data(data);
    d.ready = std::max(d.ready, ready.count());
}

bool SharedCache::device_write(PhysAddr line, Picoseconds at, std::uint64_t stamp, Picoseconds& done, Departures& out) {
    const Found f = request({device, line, AccessKind::dma, true, false, at, stamp}, out);
    done = f.when;
    if (!f.look.hit() || !may_write(f.right)) return false;
    level_.tags().set_state(f.look.index, LineState::modified);
    level_.tags().data(f.look.index).ready = done.count();
    if (filter_ && f.track != none) filter_->drop(f.track);
    return true;
}

void SharedCache::bring(PhysAddr line, LineState right, Picoseconds ready, std::uint64_t stamp, bool prefetched,
                        Departures& out) {
    if (!prefetched) level_.look(line, AccessKind::dma, ready, stamp); // a miss, counted like any other
    fill_data(line, right, ready, stamp, prefetched,
              level_.tags().victim(line, prefetched ? level_.tags().ways() : inject_ways_), out);
}

SharedCache::NodeGiven SharedCache::give(PhysAddr line, Claim claim) {
    NodeGiven g;
    const std::uint32_t data = level_.tags().find(line);
    const std::uint32_t track = track_of(line, data);
    if (track != none) {
        const std::uint32_t o = owner(track);
        const std::uint64_t whom = claim != Claim::share ? presence_bits(track)
                                   : o != 0              ? 1ull << (o - 1)
                                   : data == none        ? presence_bits(track)
                                                         : 0;
        if (whom != 0) {
            g.add(ask(whom, line, claim));
            g.asked = true;
        }
        g.last_write = std::max(g.last_write, Picoseconds{track_tags().data(track).ready});
        owner(track) = 0;
        if (claim == Claim::share) {
            if (filter_) filter_->set_state(track, LineState::shared);
        } else {
            presence_bits(track) = 0;
            if (filter_) filter_->drop(track);
        }
    }
    if (data != none) {
        g.add({true, level_.tags().state(data) == LineState::modified, Picoseconds{level_.tags().data(data).ready}});
        if (claim == Claim::share)
            level_.demote(data);
        else
            level_.drop(data, claim == Claim::own ? CacheLevel::Loss::snoop : CacheLevel::Loss::flush);
    }
    if (claim == Claim::share) { // those who stay wait for it as well
        if (track != none) track_tags().data(track).ready = g.last_write.count();
        if (data != none) level_.tags().data(data).ready = g.last_write.count();
    }
    if (g.dirty) ++level_.count().write_backs;
    return g;
}

LineState SharedCache::right(PhysAddr line) const {
    const std::uint32_t data = level_.tags().find(line);
    LineState s = data == none ? LineState::invalid : level_.tags().state(data);
    if (filter_)
        if (const std::uint32_t t = filter_->find(line); t != none) s = std::max(s, filter_->state(t));
    return s;
}

std::uint64_t SharedCache::presence(PhysAddr line) const {
    const std::uint32_t t = track_of(line, filter_ ? none : level_.tags().find(line));
    return t == none ? 0 : (filter_ ? *filter_ : level_.tags()).data(t).holders;
}

} // namespace tollgate::cache
