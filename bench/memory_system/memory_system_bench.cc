// Host time of an access below the L1s, by where it is served, with the default parameters and memory of a fixed
// latency. Lines are taken at random, so that the host's own caches are as little help as with a real guest.
#include "base/random.hh"
#include "machine/memory_system.hh"
#include <benchmark/benchmark.h>

namespace tollgate::machine {
namespace {

using namespace literals;

class FixedMemory final : public LineMemory {
  public:
    Picoseconds read(PhysAddr, AccessKind, Picoseconds at) override { return at + 50_ns; }
    Picoseconds write(PhysAddr, AccessKind, Picoseconds at) override { return at; }
};
/// L1s that hold nothing.
class NoL1 final : public cache::Holder {
  public:
    cache::Given give(PhysAddr, cache::Claim) override { return {}; }
};

struct Setup {
    Setup() {
        std::vector<NodeMemorySystem> parts;
        for (std::uint64_t n = 0; n < 2; ++n) {
            NodeMemorySystem p{{}, {}, {}, {}, &memory, PhysAddr{0x8000'0000} + n * (64u << 20), 64_MiB};
            for (int h = 0; h < 2; ++h) {
                cache::L2Params l2;
                l2.prefetch = cache::Prefetch::none;
                p.harts.push_back({l2, 2_GHz, &l1s});
            }
            parts.push_back(p);
        }
        system.emplace(parts, bus::LinkParams{}, 1);
        Random random{1};
        for (auto& n : noise) n = random.next() >> 20;
    }
    FixedMemory memory;
    NoL1 l1s;
    std::optional<MemorySystem> system;
    std::vector<std::uint64_t> noise = std::vector<std::uint64_t>(1u << 16);
};

/// Loads or stores of one hart to `lines` lines at random from `base`.
void at_random(benchmark::State& state, std::uint64_t base, bool store) {
    Setup s;
    const auto lines = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t k = 0;
    Picoseconds now{};
    const auto step = [&] {
        const PhysAddr line{base + (s.noise[k % s.noise.size()] + (k >> 16)) % lines * line_bytes};
        ++k;
        const auto r = s.system->access(0, line, store ? AccessKind::store : AccessKind::load, store, false, now);
        benchmark::DoNotOptimize(r.done);
        now = r.done;
        return r.source;
    };
    for (std::uint64_t warm = 0; warm < 2'000'000; ++warm) step();
    std::uint64_t by[mmu::source_count]{};
    for (auto _ : state) ++by[static_cast<std::size_t>(step())];
    const auto share = [&](mmu::Source source) {
        return static_cast<double>(by[static_cast<std::size_t>(source)]) / static_cast<double>(state.iterations());
    };
    state.counters["l2"] = share(mmu::Source::l2);
    state.counters["llc"] = share(mmu::Source::llc);
    state.counters["memory"] = share(mmu::Source::local) + share(mmu::Source::remote);
}
void load_local(benchmark::State& state) { at_random(state, 0x8000'0000, false); }
void load_remote(benchmark::State& state) { at_random(state, 0x8400'0000, false); }
void store_local(benchmark::State& state) { at_random(state, 0x8000'0000, true); }
// 256 KiB fit the L2, 2 MiB the last level, 64 MiB neither.
BENCHMARK(load_local)->Arg(4096)->Arg(32768)->Arg(1 << 20);
BENCHMARK(load_remote)->Arg(1 << 20);
BENCHMARK(store_local)->Arg(4096)->Arg(32768)->Arg(1 << 20);

/// Lines one after the other, as a copy reads them.
void stream(benchmark::State& state) {
    Setup s;
    std::uint64_t k = 0;
    Picoseconds now{};
    for (auto _ : state) {
        const PhysAddr line{0x8000'0000 + k++ % (1u << 20) * line_bytes};
        const auto r = s.system->access(0, line, AccessKind::load, false, false, now);
        benchmark::DoNotOptimize(r.done);
        now += 5_ns;
    }
}
BENCHMARK(stream);

/// Two harts write one line in turn.
void ping_pong(benchmark::State& state) {
    Setup s;
    const std::uint32_t other = static_cast<std::uint32_t>(state.range(0));
    std::uint64_t k = 0;
    Picoseconds now{};
    for (auto _ : state)
        now =
            s.system->access(k++ % 2 == 0 ? 0 : other, PhysAddr{0x8000'0000}, AccessKind::store, true, false, now).done;
}
BENCHMARK(ping_pong)->Arg(1)->Arg(2);

} // namespace
} // namespace tollgate::machine
