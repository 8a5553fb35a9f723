/// A hart's second level, which includes both L1s: what it does with their requests and with snoops from below. Plain
/// class; time and stamps are arguments.
///
/// It knows which L1 may hold a line (clean lines leave the L1s silently) and asks them when it must give one up. What
/// an L1D has written reaches it by write_back() or by the answer to such a question.
#pragma once
#include "cache/cache_level.hh"
#include "cache/snoop.hh"
#include <cassert>

namespace tollgate::cache {

class PrivateCache final : public Holder {
  public:
    PrivateCache(const L2Params& params, Hertz hart_clock, const CachedMemory& memory, std::uint64_t seed, Holder& l1s)
        : level_{shape(params, seed), memory}, latency_{ClockDomain{hart_clock}.time_of(params.latency)}, l1s_{&l1s} {}

    CacheLevel& level() { return level_; }
    const CacheLevel& level() const { return level_; }
    Picoseconds latency() const { return latency_; } ///< load to use of a hit

    /// A request of an L1 for a load issued at `at`. A hit without the right that is wanted (`state` shared) is an
    /// upgrade, which goes down like a miss.
    template <class OnMiss>
    Look look(PhysAddr line, AccessKind kind, bool exclusive, Picoseconds at, std::uint64_t stamp,
              const OnMiss& on_miss) {
        const Look r = level_.look(line, kind, at + latency_, stamp, on_miss);
        if (r.hit()) {
            if (exclusive && !may_write(r.state)) ++level_.count().upgrades;
            note(r.index, kind);
        }
        return r;
    }
    /// The line comes with what the hart may do with it. Returns what left the hart for it.
    Departed fill(PhysAddr line, LineState granted, AccessKind kind, Picoseconds ready, std::uint64_t stamp,
                  bool prefetched = false) {
        const auto [index, out] = level_.fill(line, granted, ready, stamp, prefetched);
        if (!prefetched) note(index, kind);
        if (out.state == LineState::invalid) return {};
        bool dirty = out.state == LineState::modified;
        Picoseconds left_ready{out.data.ready};
        if (out.data.note != 0) {
            const Given above = ask_l1s(out.line, Claim::evict);
            dirty = dirty || above.dirty;
            left_ready = std::max(left_ready, above.last_write);
        }
        if (!dirty) return {};
        ++level_.count().write_backs;
        return {out.line, true, true, true, left_ready};
    }
    /// The right to write a line that is here came at `ready`.
    void upgraded(std::uint32_t index, LineState granted, Picoseconds ready) {
        level_.tags().set_state(index, granted);
        level_.tags().data(index).ready = ready.count();
    }
    /// An L1D evicted a line that it had written, last at `last_write`. Inclusion: the line is here.
    void write_back(PhysAddr line, Picoseconds last_write) {
        const std::uint32_t i = level_.tags().find(line);
        assert(i != TagArray::none);
        level_.tags().set_state(i, LineState::modified);
        WayData& d = level_.tags().data(i);
        d.ready = std::max(d.ready, last_write.count());
        if (observer_ != nullptr) [[unlikely]]
            observe(line);
    }
    void observe_with(MoveObserver& observer, std::uint32_t hart) {
        observer_ = &observer;
        hart_ = hart;
    }
    /// The level below asks for a line.
    Given give(PhysAddr line, Claim claim) override {
        const std::uint32_t i = level_.tags().find(line);
        if (i == TagArray::none) return {};
        const WayData d = level_.tags().data(i);
        Given g{true, level_.tags().state(i) == LineState::modified, Picoseconds{d.ready}};
        if (d.note != 0) g.add(ask_l1s(line, claim));
        if (g.dirty) ++level_.count().write_backs;
        switch (claim) {
        case Claim::share: level_.demote(i); break;
        case Claim::own: level_.drop(i, CacheLevel::Loss::snoop); break;
        case Claim::evict: level_.drop(i, CacheLevel::Loss::back_invalidation); break;
        }
        return g;
    }

  private:
    static LevelShape shape(const L2Params& params, std::uint64_t seed) {
        LevelShape s = shape_of(params);
        s.seed = seed;
        return s;
    }
    /// A line that an L1 asks for is in that L1 from now on.
    void note(std::uint32_t index, AccessKind kind) {
        level_.tags().data(index).note |= kind == AccessKind::fetch ? 1u : 2u;
    }

    Given ask_l1s(PhysAddr line, Claim claim) {
        const Given g = l1s_->give(line, claim);
        if (g.dirty && observer_ != nullptr) [[unlikely]]
            observe(line);
        return g;
    }
    void observe(PhysAddr line) { observer_->moved(line, {Place::Level::l1, hart_}, {Place::Level::hart, hart_}); }

    CacheLevel level_;
    Picoseconds latency_;
    Holder* l1s_;
    MoveObserver* observer_ = nullptr;
    std::uint32_t hart_ = 0; ///< known only to the observer
};

} // namespace tollgate::cache
