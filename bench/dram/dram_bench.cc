// Host time of a line read from or written to DRAM: blocking reads that find the channel idle or busy, with and without
// the conversion from and to picoseconds, and requests through the queues.
#include "base/random.hh"
#include "mem/dram_controller.hh"
#include <benchmark/benchmark.h>
#include <vector>

namespace tollgate::mem {
namespace {

std::vector<PhysAddr> addresses(bool at_random) {
    Random random{1};
    std::vector<PhysAddr> r;
    for (std::uint64_t i = 0; i < 1u << 16; ++i)
        r.emplace_back((at_random ? random.below(512u << 14) : i) * line_bytes);
    return r;
}

/// Arguments: addresses in a row or at random; picoseconds between two reads.
void blocking_reads(benchmark::State& state) {
    DramController c{{}, {}, {}};
    const auto all = addresses(state.range(0) != 0);
    const Picoseconds step{static_cast<std::uint64_t>(state.range(1))};
    Picoseconds now{0};
    std::uint64_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(c.read(all[i++ % all.size()], now += step, AccessKind::load).at);
    state.counters["hits"] = static_cast<double>(c.channel(0).counters().row_hits) / static_cast<double>(i);
}
BENCHMARK(blocking_reads)->ArgNames({"random", "step_ps"})->ArgsProduct({{0, 1}, {5'000, 100'000}});

/// The channel alone: decoded addresses and clocks.
void channel_reads(benchmark::State& state) {
    DramChannel c{{}, {}};
    const AddressMapping mapping{"rochracobabg", 1, 1};
    std::vector<DramAddress> all;
    for (const PhysAddr a : addresses(state.range(0) != 0)) all.push_back(mapping.decode(a));
    const auto step = static_cast<Clock>(state.range(1));
    Clock now = 0;
    std::uint64_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(c.read(all[i++ % all.size()], now += step, AccessKind::load).done);
}
BENCHMARK(channel_reads)->ArgNames({"random", "step_clocks"})->ArgsProduct({{0, 1}, {6, 120}});

/// A third of them writes; as fast as the queues take them.
void queued(benchmark::State& state) {
    DramChannel c{{}, {}};
    const AddressMapping mapping{"rochracobabg", 1, 1};
    std::vector<DramAddress> all;
    for (const PhysAddr a : addresses(state.range(0) != 0)) all.push_back(mapping.decode(a));
    Clock now = 0;
    std::uint64_t i = 0;
    for (auto _ : state) {
        now = c.post({.at = all[i % all.size()], .arrival = now, .kind = AccessKind::dma, .write = i % 3 == 0});
        ++i;
    }
}
BENCHMARK(queued)->ArgName("random")->Arg(0)->Arg(1);

} // namespace
} // namespace tollgate::mem
