/// Multiplying by a fixed fraction, exactly and without a division.
#pragma once
#include <cstdint>
#include <numeric>

namespace tollgate {

/// A fraction of two whole numbers. With n * fraction = n * whole + n * rest / over, the last quotient is estimated by
/// the upper half of n * (rest * 2^64 / over): as that factor is rounded down by less than 1 and n is below 2^64, the
/// estimate is right or 1 too small, and the remainder, known modulo 2^64, says which.
class Ratio {
  public:
    /// Neither is 0, `below` less than 2^63.
    constexpr Ratio(std::uint64_t above, std::uint64_t below) {
        const std::uint64_t common = std::gcd(above, below);
        over_ = below / common;
        whole_ = above / common / over_;
        rest_ = above / common % over_;
        factor_ = static_cast<std::uint64_t>((static_cast<Wide>(rest_) << 64) / over_);
    }
    /// n * fraction rounded down, modulo 2^64, for every n.
    constexpr std::uint64_t floor_of(std::uint64_t n) const {
        const std::uint64_t estimate = estimate_of(n);
        return n * whole_ + estimate + (remainder_of(n, estimate) >= over_);
    }
    /// n * fraction rounded up, modulo 2^64, for every n.
    constexpr std::uint64_t ceiling_of(std::uint64_t n) const {
        const std::uint64_t estimate = estimate_of(n), remainder = remainder_of(n, estimate);
        return n * whole_ + estimate + (remainder > 0) + (remainder > over_);
    }

  private:
    __extension__ using Wide = unsigned __int128;
    constexpr std::uint64_t estimate_of(std::uint64_t n) const {
        return static_cast<std::uint64_t>(static_cast<Wide>(n) * factor_ >> 64);
    }
    /// Below 2 * over.
    constexpr std::uint64_t remainder_of(std::uint64_t n, std::uint64_t estimate) const {
        return n * rest_ - estimate * over_;
    }
    std::uint64_t whole_ = 0, rest_ = 0, over_ = 1, factor_ = 0;
};

} // namespace tollgate
