/// Lines that were written and wait for their ownership, in order; stores to a waiting line merge.
#pragma once
#include <array>
#include <cstdint>

namespace tollgate::cpu {

/// Times are the pipeline's stamps. Timing only: the bytes are in memory at once.
class StoreBuffer {
  public:
    explicit StoreBuffer(std::uint32_t entries) : entries_{entries} {}

    /// Whether a store to `line` at t joins the youngest entry.
    bool merges(std::uint64_t line, std::uint64_t t) const { return line == last_line_ && t < last_arrival_; }
    /// The time from which an entry is free, t or later.
    std::uint64_t free_at(std::uint64_t t) {
        while (used_ > 0 && arrival_[head_] <= t) pop();
        if (used_ < entries_) return t;
        const std::uint64_t free = arrival_[head_];
        pop();
        return free;
    }
    /// Takes an entry; there must be a free one. Ownership is confirmed in order.
    void push(std::uint64_t line, std::uint64_t arrival) {
        last_line_ = line;
        last_arrival_ = arrival > last_arrival_ ? arrival : last_arrival_;
        arrival_[(head_ + used_++) % capacity] = last_arrival_;
    }
    /// When all that is in it has arrived.
    std::uint64_t drained_at() const { return last_arrival_; }

  private:
    void pop() {
        head_ = (head_ + 1) % capacity;
        --used_;
    }
    static constexpr std::uint32_t capacity = 64;
    std::array<std::uint64_t, capacity> arrival_{}; // [ring]
    std::uint32_t entries_, head_ = 0, used_ = 0;
    std::uint64_t last_line_ = ~0ull, last_arrival_ = 0;
};

} // namespace tollgate::cpu
