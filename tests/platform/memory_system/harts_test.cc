// Harts on the whole memory system, caches of a few lines: the short cuts change nothing, and all sums come out.
#include "models/support/random_program.hh"
#include "small_machine.hh"

namespace tollgate::machine::test {
namespace {

namespace harts = cpu::test;
using Values = std::vector<std::pair<std::string, std::uint64_t>>;

/// The part of a hart's port that its L1s use.
class Lines final : public cpu::LinesAtOnce {
  public:
    Lines(MemorySystem& below, unsigned hart) : below_{below}, hart_{hart} {}
    LineAnswer request_line(const LineRequest& r) override {
        const MemorySystem::Access a = below_.access(hart_, r.line, r.kind, r.exclusive, r.has_line, r.at);
        return {a.done, a.granted, a.source};
    }
    void write_back_line(PhysAddr line, Picoseconds at) override { below_.write_back(hart_, line, at); }
    void line_placed() override { below_.prefetch(); }
    Picoseconds care_for_line(PhysAddr line, cpu::LineCare care, Picoseconds at) override {
        return care == cpu::LineCare::clean ? below_.clean(hart_, line, at) : below_.flush(hart_, line, at);
    }

  private:
    MemorySystem& below_;
    unsigned hart_;
};

struct Machine {
    Machine(const cpu::HartConfig& config, const Shape& s, unsigned count) : bench{config, count}, memories(s.nodes) {
        std::vector<NodeMemorySystem> nodes;
        const Bytes size{harts::ram_bytes / s.nodes};
        for (unsigned n = 0; n < s.nodes; ++n) {
            memories[n].latency = Picoseconds{60'000};
            nodes.push_back(
                {{}, s.llc, s.directory, s.crossbar, &memories[n], PhysAddr{harts::ram + n * size.count()}, size});
        }
        for (unsigned h = 0; h < count; ++h)
            nodes[h % s.nodes].harts.push_back({s.l2_params, config.hart.clock, &bench.hart(h)});
        system.emplace(nodes, s.link, 1);
        for (unsigned h = 0; h < count; ++h) {
            ports.push_back(std::make_unique<Lines>(*system, h));
            bench.world.lines.push_back(ports.back().get());
        }
    }
    harts::Bench bench;
    std::vector<FixedMemory> memories;
    std::optional<MemorySystem> system;
    std::vector<std::unique_ptr<Lines>> ports;
};

template <class T> T pick(Random& dice, std::initializer_list<T> of) { return of.begin()[dice.below(of.size())]; }

void few_lines(cpu::HartConfig& c, Shape& s, std::uint64_t seed) {
    Random dice{seed};
    c.hart.issue_width = pick(dice, {1u, 2u});
    c.mmu.dtlb.entries = pick(dice, {2u, 64u, 64u});
    c.mmu.itlb.entries = pick(dice, {2u, 64u});
    c.mmu.walker.hardware_ad = dice.below(2) == 0;
    c.mmu.walker.start = dice.below(3) == 0 ? mmu::WalkStart::below : mmu::WalkStart::l1d;
    c.store_buffer.entries = pick(dice, {1u, 2u, 8u});
    c.branch.gshare_entries = 64, c.branch.target_entries = 8;
    const auto replacement = [&] {
        using R = cache::Replacement;
        return pick(dice, {R::lru, R::tree_plru, R::random, R::srrip});
    };
    using P = cache::Prefetch;
    c.l1i.ways = pick(dice, {1u, 2u, 4u}), c.l1i.size = Bytes{64u * c.l1i.ways * pick(dice, {1u, 4u, 16u})};
    c.l1d.ways = pick(dice, {1u, 2u, 4u}), c.l1d.size = Bytes{64u * c.l1d.ways * pick(dice, {1u, 4u, 16u})};
    c.l1i.replacement = replacement(), c.l1d.replacement = replacement();
    c.l1d.misses = pick(dice, {1u, 2u, 12u});
    c.l1d.prefetch = pick(dice, {P::none, P::next_line, P::stride});
    c.l1d.prefetch_degree = pick(dice, {1u, 4u});
    s = Shape::tiny();
    s.nodes = pick(dice, {1u, 2u});
    s.l2_params.present = dice.below(3) != 0;
    s.l2_params.size = 16_KiB, s.l2_params.ways = 4, s.l2_params.replacement = replacement();
    s.l2_params.prefetch = pick(dice, {P::none, P::next_line, P::stride});
    s.llc.size = pick(dice, {32_KiB, 64_KiB}), s.llc.ways = 8, s.llc.replacement = replacement();
    s.llc.inclusive = dice.below(2) == 0;
    s.llc.prefetch = pick(dice, {P::none, P::next_line});
}

Values outcome(Machine& m) {
    Values v;
    const auto add = [&](const std::string& group, const auto& counters) {
        for_each_field<std::remove_cvref_t<decltype(counters)>>(
            [&](const auto& d) { v.emplace_back(group + std::string(d.name), counters.*(d.member)); });
    };
    for (unsigned n = 0; n < m.bench.group.harts.size(); ++n) {
        cpu::Hart& h = m.bench.hart(n);
        harts::list_counters(h, v);
        for (unsigned r = 1; r < 32; ++r) v.emplace_back("x" + std::to_string(r), h.x(r));
        if (m.system->l2(n)) add("l2.", m.system->l2(n)->level().counters());
        for (const auto* l1 : {&h.l1d(), &h.l1i()}) {
            const auto counters = l1 == &h.l1d() ? h.l1d_counters() : h.l1i_counters();
            const char* why = cache::broken_sum(counters, l1->tags().valid());
            EXPECT_EQ(why, nullptr) << (why ? why : "");
        }
    }
    for (std::uint32_t n = 0; n < m.system->nodes(); ++n) {
        add("llc.", m.system->llc(n).level().counters());
        add("directory.", m.system->directory(n).counters());
        add("crossbar.", m.system->crossbar(n).counters());
    }
    EXPECT_EQ(m.system->broken_sum(), "");
    std::uint64_t sum = 0;
    for (const std::byte b : m.bench.memory().bytes()) sum = scatter(sum ^ std::to_integer<std::uint64_t>(b));
    v.emplace_back("memory", sum);
    return v;
}

void expect_equal(std::uint64_t seed, unsigned count) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::optional<Values> first;
    for (const bool look_aside : {true, false})
        for (const bool decode_cache : {true, false}) {
            cpu::HartConfig config;
            Shape shape;
            few_lines(config, shape, seed);
            config.look_aside = look_aside, config.decode_cache = decode_cache;
            Machine m{config, shape, count};
            for (unsigned h = 0; h < count; ++h) harts::RandomProgram{2 * seed + h, h}.install(m.bench);
            ASSERT_TRUE(m.bench.run(1_ns * (1ull << seed % 8))) << "it does not end";
            const Values v = outcome(m);
            if (!first) {
                first = v;
                continue;
            }
            ASSERT_EQ(v.size(), first->size());
            for (std::size_t i = 0; i < v.size(); ++i)
                ASSERT_EQ(v[i], (*first)[i]) << "look-aside " << look_aside << ", decode cache " << decode_cache;
        }
}

TEST(HartsOnTheMemorySystem, OneRunsTheSameWithAndWithoutShortCuts) {
    for (std::uint64_t seed = 1; seed <= 40 && !::testing::Test::HasFatalFailure(); ++seed) expect_equal(seed, 1);
}

TEST(HartsOnTheMemorySystem, TwoRunTheSameWithAndWithoutShortCuts) {
    for (std::uint64_t seed = 1; seed <= 25 && !::testing::Test::HasFatalFailure(); ++seed) expect_equal(seed, 2);
}

} // namespace
} // namespace tollgate::machine::test
