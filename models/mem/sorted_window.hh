/// The last things that were placed on a time line, sorted by time; earlier ones may still be put between them.
#pragma once
#include "mem/dram_timing.hh"
#include <algorithm>
#include <array>
#include <cstddef>

namespace tollgate::mem {

/// Holds N items with a member `at`; the earliest leaves when one more comes. Putting one behind all others costs a
/// store; never allocates.
template <class T, std::size_t N> class SortedWindow {
  public:
    const T* begin() const { return items_.data() + first_; }
    const T* end() const { return items_.data() + end_; }
    std::size_t size() const { return end_ - first_; }

    /// Everything before this may have been forgotten.
    Clock known_from() const { return known_from_; }

    /// Behind the last item that comes before t.
    const T* before(Clock t) const {
        if (size() == 0 || (end() - 1)->at < t) return end(); // as a rule nothing lies ahead
        return std::lower_bound(begin(), end(), t, [](const T& item, Clock limit) { return item.at < limit; });
    }

    /// Where the new item came to stand.
    const T* insert(const T& item) {
        if (size() == N) known_from_ = items_[first_++].at + 1;
        if (end_ == items_.size()) {
            std::copy(items_.begin() + static_cast<std::ptrdiff_t>(first_), items_.end(), items_.begin());
            end_ -= first_;
            first_ = 0;
        }
        std::size_t i = end_++;
        for (; i > first_ && items_[i - 1].at > item.at; --i) items_[i] = items_[i - 1];
        items_[i] = item;
        return &items_[i];
    }

  private:
    std::array<T, 2 * N> items_{};
    std::size_t first_ = 0, end_ = 0;
    Clock known_from_ = 0;
};

} // namespace tollgate::mem
