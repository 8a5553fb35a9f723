/// Tests that follow from a device's register map alone: reset values, access policy, widths, unmapped neighbours.
#pragma once
#include "abi/reg.hh"
#include "tlm/device.hh"
#include <gtest/gtest.h>

namespace tollgate::test {

/// How many registers of an array the device under test has; the map's count unless listed.
struct PresentAll {
    template <class R> unsigned operator()(R) const { return R::count; }
};

template <class Map, class Present> bool mapped(std::uint64_t offset, Present present) {
    return Map::any([&]<class R>(R r) {
        const unsigned n = present(r);
        if (offset < R::offset || n == 0) return false;
        const std::uint64_t index = (offset - R::offset) / R::stride, within = (offset - R::offset) % R::stride;
        return index < n && within < sizeof(typename R::value_type);
    });
}

/// What `F` says of a register: whether its reset value is the map's.
struct ResetsAsTheMapSays {
    template <class R> bool operator()(R) const { return true; }
};

/// A fresh device in `make()` for each register, so that no access disturbs the next check.
template <class Map, class Make, class Present = PresentAll, class Resets = ResetsAsTheMapSays>
void check_register_map(Make make, Present present = {}, Resets resets = {}) {
    const Picoseconds now{};
    Map::for_each([&]<class R>(R r) {
        constexpr unsigned size = sizeof(typename R::value_type);
        for (const unsigned index : {0u, present(r) - 1}) {
            SCOPED_TRACE(testing::Message() << R::name << '[' << index << ']');
            const std::uint64_t at = R::offset + std::uint64_t{index} * R::stride;
            auto fresh = make();
            Device& d = *fresh;
            std::uint64_t value = 0, again = 0;

            if (abi::readable(R::access)) {
                EXPECT_EQ(d.read(at, size, now, value), Outcome::ok);
                if (resets(r)) { EXPECT_EQ(value, std::uint64_t{R::reset}); }
                if (!abi::writable(R::access)) {
                    auto other = make();
                    EXPECT_EQ(other->write(at, size, now, ~value), Outcome::ok);
                    EXPECT_EQ(other->read(at, size, now, again), Outcome::ok);
                    EXPECT_EQ(again, value) << "read only";
                }
            } else {
                EXPECT_EQ(d.write(at, size, now, 0), Outcome::ok);
                EXPECT_EQ(d.read(at, size, now, value), Outcome::ok);
            }
            // Widths: every power of two that it does not take, at its first byte.
            for (unsigned width = 1; width <= 8; width *= 2) {
                const bool takes = width >= R::min_size && width <= size;
                if (at % width != 0) continue;
                EXPECT_EQ(make()->read(at, width, now, value), takes ? Outcome::ok : Outcome::burst_error) << width;
                EXPECT_EQ(make()->write(at, width, now, 0), takes ? Outcome::ok : Outcome::burst_error) << width;
            }
        }
        for (const std::uint64_t neighbour :
             {std::uint64_t{R::offset} - 1, R::offset + std::uint64_t{present(r) - 1} * R::stride + size,
              std::uint64_t{R::end}, std::uint64_t{Map::end}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
            if (mapped<Map>(neighbour, present)) continue;
            SCOPED_TRACE(testing::Message() << "beside " << R::name << ": " << std::hex << neighbour);
            std::uint64_t value = 1;
            EXPECT_EQ(make()->read(neighbour, 1, now, value), Outcome::address_error);
            EXPECT_EQ(make()->write(neighbour, 1, now, ~0ull), Outcome::address_error);
            EXPECT_EQ(value, 0u) << "nothing leaks";
        }
    });
}

} // namespace tollgate::test
