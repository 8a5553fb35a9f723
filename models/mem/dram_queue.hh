/// Requests that wait for their turn, the oldest first.
#pragma once
#include "base/access_kind.hh"
#include "mem/address_mapping.hh"
#include "mem/command_schedule.hh"
#include <array>
#include <cstdint>
#include <vector>

namespace tollgate::mem {

/// A line's number within its channel.
constexpr std::uint64_t line_of(const DramAddress& a) {
    return (std::uint64_t{a.row} * (DramGeometry::max_ranks * DramGeometry::banks) + a.bank_of_channel())
               * DramGeometry::lines_per_row
           + a.column;
}

struct DramRequest {
    DramAddress at;
    Clock arrival = 0;
    std::uint64_t tag = 0; ///< the sender's
    AccessKind kind = AccessKind::load;
    bool write = false;
    RowState found = RowState::hit; ///< becomes what the commands given for it show
};

/// A queue of fixed capacity; never allocates after its construction.
class DramQueue {
  public:
    explicit DramQueue(std::uint32_t capacity) : capacity_{capacity} { requests_.reserve(capacity); }

    bool empty() const { return requests_.empty(); }
    bool full() const { return requests_.size() == capacity_; }
    std::size_t size() const { return requests_.size(); }
    DramRequest& operator[](std::size_t i) { return requests_[i]; }
    const DramRequest& operator[](std::size_t i) const { return requests_[i]; }

    void push(const DramRequest& r) {
        requests_.push_back(r);
        ++filter_[slot(line_of(r.at))];
    }
    DramRequest take(std::size_t i) {
        const DramRequest r = requests_[i];
        requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(i));
        --filter_[slot(line_of(r.at))];
        return r;
    }
    /// Whether a request for this line waits.
    bool holds(const DramAddress& a) const {
        const std::uint64_t line = line_of(a);
        if (filter_[slot(line)] == 0) return false;
        for (const DramRequest& r : requests_)
            if (line_of(r.at) == line) return true;
        return false;
    }

  private:
    static std::size_t slot(std::uint64_t line) { return (line ^ line >> 8 ^ line >> 16) % 256; }
    std::size_t capacity_;
    std::vector<DramRequest> requests_;
    std::array<std::uint16_t, 256> filter_{}; ///< waiting requests by hash of their line: most searches end here
};

} // namespace tollgate::mem
