/// Random choices, weighted towards the values at which implementations err.
#pragma once
#include "base/random.hh"
#include "generator/assembler.hh"
#include <array>
#include <cstdint>
#include <iterator>

namespace tollgate::judge {

/// Draws registers, immediates and corner values; equal seeds give equal draws everywhere.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_{scatter(seed)} {}
    std::uint64_t next() { return random_.next(); }
    unsigned below(std::uint64_t n) { return static_cast<unsigned>(random_.below(n)); }
    bool percent(unsigned p) { return below(100) < p; }
    template <class Array> auto pick(const Array& a) { return a[below(std::size(a))]; }
    /// A register that holds no loop counter and no return address in use.
    Reg destination() {
        for (;;) {
            const Reg r = below(32);
            if ((reserved_ >> r & 1) == 0) return r;
        }
    }
    /// Likewise, and neither x0 nor one of the two given.
    Reg temporary(Reg not_a = 0, Reg not_b = 0) {
        for (;;) {
            const Reg r = destination();
            if (r != 0 && r != not_a && r != not_b) return r;
        }
    }
    /// x8 to x15, as most compressed forms need.
    Reg compact() {
        for (;;) {
            const Reg r = 8 + below(8);
            if ((reserved_ >> r & 1) == 0) return r;
        }
    }
    void reserve(Reg r) { reserved_ |= 1u << r; }
    void release(Reg r) { reserved_ &= ~(1u << r); }
    std::int32_t imm12() {
        static constexpr std::array<std::int32_t, 8> corners{0, 1, -1, 2047, -2048, 8, -8, 255};
        return percent(40) ? pick(corners) : static_cast<std::int32_t>(below(4096)) - 2048;
    }
    /// An integer operand. Never an address at which the machine has a device.
    std::uint64_t integer();
    /// The bits of a floating-point register: doubles, boxed singles, and singles that are not boxed (Unpriv §12.2).
    std::uint64_t floating();

  private:
    Random random_;
    std::uint32_t reserved_ = 0;
};

} // namespace tollgate::judge
