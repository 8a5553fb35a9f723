/// Integer work with calls and branches that a predictor cannot learn. Compiles for guest and host alike: the host's
/// result is the guest's checksum.
#pragma once
#include <cstdint>

namespace guest {

struct Alu {
    static constexpr const char* name = "alu";
    static constexpr std::uint64_t rounds = 10'000'000;

    [[gnu::noinline]] static std::uint64_t mix(std::uint64_t x, std::uint64_t y) {
        asm("" : "+r"(x)); // a call of its own, whatever the compiler knows of its arguments
        return x * 31 + (y >> 3);
    }

    void prepare() {}

    std::uint64_t run(std::uint64_t n) {
        std::uint64_t random = 1, hash = 7, sparse = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if (random & 4)
                hash += random;
            else
                hash ^= i;
            if ((random & 0x30) == 0x10) ++sparse;
            hash = mix(hash, random);
        }
        return hash + sparse;
    }
};

} // namespace guest
