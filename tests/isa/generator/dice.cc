#include "generator/dice.hh"

namespace tollgate::judge {
namespace {

constexpr std::array<std::uint64_t, 22> integers{0,
                                                 1,
                                                 2,
                                                 ~0ull,
                                                 ~1ull,
                                                 0x7f,
                                                 0x80,
                                                 0xff,
                                                 0x7fff,
                                                 0x8000,
                                                 0xffff,
                                                 0x7fff'ffff,
                                                 0xffff'ffff'8000'0000,
                                                 0xffff'ffff,
                                                 0x1'0000'0000,
                                                 0x7fff'ffff'ffff'ffff,
                                                 0x8000'0000'0000'0000,
                                                 0x8000'0000'0000'0001,
                                                 0x5555'5555'5555'5555,
                                                 0xaaaa'aaaa'aaaa'aaaa,
                                                 0x00ff'00ff'00ff'00ff,
                                                 0xffff'ffff'0000'0000};

constexpr std::array<std::uint32_t, 24> singles{0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x00000001, 0x80000001,
                                                0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
                                                0x7fc00000, 0x7f800001, 0xffc00001, 0xffbfffff, 0x4f000000, 0xcf000000,
                                                0x5f000000, 0xdf000000, 0x4f7fffff, 0x3f000000, 0x3effffff, 0x40490fdb};

constexpr std::array<std::uint64_t, 30> doubles{
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x0000000000000001,
    0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff,
    0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0xfff8000000000001,
    0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000, 0x41efffffffe00000,
    0x43e0000000000000, 0xc3e0000000000000, 0x43f0000000000000, 0x3fe0000000000000, 0x3fdfffffffffffff,
    0x36a0000000000000, 0x380fffffffffffff, 0x47efffffe0000000, 0x47effffff0000000, 0x3690000000000001};

} // namespace

std::uint64_t Dice::integer() {
    switch (below(5)) {
    case 0: return pick(integers);
    case 1: {
        // A power of two and its neighbours; not the ones that are device addresses.
        const std::uint64_t power = 1ull << below(64);
        const bool device = power >= 0x1000 && power < 0x8000'0000;
        return device ? ~power : power + below(3) - 1;
    }
    case 2: return static_cast<std::uint64_t>(static_cast<std::int64_t>(next()) >> below(64)) | 0x8000'0000'0000'0000;
    case 3: return below(4096);
    default: return next();
    }
}

std::uint64_t Dice::floating() {
    const std::uint64_t box = 0xffff'ffff'0000'0000;
    // A fraction with few bits makes exact and half-way results; without all of them, any.
    const auto fraction = [&] {
        const std::uint64_t bits = next() >> 12;
        return percent(50) ? bits : (bits & ~0ull << below(52));
    };
    switch (below(8)) {
    case 0: return pick(doubles);
    case 1: return box | pick(singles);
    case 2: return percent(50) ? next() : box | next() >> 32;
    case 3: return percent(30) ? (box << below(32)) | pick(singles) : pick(doubles); // badly boxed
    case 4: { // products and quotients near the ends of the range: subnormal or overflowing results
        static constexpr std::array<std::uint64_t, 6> exponents{1, 30, 505, 1530, 2040, 970};
        return (pick(exponents) + below(8)) << 52 | fraction() | next() << 63;
    }
    case 5: {
        static constexpr std::array<std::uint32_t, 6> exponents{1, 10, 60, 190, 250, 104};
        return box | (pick(exponents) + below(4)) << 23 | static_cast<std::uint32_t>(fraction() >> 29) | below(2) << 31;
    }
    case 6: return (1020ull + below(8)) << 52 | fraction() | next() << 63;
    default: return box | (124 + below(8)) << 23 | static_cast<std::uint32_t>(fraction() >> 29) | below(2) << 31;
    }
}

} // namespace tollgate::judge
