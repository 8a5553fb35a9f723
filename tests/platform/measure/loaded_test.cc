// Loaded latency on `server`: what a chase through local memory takes beside an open load of random lines of the same
// memory, two reads to a write, from a bus master. Saturation is what the memory serves to the bus master when more is
// asked for than it can do, the chase going on beside it.
#include "whole_machine.hh"
#include <cstdio>
#include <nlohmann/json.hpp>

namespace tollgate {
namespace {

constexpr unsigned first_us = 14'000, window_us = 400; ///< the guest is ready before

/// Requests in so many windows of the guest; `interval` of the time between them in picoseconds, 0: none.
std::string load_script(const std::vector<unsigned>& intervals) {
    std::string text = "outstanding 1024\n";
    for (std::size_t w = 0; w < intervals.size(); ++w)
        if (intervals[w] != 0)
            text += fmt::format("load from={}us to={}us base=0x90000000 size=64MiB interval={}ps arrivals=poisson "
                                "reads=2 writes=1 seed={}\n",
                                first_us + w * window_us, first_us + (w + 1) * window_us, intervals[w], 100 + w);
    return text;
}

struct Loaded {
    std::vector<double> ns;   ///< [window]
    double gigabytes_per_s{}; ///< that the bus master got, over all windows
};

Loaded measure(const std::vector<unsigned>& intervals) {
    const WholeMachine server{"server"};
    const simspeed::TemporaryFolder folder;
    const auto script = folder.path() / "script";
    std::ofstream{script} << load_script(intervals);
    const auto ran = server.observe(MEASURE_LOADED,
                                    fmt::format("from={} window={} windows={}", first_us, window_us, intervals.size()),
                                    {"--dma-script", script.string()});
    EXPECT_EQ(ran.errors.find("came behind"), std::string::npos) << "in order, though the chase is one long block";
    Loaded l;
    EXPECT_LT(number(ran.found, "ready"), first_us);
    const double ns = 1e9 / static_cast<double>(server.config().hart(0).hart.clock.count());
    for (std::size_t w = 0; w < intervals.size(); ++w)
        l.ns.push_back(ns * number(ran.found, fmt::format("window_{}", w)));
    const auto counted = nlohmann::json::parse(ran.stats);
    double bytes = 0;
    for (const char* name : {"dma_script[0].bytes_read", "dma_script[0].bytes_written"})
        bytes += counted[name]["value"].get<double>();
    l.gigabytes_per_s = bytes / (1e3 * window_us * static_cast<double>(intervals.size()));
    return l;
}

TEST(LoadedLatency, RisesWithTheLoad) {
    const Loaded over = measure({2000, 2000, 2000});
    const double saturation = over.gigabytes_per_s;
    std::printf("saturation %.2f GB/s, latency %.1f ns\n", saturation, over.ns.back());
    std::vector<unsigned> percents{0, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95}, intervals;
    for (const unsigned p : percents)
        intervals.push_back(p == 0 ? 0 : static_cast<unsigned>(64e3 / (saturation * p / 100)));
    const Loaded l = measure(intervals);
    for (std::size_t i = 0; i < percents.size(); ++i)
        std::printf("%3u %% %6.2f GB/s %7.1f ns %5.2f\n", percents[i], saturation * percents[i] / 100, l.ns[i],
                    l.ns[i] / l.ns[0]);
    for (std::size_t i = 1; i < percents.size(); ++i) EXPECT_GT(l.ns[i], l.ns[i - 1]) << percents[i];
    EXPECT_LT(l.ns[5], 1.5 * l.ns[0]);
    EXPECT_GT(l.ns.back(), 2 * l.ns[0]);
}

} // namespace
} // namespace tollgate
