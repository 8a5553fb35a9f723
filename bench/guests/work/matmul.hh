/// The product of two 64x64 matrices of doubles, eight columns at a time in registers. The elements are small whole
/// numbers, so no sum is rounded and every order of additions gives the same bits.
#pragma once
#include <cstddef>
#include <cstdint>

namespace guest {

struct Matmul {
    static constexpr const char* name = "matmul";
    static constexpr std::uint64_t rounds = 300;
    static constexpr std::size_t n = 64, tile = 8;
    alignas(64) double a[n][n];
    alignas(64) double b[n][n];
    alignas(64) double c[n][n];

    void prepare() {
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                a[i][j] = static_cast<double>((i * 7 + j * 3) % 17) - 8;
                b[i][j] = static_cast<double>((i * 5 + j * 11) % 19) - 9;
            }
    }
    [[gnu::noinline]] void multiply() {
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; j += tile) {
                const double* row = a[i];
                const double* right = &b[0][j];
                double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
                for (const double* end = row + n; row != end; ++row, right += n) {
                    double x = *row;
                    s0 = __builtin_fma(x, right[0], s0), s1 = __builtin_fma(x, right[1], s1);
                    s2 = __builtin_fma(x, right[2], s2), s3 = __builtin_fma(x, right[3], s3);
                    s4 = __builtin_fma(x, right[4], s4), s5 = __builtin_fma(x, right[5], s5);
                    s6 = __builtin_fma(x, right[6], s6), s7 = __builtin_fma(x, right[7], s7);
                }
                double* out = &c[i][j];
                out[0] = s0, out[1] = s1, out[2] = s2, out[3] = s3, out[4] = s4, out[5] = s5, out[6] = s6, out[7] = s7;
            }
    }
    std::uint64_t run(std::uint64_t rounds_wanted) {
        std::uint64_t sum = 0;
        for (std::uint64_t round = 0; round < rounds_wanted; ++round) {
            a[round % n][round * 5 % n] = static_cast<double>(round % 13);
            multiply();
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; j += 9)
                    sum = (sum << 3 | sum >> 61) + static_cast<std::uint64_t>(static_cast<std::int64_t>(c[i][j]));
        }
        return sum;
    }
};

} // namespace guest
