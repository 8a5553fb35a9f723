/// Clocks at which commands of some class must not stand because of those that are placed: a bit a clock and class.
#pragma once
#include "mem/command_bus.hh"
#include "mem/dram_timing.hh"
#include <array>
#include <bit>
#include <optional>
#include <vector>

namespace tollgate::mem {

/// A ring of words of 64 clocks, one of each class side by side, that forgets what lies `reach` before the last one
/// that was blocked.
class BlockedClocks {
  public:
    explicit BlockedClocks(std::uint32_t classes) : classes_{classes}, bits_(std::size_t{words} * classes) {}

    /// Blocks the clocks from `from` to before `to` for `count` classes from `first` on.
    template <std::uint32_t count> void block(Clock from, Clock to, std::uint32_t first) {
        if (from >= to) return;
        const Clock last = (to - 1) / 64;
        for (Clock n = from / 64; n <= last; ++n) {
            std::uint64_t* const w = word_to_change(n);
            if (w == nullptr) continue;
            std::uint64_t mask = n == from / 64 ? ~std::uint64_t{0} << from % 64 : ~std::uint64_t{0};
            if (n == last) mask &= ~std::uint64_t{0} >> (63 - (to - 1) % 64);
            for (std::uint32_t c = first; c < first + count; ++c) w[c] |= mask;
        }
    }
    /// The first clock from t on that is blocked neither for the class nor on the bus. Nothing if that cannot be said
    /// because too much lies behind it.
    std::optional<Clock> first_free(Clock t, std::uint32_t of_class, const CommandBus& bus) const {
        for (;;) {
            const Clock n = t / 64;
            const std::size_t at = n % words;
            std::uint64_t free = bus.free_in_word(n);
            if (numbers_[at] == n)
                free &= ~bits_[at * classes_ + of_class];
            else if (numbers_[at] > n && free != 0) [[unlikely]]
                return {};
            free >>= t % 64;
            if (free != 0) return t + static_cast<unsigned>(std::countr_zero(free));
            t = (n + 1) * 64;
        }
    }

  private:
    static constexpr std::uint32_t words = 64; // 4096 clocks
    /// Null: it has been forgotten.
    std::uint64_t* word_to_change(Clock n) {
        const std::size_t at = n % words;
        std::uint64_t* const w = &bits_[at * classes_];
        if (numbers_[at] != n) [[unlikely]] {
            if (numbers_[at] > n) return nullptr;
            numbers_[at] = n;
            for (std::uint32_t c = 0; c < classes_; ++c) w[c] = 0;
        }
        return w;
    }

    std::uint32_t classes_;
    std::array<Clock, words> numbers_{}; ///< which words these are
    std::vector<std::uint64_t> bits_;    // [word][class]
};

} // namespace tollgate::mem
