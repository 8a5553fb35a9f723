/// What a measuring guest prints, and how it looks for a knee.
#pragma once
#include <cstdint>

namespace measure {

/// Prints "name value": a quotient, whole if it divides, else with three decimals.
void report(const char* name, std::uint64_t numerator, std::uint64_t denominator = 1);

/// The smallest n in [low, high] for which `over(n)` holds, or high + 1; once true, `over` must stay true. Doubles
/// first, then halves the interval, so that large n are tried only when small ones did not do.
template <class Over> std::uint64_t first_over(std::uint64_t low, std::uint64_t high, Over over) {
    std::uint64_t good = low - 1, next = low;
    while (!over(next)) {
        if (next == high) return high + 1;
        good = next;
        next = 2 * next > high ? high : 2 * next;
    }
    while (good + 1 < next) {
        std::uint64_t middle = (good + next) / 2;
        (over(middle) ? next : good) = middle;
    }
    return next;
}

} // namespace measure
