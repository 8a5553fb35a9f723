#include "bus/calendar.hh"
#include <algorithm>

namespace tollgate::bus {

Calendar::Calendar(Picoseconds horizon) : horizon_{horizon.count()}, spans_(16) {}

/// The end of the array is reached: it grows, or what may be remembered moves to its beginning.
void Calendar::make_room() {
    if (spans_.size() < 2 * most_spans) return spans_.resize(2 * spans_.size());
    const std::uint64_t newest = spans_[last_].to;
    const std::uint64_t past = newest > horizon_ ? newest - horizon_ : 0;
    if (spans() > most_spans) first_ = last_ + 1 - most_spans;
    while (first_ < last_ && spans_[first_].to < past) ++first_;
    const auto begin = spans_.begin();
    std::move(begin + static_cast<std::ptrdiff_t>(first_), begin + static_cast<std::ptrdiff_t>(last_) + 1, begin);
    last_ -= first_;
    first_ = 0;
}

Picoseconds Calendar::insert(std::uint64_t at, std::uint64_t length) {
    if (last_ + 1 == spans_.size()) make_room();
    if (spans() > most_spans) first_ = last_ + 1 - most_spans;
    const std::uint64_t newest = spans_[last_].to;
    const std::uint64_t past = std::max(newest > horizon_ ? newest - horizon_ : 0, spans_[first_].from);
    if (at < past) {
        ++forgotten_;
        at = past;
    }
    const auto begin = spans_.begin() + static_cast<std::ptrdiff_t>(first_);
    const auto end = spans_.begin() + static_cast<std::ptrdiff_t>(last_) + 1;
    // The first span that ends after `at`; all before it is over by then.
    auto next = std::upper_bound(begin, end, at, [](std::uint64_t t, const Span& s) { return t < s.to; });
    for (; next != end && next->from < at + length; ++next) at = std::max(at, next->to);
    if (length == 0) return Picoseconds{at};
    const std::uint64_t to = at + length;
    const bool joins_before = next != begin && std::prev(next)->to == at;
    const bool joins_after = next != end && next->from == to;
    if (joins_before && joins_after) {
        std::prev(next)->to = next->to;
        std::move(next + 1, end, next);
        --last_;
    } else if (joins_before) {
        std::prev(next)->to = to;
    } else if (joins_after) {
        next->from = at;
    } else {
        std::move_backward(next, end, end + 1);
        *next = {at, to};
        ++last_;
    }
    return Picoseconds{at};
}

} // namespace tollgate::bus
