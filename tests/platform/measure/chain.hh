/// Chains of pointers through lines in no order, and how long it takes to follow them.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {
struct Chased {
    std::uint64_t cycles, next;
};
Chased chase(std::uint64_t first, std::uint64_t blocks);
extern const std::uint8_t chase_end[];
std::uint64_t chase_two(std::uint64_t first, std::uint64_t second, std::uint64_t blocks);
std::uint64_t load_after(std::uint64_t first, std::uint64_t address);
}

namespace measure {

/// A full period through the numbers below a power of two, without order in their high bits: neighbours in time lie in
/// different pages.
class Scattered {
  public:
    /// Numbers below `n`, each once a period.
    explicit Scattered(std::uint64_t n, std::uint64_t from = 0) : n_{n}, at_{from} {
        while (mask_ + 1 < n) mask_ = 2 * mask_ + 1;
    }
    std::uint64_t next() {
        // A linear congruential generator modulo 2^k has full period when a = 1 mod 4 and c is odd (Knuth 2, 3.2.1.2).
        do at_ = (at_ * 0x5851'f42d'4c95'7f2d + 0x1405'7b7e'f767'814f) & mask_;
        while (at_ >= n_);
        return at_;
    }

  private:
    std::uint64_t n_, mask_ = 0, at_;
};

/// A ring through `lines` of the `room` lines from `base` on; returns its first link.
inline std::uint64_t make_chain(std::uint64_t base, std::uint64_t lines, std::uint64_t room) {
    Scattered order{room};
    const std::uint64_t first = base + 64 * order.next();
    std::uint64_t last = first;
    for (std::uint64_t i = 1; i < lines; ++i) {
        const std::uint64_t next = base + 64 * order.next();
        *reinterpret_cast<volatile std::uint64_t*>(last) = next;
        last = next;
    }
    *reinterpret_cast<volatile std::uint64_t*>(last) = first;
    return first;
}

/// The value in the middle. Changes the order.
inline std::uint64_t median(std::uint64_t* values, std::size_t n) {
    for (std::size_t gap = n / 2; gap != 0; gap /= 2)
        for (std::size_t i = gap; i < n; ++i) {
            const std::uint64_t v = values[i];
            std::size_t k = i;
            for (; k >= gap && values[k - gap] > v; k -= gap) values[k] = values[k - gap];
            values[k] = v;
        }
    return values[n / 2];
}

} // namespace measure
