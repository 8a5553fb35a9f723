/// One random cycle through all 64-byte lines of 8 MiB; five instructions a step (load, two additions, count, branch).
#pragma once
#include <cstddef>
#include <cstdint>

namespace guest {

struct Chase {
    static constexpr const char* name = "chase";
    static constexpr std::uint64_t rounds = 24'000'000; ///< steps
    static constexpr std::size_t bytes = 8 << 20, lines = bytes / 64;

    struct alignas(64) Line {
        Line* next;
        std::uint64_t order;
    };
    alignas(4096) Line line[lines];

    /// Sattolo's shuffle: a permutation that is a single cycle.
    void prepare() {
        for (std::size_t i = 0; i < lines; ++i) line[i].order = i;
        std::uint64_t random = 88'172'645'463'325'252u;
        for (std::size_t i = lines - 1; i > 0; --i) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            std::size_t j = random % i;
            std::uint64_t other = line[i].order;
            line[i].order = line[j].order;
            line[j].order = other;
        }
        for (std::size_t i = 0; i < lines; ++i) line[line[i].order].next = &line[line[(i + 1) % lines].order];
    }
    /// Fletcher's sum of the offsets in the order of the visit: both sums are linear in the addresses, so that where
    /// the lines lie drops out.
    std::uint64_t run(std::uint64_t n) {
        const Line* p = line;
        std::uint64_t sum = 0, sum_of_sums = 0;
        for (std::uint64_t i = n; i != 0; --i) {
            p = p->next;
            sum += reinterpret_cast<std::uint64_t>(p);
            sum_of_sums += sum;
        }
        auto base = reinterpret_cast<std::uint64_t>(line);
        std::uint64_t triangle = n % 2 ? (n + 1) / 2 * n : n / 2 * (n + 1);
        return (sum - n * base) ^ (sum_of_sums - triangle * base) << 20;
    }
};

} // namespace guest
