/// When a bus, a port or a link is taken. Plain class; time is an argument.
///
/// Harts run a quantum one after the other, so requests come a little out of the order of time: a late-arriving earlier
/// request is served in the gap where it belongs, as if it had come in time. What lies further back than the horizon is
/// forgotten, and a request from there is served as if it came at the horizon.
#pragma once
#include "base/units.hh"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::bus {

class Calendar {
  public:
    static constexpr Picoseconds default_horizon{100'000'000};
    static constexpr std::size_t most_spans = 1024; ///< more than these are forgotten even inside the horizon

    Calendar() : Calendar{default_horizon} {}
    explicit Calendar(Picoseconds horizon);

    /// Takes `length` from the first moment, not before `at`, at which so much is free in one piece; returns that
    /// moment. Constant at the end of what is taken; else a binary search and the gaps that are too short.
    Picoseconds reserve(Picoseconds at, Picoseconds length) {
        busy_ += length.count();
        Span& last = spans_[last_];
        if (at.count() >= last.to) [[likely]] {
            if (length.count() == 0) return at;
            const std::uint64_t to = at.count() + length.count();
            if (at.count() == last.to)
                last.to = to;
            else
                append({at.count(), to});
            return at;
        }
        return insert(at.count(), length.count());
    }

    Picoseconds busy() const { return Picoseconds{busy_}; }  ///< time taken in all
    std::size_t spans() const { return last_ - first_ + 1; } ///< pieces remembered
    std::uint64_t forgotten() const { return forgotten_; }   ///< requests that came from beyond the horizon

  private:
    struct Span {
        std::uint64_t from = 0, to = 0;
    };
    void append(Span s) {
        if (last_ + 1 == spans_.size()) make_room();
        spans_[++last_] = s;
    }
    void make_room();
    Picoseconds insert(std::uint64_t at, std::uint64_t length);

    std::uint64_t horizon_;
    std::uint64_t busy_ = 0, forgotten_ = 0;
    std::size_t first_ = 0, last_ = 0; ///< the spans in force, both included; before the first one nothing is free
    std::vector<Span> spans_;          // by time, none touches the next
};

} // namespace tollgate::bus
