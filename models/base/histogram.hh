/// How often which value occurred, in buckets that grow with the value: exact below 128, within 1/64 above.
///
///     value  0 1 2 ... 127 | 128..129 130..131 ... 254..255 | 256..259 ... 508..511 | ...
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace tollgate {

/// Log-linear buckets of fixed number: adding costs a few instructions and never allocates; the same samples give the
/// same buckets in any order. Values from 2^40 on share the last bucket.
class Histogram {
  public:
    static constexpr unsigned linear_bits = 7; ///< below 2^7 a bucket a value; above, 2^6 buckets a power of two
    static constexpr unsigned value_bits = 40;
    static constexpr unsigned half = 1u << (linear_bits - 1);
    static constexpr unsigned buckets = (value_bits - linear_bits + 2) * half;

    void add(std::uint64_t value) {
        ++counts_[bucket_of(value)];
        ++count_;
        sum_ += value;
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }

    std::uint64_t count() const { return count_; }
    std::uint64_t sum() const { return sum_; }
    std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
    std::uint64_t max() const { return max_; }
    std::uint64_t in_bucket(unsigned b) const { return counts_[b]; }

    static constexpr unsigned bucket_of(std::uint64_t value) {
        value = std::min(value, (std::uint64_t{1} << value_bits) - 1);
        if (value < 2 * half) return static_cast<unsigned>(value);
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - linear_bits;
        return shift * half + static_cast<unsigned>(value >> shift);
    }
    /// The smallest value of a bucket; that of the bucket behind the last one is the first value that is not told
    /// apart.
    static constexpr std::uint64_t first_of(unsigned bucket) {
        if (bucket < 2 * half) return bucket;
        const unsigned shift = bucket / half - 1;
        return static_cast<std::uint64_t>(bucket - shift * half) << shift;
    }

    /// The value that at least `of_1000` thousandths of the samples do not exceed: exact below 128, then the largest
    /// of its bucket, never above the maximum. 0 without samples.
    std::uint64_t permille(std::uint64_t of_1000) const {
        if (count_ == 0) return 0;
        const std::uint64_t whole = count_ / 1000 * of_1000, rest = count_ % 1000 * of_1000;
        const std::uint64_t wanted = std::max<std::uint64_t>(1, whole + (rest + 999) / 1000);
        std::uint64_t seen = 0;
        for (unsigned b = 0; b < buckets; ++b)
            if (seen += counts_[b]; seen >= wanted)
                return b + 1 == buckets ? max_ : std::min(max_, first_of(b + 1) - 1);
        return max_;
    }

  private:
    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t max_ = 0;
};

} // namespace tollgate
