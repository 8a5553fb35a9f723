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

    /// A word's clocks of [from, to), counted from the word's first clock: from may be negative, to beyond the word.
    static std::uint64_t clocks(std::int64_t from, std::int64_t to) { return up_to(to) & ~up_to(from); }

    /// Calls change(w, at) for the words of the clocks in [from, to): w[class] is a class's word, and `at` the clock as
    /// counted from the word's first one.
    template <class Change> void change(Clock from, Clock to, Clock at, const Change& change) {
        if (from >= to) return;
        for (Clock n = from / 64; n <= (to - 1) / 64; ++n)
            if (std::uint64_t* w = word_to_change(n)) change(w, static_cast<std::int64_t>(at - n * 64));
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
    static std::uint64_t up_to(std::int64_t clock) {
        if (clock <= 0) return 0;
        return clock >= 64 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} << clock);
    }
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
