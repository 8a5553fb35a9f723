/// Loads that are timed one by one.
#pragma once
#include "chain.hh"

namespace measure {

inline constexpr std::uint64_t mib = 1 << 20;
/// Addresses so far apart lie in different rows of the same bank where the row is an address's top field.
inline constexpr std::uint64_t row_step = 4 * mib;

class SingleLoads {
  public:
    /// `hit`: cycles of a load whose line is at hand, known from a chase.
    void calibrate(std::uint64_t hit) {
        const auto near = reinterpret_cast<std::uint64_t>(&at_hand_);
        for (int i = 0; i < 8; ++i) overhead_ = load_after(near, near);
        overhead_ -= hit;
    }
    /// Cycles of a load.
    std::uint64_t at(std::uint64_t address) { return after(reinterpret_cast<std::uint64_t>(&at_hand_), address); }
    /// The same, just after another one.
    std::uint64_t after(std::uint64_t first, std::uint64_t address) { return load_after(first, address) - overhead_; }

    /// The median of loads of memory that nobody has touched, each in another row of the same bank as the one before:
    /// of the first `width` bytes of each step.
    std::uint64_t row_after_row(std::uint64_t base, std::uint64_t bytes, std::uint64_t width) {
        Scattered order{row_step / 64, 77};
        std::size_t n = 0;
        while (n + bytes / row_step <= most) {
            const std::uint64_t line = order.next() * 64 % width;
            for (std::uint64_t k = 0; k < bytes / row_step; ++k) samples_[n++] = at(base + k * row_step + line);
        }
        return median(samples_, n);
    }
    /// The median of `count` loads, at most 400, with a step between that no prefetcher follows.
    std::uint64_t page_by_page(std::uint64_t base, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) samples_[i] = at(base + i * page_step);
        return median(samples_, count);
    }
    static constexpr std::uint64_t page_step = 4096 + 64;

  private:
    static constexpr std::size_t most = 400;
    std::uint64_t overhead_ = 0, at_hand_ = 0;
    std::uint64_t samples_[most] = {};
};

} // namespace measure
