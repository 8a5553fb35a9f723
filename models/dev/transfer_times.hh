/// How long transfers took, as counters that only rise: of a region of interest too they can be told.
#pragma once
#include "base/counter.hh"
#include "base/histogram.hh"
#include <array>

namespace tollgate::dev {

struct TransferTimes {
    TOLLGATE_DESCRIBED(TransferTimes);
    TOLLGATE_COUNTER(below_16ns, "transfers", "Took less than 16 ns.")
    TOLLGATE_COUNTER(below_32ns, "transfers", "Took less than 32 ns.")
    TOLLGATE_COUNTER(below_48ns, "transfers", "Took less than 48 ns.")
    TOLLGATE_COUNTER(below_64ns, "transfers", "Took less than 64 ns.")
    TOLLGATE_COUNTER(below_80ns, "transfers", "Took less than 80 ns.")
    TOLLGATE_COUNTER(below_96ns, "transfers", "Took less than 96 ns.")
    TOLLGATE_COUNTER(below_128ns, "transfers", "Took less than 128 ns.")
    TOLLGATE_COUNTER(below_160ns, "transfers", "Took less than 160 ns.")
    TOLLGATE_COUNTER(below_192ns, "transfers", "Took less than 192 ns.")
    TOLLGATE_COUNTER(below_256ns, "transfers", "Took less than 256 ns.")
    TOLLGATE_COUNTER(below_384ns, "transfers", "Took less than 384 ns.")
    TOLLGATE_COUNTER(below_512ns, "transfers", "Took less than 512 ns.")
    TOLLGATE_COUNTER(below_768ns, "transfers", "Took less than 768 ns.")
    TOLLGATE_COUNTER(below_1024ns, "transfers", "Took less than 1024 ns.")
    TOLLGATE_COUNTER(below_2048ns, "transfers", "Took less than 2048 ns.")
    TOLLGATE_COUNTER(below_4096ns, "transfers", "Took less than 4096 ns.")
    TOLLGATE_COUNTER(below_16384ns, "transfers", "Took less than 16384 ns.")
    TOLLGATE_COUNTER(below_65536ns, "transfers", "Took less than 65536 ns.")
    TOLLGATE_COUNTER(all, "transfers", "Took any time.")
    TOLLGATE_END;
};

/// The counters of a histogram of whole nanoseconds. Exact: each limit is the border of a bucket.
inline TransferTimes transfer_times(const Histogram& ns) {
    constexpr std::array<std::uint64_t, 18> limits{16,  32,  48,  64,  80,   96,   128,  160,   192,
                                                   256, 384, 512, 768, 1024, 2048, 4096, 16384, 65536};
    static_assert(limits.size() + 1 == static_cast<std::size_t>(field_count<TransferTimes>()));
    TransferTimes t;
    unsigned bucket = 0;
    std::size_t row = 0;
    Count below = 0;
    for_each_field<TransferTimes>([&](const auto& d) {
        const unsigned end = row < limits.size() ? Histogram::bucket_of(limits[row]) : Histogram::buckets;
        for (; bucket < end; ++bucket) below += ns.in_bucket(bucket);
        t.*(d.member) = below;
        ++row;
    });
    return t;
}

} // namespace tollgate::dev
