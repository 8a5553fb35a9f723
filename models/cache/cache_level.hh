/// One cache with all that a level has: tags, miss registers, prefetcher, classes of misses, counters. Plain class;
/// time and stamps are arguments. A hart's L1s, its L2 and a node's last level are made of it.
///
/// A miss is look(), then registers().begin() and end() around the request to the level below, then fill(). What left
/// is returned by value and is the caller's to hand down.
#pragma once
#include "cache/cache_counters.hh"
#include "cache/cache_params.hh"
#include "cache/miss_registers.hh"
#include "cache/prefetcher.hh"
#include "cache/tag_array.hh"
#include <array>

namespace tollgate::cache {

/// What the parameters of any level say.
struct LevelShape {
    std::uint32_t sets = 1, ways = 1;
    Replacement replacement = Replacement::lru;
    std::uint32_t misses = 1;
    Prefetch prefetch = Prefetch::none;
    std::uint32_t prefetch_depth = 1, prefetch_degree = 1;
    std::uint64_t seed = 0; ///< of random replacement
};
/// The memory whose lines are cached: [base, base + size).
struct CachedMemory {
    PhysAddr base;
    Bytes size;
    bool covers(PhysAddr pa) const { return pa >= base && pa - base < size.count(); }
};

/// These throw std::invalid_argument as sets_of() does.
LevelShape shape_of(const L1iParams& p);
LevelShape shape_of(const L1dParams& p);
LevelShape shape_of(const L2Params& p);
LevelShape shape_of(const LlcParams& p);

/// What an access found.
struct Look {
    std::uint32_t index = TagArray::none; ///< none: a miss
    LineState state = LineState::invalid;
    Picoseconds done{}; ///< of a hit: when it is served, the rest of a line under way included
    bool learn = false; ///< the prefetcher wants to know: a miss, or the first hit on a line fetched ahead
    bool hit() const { return index != TagArray::none; }
};

class CacheLevel {
  public:
    CacheLevel(const LevelShape& shape, const CachedMemory& memory);

    TagArray& tags() { return tags_; }
    const TagArray& tags() const { return tags_; }
    MissRegisters& registers() { return registers_; }
    CacheCounters& count() { return counters_; } ///< for the level's owner to add to
    /// As of now. Reading changes nothing.
    CacheCounters counters() const {
        CacheCounters c = counters_;
        if (put_off_ && put_off_counts_) c.miss(classifier_.peek(put_off_line_));
        return c;
    }

    /// An access; a hit would be served at `served`. `stamp` is its time of use and rises. A miss calls on_miss()
    /// first, so that the host fetches what the levels below need while this one is busy.
    template <class OnMiss>
    Look look(PhysAddr line, AccessKind kind, Picoseconds served, std::uint64_t stamp, const OnMiss& on_miss) {
        counters_.access(kind);
        const std::uint32_t i = tags_.find(line);
        if (i == TagArray::none) [[unlikely]] {
            on_miss();
            counters_.miss(kind);
            classify(line, stamp, true);
            return {i, LineState::invalid, {}, true};
        }
        tags_.touch(i, stamp);
        WayData& d = tags_.data(i);
        Look r{i, tags_.state(i), served, false};
        if (d.ready > served.count()) {
            r.done = Picoseconds{d.ready};
            ++counters_.merges;
        }
        if (d.prefetched) {
            d.prefetched = false;
            r.learn = true;
            ++counters_.prefetches_used;
            if (r.done != served) ++counters_.prefetches_late;
        }
        return r;
    }

    Look look(PhysAddr line, AccessKind kind, Picoseconds served, std::uint64_t stamp) {
        return look(line, kind, served, stamp, [] {});
    }
    /// Begins a miss: the time at which a register is free. registers().end() must follow.
    Picoseconds begin_miss(Picoseconds at) {
        const Picoseconds start = registers_.begin(at);
        if (start != at) ++counters_.register_waits;
        return start;
    }

    /// Puts a line where the policy says, or at an index of its set. `stamp` is that of its look(). Returns where, and
    /// what left.
    struct Filled {
        std::uint32_t index;
        Evicted out;
    };
    Filled fill(PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp, bool prefetched = false) {
        return fill_at(tags_.victim(line), line, s, ready, stamp, prefetched);
    }
    Filled fill_at(std::uint32_t i, PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp,
                   bool prefetched) {
        ++counters_.fills;
        if (put_off_ && line == put_off_line_)
            put_off_index_ = i;
        else
            filled_unseen_ = true;
        lately_filled_[lately_of(line)] = i;
        const Evicted out = tags_.fill(i, line, s, ready, stamp, prefetched);
        if (out.state != LineState::invalid) ++counters_.evictions;
        return {i, out};
    }

