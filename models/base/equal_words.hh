/// A search among a few words without a branch for each.
#pragma once
#include <array>
#include <cstdint>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tollgate {

/// Which of the words equal `wanted`, a bit each.
inline std::uint32_t equal_words(const std::array<std::uint32_t, 16>& words, std::uint32_t wanted) {
#ifdef __SSE2__
    const __m128i all = _mm_set1_epi32(static_cast<int>(wanted));
    const auto four = [&](std::size_t from) {
        return _mm_cmpeq_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&words[from])), all);
    };
    const __m128i lower = _mm_packs_epi32(four(0), four(4)), upper = _mm_packs_epi32(four(8), four(12));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(lower, upper)));
#else
    std::uint32_t r = 0;
    for (std::uint32_t i = 0; i < words.size(); ++i) r |= std::uint32_t{words[i] == wanted} << i;
    return r;
#endif
}

} // namespace tollgate
