// Host time of an access below the L1s, by where it is served, with the default parameters. Lines are taken at random,
// so that the host's own caches are as little help as with a real guest; or one after the other as copies do.
#include "bench_machine.hh"
#include <benchmark/benchmark.h>

namespace tollgate::machine::bench {
namespace {

using Memory = Machine::Memory;

/// Places for lines, in no order.
std::vector<std::uint64_t> noise() {
    Random random{1};
    std::vector<std::uint64_t> r(1u << 16);
    for (auto& n : r) n = random.next() >> 20;
    return r;
}

/// Loads or stores of one hart to `lines` lines at random from `base`.
void at_random(benchmark::State& state, Memory memory, PhysAddr base, bool store) {
    Machine m{memory, cache::Prefetch::none};
    const auto places = noise();
    const auto lines = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t k = 0;
    Picoseconds now{};
    const auto step = [&] {
        const PhysAddr line = base + (places[k % places.size()] + (k >> 16)) % lines * line_bytes;
        ++k;
        const auto r = m.system().access(0, line, store ? AccessKind::store : AccessKind::load, store, false, now);
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
void load_local(benchmark::State& state) { at_random(state, Memory::fixed, local, false); }
void load_remote(benchmark::State& state) { at_random(state, Memory::fixed, remote, false); }
void store_local(benchmark::State& state) { at_random(state, Memory::fixed, local, true); }
void load_dram(benchmark::State& state) { at_random(state, Memory::dram, local, false); }
void store_dram(benchmark::State& state) { at_random(state, Memory::dram, local, true); }
// 256 KiB fit the L2, 2 MiB the last level, 64 MiB neither.
BENCHMARK(load_local)->Arg(4096)->Arg(32768)->Arg(1 << 20);
BENCHMARK(load_remote)->Arg(1 << 20);
BENCHMARK(store_local)->Arg(4096)->Arg(32768)->Arg(1 << 20);
BENCHMARK(load_dram)->Arg(1 << 20);
BENCHMARK(store_dram)->Arg(1 << 20);

/// Lines one after the other, nothing fetched ahead.
void stream(benchmark::State& state) {
    Machine m{Memory::fixed, cache::Prefetch::none};
    std::uint64_t k = 0;
    Picoseconds now{};
    for (auto _ : state) {
        const PhysAddr line = local + k++ % (node_bytes / line_bytes) * line_bytes;
        benchmark::DoNotOptimize(m.system().access(0, line, AccessKind::load, false, false, now).done);
        now += 5_ns;
    }
}
BENCHMARK(stream);

/// Harts that copy half of 32 MiB to the other half, each its own, with prefetch and DRAM, a quantum of 100 ns after
/// the other. An iteration is two lines: one read, one written, and one that goes back to memory.
void copy(benchmark::State& state) {
    Machine m{Memory::dram, cache::Prefetch::stride};
    constexpr std::uint64_t part = 32u << 20, half = part / 2;
    std::vector<Copier> copiers;
    for (std::uint32_t h = 0; h < static_cast<std::uint32_t>(state.range(0)); ++h) {
        const PhysAddr from = local + h * part;
        // The destination lies elsewhere in the L1s than the source.
        copiers.emplace_back(h, from, from + (half + (16u << 10)), (half - (16u << 10)) / line_bytes);
    }
    Copier* running = &copiers[0];
    Picoseconds until{};
    const auto step = [&] {
        if (running->now() >= until) {
            for (Copier& c : copiers)
                if (c.now() < running->now()) running = &c;
            until = running->now() + 100_ns;
        }
        running->step(m);
    };
    for (std::uint64_t warm = 0; warm < 1'000'000; ++warm) step();
    for (auto _ : state) step();
    const auto& l2 = m.system().l2(0)->level();
    state.counters["prefetched"] = static_cast<double>(l2.counters().prefetches_used)
                                   / static_cast<double>(l2.counters().loads + l2.counters().stores);
    state.counters["lines"] = benchmark::Counter(2.0 * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(copy)->Arg(1)->Arg(4);

/// Four harts that load lines of both nodes at random.
void four_at_random(benchmark::State& state) {
    Machine m{Memory::dram, cache::Prefetch::none};
    const auto places = noise();
    std::array<Picoseconds, Machine::harts> now{};
    std::uint64_t k = 0;
    const auto step = [&] {
        std::uint32_t hart = 0;
        for (std::uint32_t h = 1; h < Machine::harts; ++h)
            if (now[h] < now[hart]) hart = h;
        const std::uint64_t place = (places[k % places.size()] + (k >> 16)) % (2 * node_bytes / line_bytes);
        ++k;
        now[hart] = m.system().access(hart, local + place * line_bytes, AccessKind::load, false, false, now[hart]).done;
    };
    for (std::uint64_t warm = 0; warm < 2'000'000; ++warm) step();
    for (auto _ : state) step();
}
BENCHMARK(four_at_random);

/// Two harts write one line in turn.
void ping_pong(benchmark::State& state) {
    Machine m{Memory::fixed, cache::Prefetch::none};
    const std::uint32_t other = static_cast<std::uint32_t>(state.range(0));
    std::uint64_t k = 0;
    Picoseconds now{};
    for (auto _ : state)
        now = m.system().access(k++ % 2 == 0 ? 0 : other, local, AccessKind::store, true, false, now).done;
}
BENCHMARK(ping_pong)->Arg(1)->Arg(2);

} // namespace
} // namespace tollgate::machine::bench
