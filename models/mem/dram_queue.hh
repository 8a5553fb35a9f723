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

/// A queue of fixed capacity, in order of age and by bank; never allocates after its construction.
class DramQueue {
  public:
    using Slot = std::uint16_t;
    static constexpr Slot none = 0xffff;
    static constexpr unsigned banks = DramGeometry::max_ranks * DramGeometry::banks;
    static_assert(banks == 64, "a bit a bank");

    explicit DramQueue(std::uint32_t capacity) : places_(capacity) {
        for (std::uint32_t i = capacity; i-- > 0;) {
            places_[i].next = free_;
            free_ = static_cast<Slot>(i);
        }
    }

    bool empty() const { return size_ == 0; }
    bool full() const { return free_ == none; }
    std::size_t size() const { return size_; }
    /// By slot: where a request stands as long as it waits.
    DramRequest& operator[](std::size_t slot) { return places_[slot].request; }
    const DramRequest& operator[](std::size_t slot) const { return places_[slot].request; }

    /// Banks for which requests wait, a bit each.
    std::uint64_t waiting() const { return waiting_; }
    /// A bank's requests, the oldest first.
    Slot oldest(unsigned bank) const { return lists_[bank].first; }
    Slot next(Slot slot) const { return places_[slot].next; }
    /// Rises from request to request.
    std::uint64_t age(Slot slot) const { return places_[slot].age; }

    void push(const DramRequest& r) {
        const Slot slot = free_;
        Place& p = places_[slot];
        free_ = p.next;
        p = {r, ++ages_, none};
        const unsigned bank = r.at.bank_of_channel();
        List& list = lists_[bank];
        (list.first == none ? list.first : places_[list.last].next) = slot;
        list.last = slot;
        waiting_ |= std::uint64_t{1} << bank;
        ++size_;
        ++filter_[hash(line_of(r.at))];
    }
    DramRequest take(std::size_t slot) {
        Place& p = places_[slot];
        const unsigned bank = p.request.at.bank_of_channel();
        List& list = lists_[bank];
        Slot before = none;
        for (Slot s = list.first; s != slot; s = places_[s].next) before = s;
        (before == none ? list.first : places_[before].next) = p.next;
        if (list.last == slot) list.last = before;
        if (list.first == none) waiting_ &= ~(std::uint64_t{1} << bank);
        p.next = free_;
        free_ = static_cast<Slot>(slot);
        --size_;
        --filter_[hash(line_of(p.request.at))];
        return p.request;
    }
    /// Whether a request for this line waits.
    bool holds(const DramAddress& a) const {
        const std::uint64_t line = line_of(a);
        if (filter_[hash(line)] == 0) return false;
        for (Slot s = lists_[a.bank_of_channel()].first; s != none; s = places_[s].next)
            if (line_of(places_[s].request.at) == line) return true;
        return false;
    }

  private:
    static std::size_t hash(std::uint64_t line) { return (line ^ line >> 8 ^ line >> 16) % 256; }
    struct Place {
        DramRequest request;
        std::uint64_t age = 0;
        Slot next = none; ///< of its bank; or of the free ones
    };
    struct List {
        Slot first = none, last = none;
    };
    std::vector<Place> places_;
    std::array<List, banks> lists_{};
    std::uint64_t waiting_ = 0, ages_ = 0;
    std::size_t size_ = 0;
    Slot free_ = none;
    std::array<std::uint16_t, 256> filter_{}; ///< waiting requests by hash of their line: most searches end here
};

} // namespace tollgate::mem
