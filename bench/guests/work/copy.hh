/// `memcpy` and `memset` of 64 KiB, again and again, each time with a word or a value changed so that every round
/// counts in the checksum.
#pragma once
#include "lib/memory.hh"

namespace guest {

inline constexpr std::size_t copied = 64 << 10, copied_words = copied / 8;

/// Order matters: no two words may change places unseen.
inline std::uint64_t digest(const std::uint64_t* words, std::size_t n) {
    std::uint64_t h = 0;
    for (std::size_t i = 0; i < n; ++i) h = (h << 5 | h >> 59) ^ words[i];
    return h;
}

struct Memcpy {
    static constexpr const char* name = "memcpy";
    static constexpr std::uint64_t rounds = 8'000;
    alignas(64) std::uint64_t from[copied_words];
    alignas(64) std::uint64_t to[copied_words];

    void prepare() {
        for (std::size_t i = 0; i < copied_words; ++i) from[i] = (i + 1) * 0x9e37'79b9'7f4a'7c15u, to[i] = 0;
    }
    std::uint64_t run(std::uint64_t n) {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            from[i % copied_words] ^= i;
            copy(to, from, copied);
            sum += to[i * 7 % copied_words];
        }
        return sum ^ digest(to, copied_words);
    }
};

struct Memset {
    static constexpr const char* name = "memset";
    static constexpr std::uint64_t rounds = 16'000;
    alignas(64) std::uint64_t to[copied_words];

    void prepare() {}
    std::uint64_t run(std::uint64_t n) {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            fill(to, static_cast<std::uint8_t>(i), copied);
            sum = sum * 3 + to[i * 7 % copied_words];
        }
        return sum ^ digest(to, copied_words);
    }
};

} // namespace guest
