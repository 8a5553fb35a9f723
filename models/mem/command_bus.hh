/// The slots of the command bus that are taken: one command a clock (JESD79-4C §4.1).
#pragma once
#include "mem/dram_timing.hh"
#include <array>
#include <bit>

namespace tollgate::mem {

/// A ring of words of 64 clocks that forgets what lies `reach` before a taken slot; a forgotten clock counts as taken.
class CommandBus {
  public:
    /// The first free slot from t on.
    Clock first_free(Clock t) const {
        for (;;) {
            const std::uint64_t free = free_in_word(t / 64) >> t % 64;
            if (free != 0) return t + static_cast<unsigned>(std::countr_zero(free));
            t = (t / 64 + 1) * 64;
        }
    }
    /// Free slots among the clocks from 64 * n on, a bit each.
    std::uint64_t free_in_word(Clock n) const {
        const Word& w = words_[n % words];
        if (w.number == n) return ~w.bits;
        return w.number < n ? ~std::uint64_t{0} : 0;
    }
    void take(Clock t) {
        Word& w = words_[t / 64 % words];
        if (w.number < t / 64) w = {t / 64, 0};
        w.bits |= std::uint64_t{1} << t % 64;
    }

  private:
    static constexpr std::size_t words = 256; // 16'384 clocks
    struct Word {
        Clock number = 0;
        std::uint64_t bits = 0;
    };
    std::array<Word, words> words_{};
};

} // namespace tollgate::mem