    /// Calls fetch(line) for the lines that the prefetcher wants after learning of `line`, which are not here, as long
    /// as registers are free at `at`. fetch() returns when the line will be ready, having filled it (prefetched).
    template <class Fetch> void prefetch_after(PhysAddr line, Picoseconds at, std::uint64_t stamp, const Fetch& fetch) {
        const Ahead ahead = prefetcher_.learn(line);
        std::uint32_t asked = 0;
        for (std::uint32_t k = 0; k < ahead.count && asked < degree_; ++k) {
            const PhysAddr wanted = ahead.line(k);
            if (tags_.line_at(lately_filled_[lately_of(wanted)]) == wanted) continue;
            if (tags_.find(wanted) != TagArray::none) continue;
            if (!registers_.free(at)) {
                ++counters_.prefetches_dropped;
                return;
            }
            classify(wanted, stamp, false);
            registers_.begin(at);
            registers_.end(wanted, fetch(wanted));
            ++counters_.prefetches_issued;
            ++asked;
        }
    }
    bool prefetches() const { return prefetcher_.active(); }

    /// Why a line leaves that is not evicted.
    enum class Loss : std::uint8_t { snoop, back_invalidation, flush };
    void drop(std::uint32_t index, Loss why) {
        switch (why) {
        case Loss::snoop:
            ++counters_.snooped_away;
            classify_put_off(); // it may be of this line
            classifier_.lost(tags_.line_at(index));
            break;
        case Loss::back_invalidation: ++counters_.back_invalidations; break;
        case Loss::flush: ++counters_.flushed; break;
        }
        tags_.drop(index);
    }
    /// Another one reads the line: the right to write goes, what was written has been handed over.
    void demote(std::uint32_t index) {
        if (may_write(tags_.state(index))) ++counters_.snooped_down;
        tags_.set_state(index, LineState::shared);
    }

    const char* broken_sum() const { return cache::broken_sum(counters(), tags_.valid()); }

  private:
    /// The class of a miss is worked out at the next one: by then it is known where the line went.
    void classify(PhysAddr line, std::uint64_t stamp, bool counts) {
        classify_put_off();
        put_off_ = true;
        put_off_counts_ = counts;
        put_off_line_ = line;
        put_off_stamp_ = stamp;
    }
    void classify_put_off() {
        if (!put_off_) return;
        put_off_ = false;
        // It may not have been filled at all; then any way is as good.
        const std::uint32_t filled = put_off_index_ - tags_.first_of(put_off_line_);
        const std::uint32_t way = filled < tags_.ways() ? filled : 0;
        const MissClass why = classifier_.miss(put_off_line_, way, put_off_stamp_,
                                               [this](PhysAddr l, std::uint32_t& at) -> std::uint64_t {
                                                   const std::uint32_t first = tags_.first_of(l);
                                                   if (tags_.line_at(first + at) == l)
                                                       return tags_.stamp_at(first + at);
                                                   // Who is elsewhere came by a fill that no miss told of.
                                                   if (!filled_unseen_) return 0;
                                                   const std::uint32_t i = tags_.find(l);
                                                   if (i == TagArray::none) return 0;
                                                   at = i - first;
                                                   return tags_.stamp_at(i);
                                               });
        if (put_off_counts_) counters_.miss(why);
    }

    TagArray tags_;
    MissRegisters registers_;
    Prefetcher prefetcher_;
    std::uint32_t degree_;
    MissClassifier classifier_;
    bool put_off_ = false, put_off_counts_ = false;
    /// Where lines were put lately: those fetched ahead are looked for again soon. By a line's place in its page,
    /// other pages turned against it, since arrays that are used side by side often begin alike.
    static constexpr std::uint32_t lately = 64;
    static std::uint32_t lately_of(PhysAddr line) {
        return static_cast<std::uint32_t>(line.value() >> line_shift ^ line.value() >> page_shift) % lately;
    }
    std::array<std::uint32_t, lately> lately_filled_{};
    bool filled_unseen_ = false; ///< a line was filled without a miss just before
    std::uint32_t put_off_index_ = 0;
    PhysAddr put_off_line_;
    std::uint64_t put_off_stamp_ = 0;
    CacheCounters counters_;
};

} // namespace tollgate::cache
