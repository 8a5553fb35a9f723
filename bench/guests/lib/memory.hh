/// Copy and fill as a good C library does them: words of eight bytes in blocks of a cache line, bytes only at ragged
/// ends.
#pragma once
#include <cstddef>
#include <cstdint>

namespace guest {

inline constexpr std::size_t block = 64;

[[gnu::noinline]] inline void copy(void* to, const void* from, std::size_t bytes) {
    auto d = static_cast<unsigned char*>(to);
    auto s = static_cast<const unsigned char*>(from);
    if (((reinterpret_cast<std::uintptr_t>(d) ^ reinterpret_cast<std::uintptr_t>(s)) & 7) == 0) {
        for (; bytes && (reinterpret_cast<std::uintptr_t>(d) & 7); --bytes) *d++ = *s++;
        auto dw = reinterpret_cast<std::uint64_t*>(d);
        auto sw = reinterpret_cast<const std::uint64_t*>(s);
        for (auto end = dw + bytes / block * 8; dw != end; dw += 8, sw += 8) {
            std::uint64_t w0 = sw[0], w1 = sw[1], w2 = sw[2], w3 = sw[3], w4 = sw[4], w5 = sw[5], w6 = sw[6],
                          w7 = sw[7];
            dw[0] = w0, dw[1] = w1, dw[2] = w2, dw[3] = w3, dw[4] = w4, dw[5] = w5, dw[6] = w6, dw[7] = w7;
        }
        for (bytes %= block; bytes >= 8; bytes -= 8) *dw++ = *sw++;
        d = reinterpret_cast<unsigned char*>(dw);
        s = reinterpret_cast<const unsigned char*>(sw);
    }
    for (; bytes; --bytes) *d++ = *s++;
}

[[gnu::noinline]] inline void fill(void* to, std::uint8_t value, std::size_t bytes) {
    auto d = static_cast<unsigned char*>(to);
    for (; bytes && (reinterpret_cast<std::uintptr_t>(d) & 7); --bytes) *d++ = value;
    auto dw = reinterpret_cast<std::uint64_t*>(d);
    std::uint64_t w = value * 0x0101'0101'0101'0101u;
    for (auto end = dw + bytes / block * 8; dw != end; dw += 8)
        dw[0] = w, dw[1] = w, dw[2] = w, dw[3] = w, dw[4] = w, dw[5] = w, dw[6] = w, dw[7] = w;
    for (bytes %= block; bytes >= 8; bytes -= 8) *dw++ = w;
    d = reinterpret_cast<unsigned char*>(dw);
    for (; bytes; --bytes) *d++ = value;
}

} // namespace guest
