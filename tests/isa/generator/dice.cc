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
    switch (below(8)) {
    case 0:
    case 1: return pick(doubles);
    case 2:
    case 3: return box | pick(singles);
    case 4: return next();
    case 5: return box | (next() >> 32);
    case 6: { // exponents close to one another, so that sums cancel and products do not always overflow
        const std::uint64_t near = (1020ull + below(8)) << 52 | (next() >> 12) | next() << 63;
        return percent(50) ? near : near & ~0ull << below(52);
    }
    default: {
        if (percent(20)) return (box << below(32)) | pick(singles); // badly boxed
        const auto near = static_cast<std::uint32_t>((124 + below(8)) << 23) | static_cast<std::uint32_t>(next() >> 41)
                          | static_cast<std::uint32_t>(next()) << 31;
        return box | near;
    }
    }
}

} // namespace tollgate::judge
