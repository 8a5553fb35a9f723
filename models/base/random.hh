/// Deterministic pseudo-random numbers: the same on every host and compiler.
#pragma once
#include <cstdint>

namespace tollgate {

/// SplitMix64's finaliser: a bijection that scatters bits. Also the noise of untouched memory.
constexpr std::uint64_t scatter(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, passes BigCrush, period 2^64.
class Random {
  public:
    explicit constexpr Random(std::uint64_t seed) : state_{seed} {}
    constexpr std::uint64_t next() {
        const std::uint64_t r = scatter(state_);
        state_ += 0x9e3779b97f4a7c15ull;
        return r;
    }
    /// A number below n (n > 0), by multiplication; the bias is below n / 2^64.
    constexpr std::uint64_t below(std::uint64_t n) {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * n) >> 64);
    }

  private:
    std::uint64_t state_;
};

} // namespace tollgate
