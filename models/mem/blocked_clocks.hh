/// Clocks at which commands of some class must not stand because of those that are placed: a bit a clock and class.
#pragma once
#include "mem/command_bus.hh"
#include "mem/dram_timing.hh"
#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <vector>

namespace tollgate::mem {

/// A ring of words of 64 clocks, one of each class side by side, that forgets what lies 4000 clocks before the last one
/// that was blocked. Classes come in fours.
class BlockedClocks {
  public:
    explicit BlockedClocks(std::uint32_t classes) : classes_{classes}, bits_(std::size_t{words} * classes) {}

    /// What a command blocks around itself, for classes that lie side by side.
    class Pattern {
      public:
        /// `count`: a multiple of four.
        Pattern() = default;
        Pattern(std::uint32_t first, std::uint32_t count) : first_{first}, count_{count} {}
        /// A class must keep more than `before` clocks before the command less one, and as many behind it as `after`.
        void add(std::uint32_t of_class, std::uint32_t before, std::uint32_t after);

      private:
        friend class BlockedClocks;
        std::uint32_t first_ = 0, count_ = 0;
        std::uint32_t back_ = 0, length_ = 0; ///< its clocks, the first `back` before the command
        std::vector<std::uint64_t> bits_;     // [64 clocks][class]
    };

    /// A command of that pattern is placed.
    void block(Clock at, const Pattern& p) {
        const Clock from = at + bias - p.back_;
        const std::uint64_t* bits = p.bits_.data();
        Clock n = from / 64;
        for (Clock left = p.length_ + from % 64;; left -= 64, ++n, bits += p.count_) {
            const auto shift = static_cast<unsigned>(from % 64);
            if (std::uint64_t* w = word_to_change(n))
                merge(w + p.first_, p.count_, [=](std::uint32_t c) { return bits[c] << shift; });
            if (left <= 64) return;
            if (shift != 0)
                if (std::uint64_t* w = word_to_change(n + 1))
                    merge(w + p.first_, p.count_, [=](std::uint32_t c) { return bits[c] >> (64 - shift); });
            if (left <= 64 + shift) return;
        }
    }
    /// Blocks the clocks behind `after` and before `until` for four classes from `first` on; `until` may be the lesser.
    void block_between(std::int64_t after, Clock until, std::uint32_t first) {
        Clock from = static_cast<Clock>(after + 1 + std::int64_t{bias});
        const Clock to = until + bias;
        while (from < to) {
            const Clock length = to - from, shift = from % 64;
            const std::uint64_t run = length < 64 ? ~(~std::uint64_t{0} << length) : ~std::uint64_t{0};
            if (std::uint64_t* w = word_to_change(from / 64))
                merge(w + first, 4, [=](std::uint32_t) { return run << shift; });
            from += 64 - shift;
        }
    }
    /// The first clock from t on that is blocked neither for the class nor on the bus. Nothing if that cannot be said
    /// because it is forgotten.
    std::optional<Clock> first_free(Clock t, std::uint32_t of_class, const CommandBus& bus) const {
        for (;;) {
            const Clock n = t / 64;
            const std::size_t at = (n + bias / 64) % words;
            std::uint64_t free = bus.free_in_word(n);
            if (numbers_[at] == n + bias / 64)
                free &= ~bits_[at * classes_ + of_class];
            else if (numbers_[at] > n + bias / 64 && free != 0) [[unlikely]]
                return {};
            free >>= t % 64;
            if (free != 0) return t + static_cast<unsigned>(std::countr_zero(free));
            t = (n + 1) * 64;
        }
    }

  private:
    static constexpr std::uint32_t words = 64;
    static constexpr std::uint32_t bias = 4096; ///< so that there are clocks before the first one
    template <class Bits> static void merge(std::uint64_t* w, std::uint32_t count, const Bits& bits) {
        for (std::uint32_t four = 0; four < count; four += 4)
            for (std::uint32_t c = four; c < four + 4; ++c) w[c] |= bits(c);
    }
    /// Null: it has been forgotten.
    std::uint64_t* word_to_change(Clock n) {
        const std::size_t at = n % words;
        if (numbers_[at] != n) [[unlikely]] {
            if (numbers_[at] > n) return nullptr;
            begin(n);
        }
        return &bits_[at * classes_];
    }
    void begin(Clock n);

    std::uint32_t classes_;
    std::array<Clock, words> numbers_{}; ///< which words these are, `bias` included
    std::vector<std::uint64_t> bits_;    // [word][class]
};

} // namespace tollgate::mem
