// Host time of a translation by where it is found. Pages are touched in a circle or at random; under `policy` 0 is LRU,
// 1 tree pseudo-LRU. The page tables are an array, so a walk's reads cost the host next to nothing.
#include "base/random.hh"
#include "mmu/mmu.hh"
#include <benchmark/benchmark.h>
#include <vector>

namespace tollgate::mmu {
namespace {

namespace pte = abi::pte;

class ArrayMemory : public PteMemory {
  public:
    std::vector<std::uint64_t> words = std::vector<std::uint64_t>(1u << 19);
    PteRead read(PhysAddr at, std::uint64_t, bool) override { return {words[at.value() / 8], true, Source::l2, 10}; }
    bool update(PhysAddr, std::uint64_t, std::uint64_t, std::uint64_t, bool, PteRead&) override { return true; }
};

class Silent : public EntryListener {
  public:
    void dropped(TlbEntry&, Access) override {}
};

/// Sv39 with 2^18 pages of 4 KiB, an MMU of default shape, and PMP with an entry that allows all.
struct Setup {
    explicit Setup(Replacement policy) {
        constexpr std::uint64_t per_table = 512, root = 1, middle = 2, leaves = 16;
        memory.words[root * per_table] = pte::make(middle, pte::valid);
        for (std::uint64_t i = 0; i < per_table; ++i) {
            memory.words[middle * per_table + i] = pte::make(leaves + i, pte::valid);
            for (std::uint64_t j = 0; j < per_table; ++j)
                memory.words[(leaves + i) * per_table + j] = pte::make(i * per_table + j, 0xcf);
        }
        pmp.write_addr(0, ~0ull);
        pmp.write_cfg(0, 0x1f);
        context.satp = abi::satp::make(abi::satp::sv39, 1, root);
        context.privilege = Privilege::supervisor;
        params.dtlb.replacement = params.l2tlb.replacement = policy;
        mmu.emplace(params, memory, pmp);
        mmu->set_listener(&silent);
        Random random{1};
        for (auto& n : noise) n = random.next() >> 20;
    }
    ArrayMemory memory;
    Silent silent;
    Pmp pmp;
    MmuParams params;
    std::optional<Mmu> mmu;
    Context context;
    std::vector<std::uint64_t> noise = std::vector<std::uint64_t>(1u << 16);
};

void translate(benchmark::State& state, bool at_random) {
    Setup s{static_cast<Replacement>(state.range(1))};
    const auto pages = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t stamp = 0;
    for (auto _ : state) {
        const std::uint64_t n = at_random ? s.noise[stamp % s.noise.size()] : stamp;
        ++stamp;
        const Translation t =
            s.mmu->translate(VirtAddr{n % pages << page_shift}, Access::load, s.context, stamp, stamp);
        benchmark::DoNotOptimize(t.pa);
    }
    const auto per_access = [&](Count n) { return static_cast<double>(n) / static_cast<double>(stamp); };
    state.counters["l1_misses"] = per_access(s.mmu->counters().dtlb.misses);
    state.counters["walks"] = per_access(s.mmu->counters().walker.walks);
}
void circle(benchmark::State& state) { translate(state, false); }
void random_pages(benchmark::State& state) { translate(state, true); }
BENCHMARK(circle)->ArgNames({"pages", "policy"})->ArgsProduct({{64, 1024, 8192}, {0, 1}});
BENCHMARK(random_pages)->ArgNames({"pages", "policy"})->ArgsProduct({{64, 512, 8192}, {0, 1}});

void untimed_walk(benchmark::State& state) {
    Setup s{Replacement::lru};
    std::uint64_t n = 0;
    for (auto _ : state) {
        const Translation t = s.mmu->translate_untimed(VirtAddr{n++ % 8192 << page_shift}, Access::load, s.context);
        benchmark::DoNotOptimize(t.pa);
    }
}
BENCHMARK(untimed_walk);

void fence_of_all(benchmark::State& state) {
    Setup s{Replacement::lru};
    std::uint64_t stamp = 0;
    for (auto _ : state) {
        ++stamp;
        const Translation t = s.mmu->translate(VirtAddr{0}, Access::load, s.context, stamp, stamp);
        benchmark::DoNotOptimize(t.pa);
        s.mmu->sfence(std::nullopt, std::nullopt);
    }
}
BENCHMARK(fence_of_all);

} // namespace
} // namespace tollgate::mmu
