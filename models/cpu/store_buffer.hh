/// Lines that were written and wait for their ownership, in order; stores to a waiting line merge, loads of what was
/// written are served from here.
#pragma once
#include <array>
#include <cstdint>

namespace tollgate::cpu {

/// Times are the pipeline's stamps. Timing only: the bytes are in memory at once.
class StoreBuffer {
  public:
    explicit StoreBuffer(std::uint32_t entries) : entries_{entries} {}

    /// Whether a store to `line` at t joins the youngest entry, which then has the bytes of `mask` too.
    bool merges(std::uint64_t line, std::uint64_t mask, std::uint64_t t) {
        if (line != last_line_ || t >= last_arrival_) return false;
        bytes_[(head_ + used_ - 1) % capacity] |= mask;
        return true;
    }
    /// Whether all the bytes of `mask` wait here at t, so that a load needs no other place.
    bool forwards(std::uint64_t line, std::uint64_t mask, std::uint64_t t) const {
        for (std::uint32_t i = used_; i-- > 0 && mask != 0;) {
            const std::uint32_t at = (head_ + i) % capacity;
            if (arrival_[at] <= t) return false;
            if (line_[at] == line) mask &= ~bytes_[at];
        }
        return mask == 0;
    }
    /// The time from which an entry is free, t or later.
    std::uint64_t free_at(std::uint64_t t) {
        while (used_ > 0 && arrival_[head_] <= t) pop();
        if (used_ < entries_) return t;
        const std::uint64_t free = arrival_[head_];
        pop();
        return free;
    }
    /// Takes an entry; there must be a free one. Ownership is confirmed in order.
    void push(std::uint64_t line, std::uint64_t mask, std::uint64_t arrival) {
        const std::uint32_t at = (head_ + used_++) % capacity;
        last_line_ = line_[at] = line;
        bytes_[at] = mask;
        last_arrival_ = arrival > last_arrival_ ? arrival : last_arrival_;
        arrival_[at] = last_arrival_;
    }
    /// When all that is in it has arrived.
    std::uint64_t drained_at() const { return last_arrival_; }

  private:
    void pop() {
        head_ = (head_ + 1) % capacity;
        --used_;
    }
    static constexpr std::uint32_t capacity = 64;
    std::array<std::uint64_t, capacity> arrival_{}, line_{}, bytes_{}; // [ring]; bytes_: bit per byte of the line
    std::uint32_t entries_, head_ = 0, used_ = 0;
    std::uint64_t last_line_ = ~0ull, last_arrival_ = 0;
};

} // namespace tollgate::cpu
