// Caches and memory measured from outside: a guest that has nothing but the cycle counter finds what was configured.
#include "base/random.hh"
#include "mem/dram_timing.hh"
#include "whole_machine.hh"
#include <algorithm>
#include <array>

namespace tollgate {
namespace {

const std::vector<std::string> no_prefetch{"l1d.prefetch=none", "l2.prefetch=none", "llc.prefetch=none"};

/// What the parameters say of hart 0, in picoseconds.
class Expected {
  public:
    explicit Expected(const machine::MachineConfig& c)
        : node_{c.nodes()[0]}, link_{c.shared().link}, core_{c.hart(0).hart.clock},
          dram_{dram_clock(node_.memory.dram)}, timing_{dram_timing(node_.memory.dram, node_.memory.timing)} {}

    Picoseconds l1() const { return core_.time_of(node_.harts[0].l1d.latency); }
    Picoseconds l2() const { return core_.time_of(node_.l2[0].latency); }
    Picoseconds llc() const { return ClockDomain{node_.llc.clock}.time_of(node_.llc.latency); }
    Picoseconds memory(bool remote, Picoseconds dram) const {
        return llc() + hop(remote, 0) + node_.directory.latency + dram + hop(remote, 64);
    }
    /// Each access to another row of the same bank.
    Picoseconds row_after_row() const {
        return node_.memory.dram.page_policy == mem::PagePolicy::open ? clocks(timing_.rp) + closed() : closed();
    }
    Picoseconds closed() const { return clocks(timing_.rcd) + hit(); }
    Picoseconds hit() const {
        return node_.memory.controller.latency * node_.memory.dram.time_scale / 100
               + clocks(timing_.cl + timing_.burst);
    }
    double cycles(Picoseconds t) const { return static_cast<double>(core_.span(t).count()); }

  private:
    Picoseconds clocks(std::uint32_t n) const { return dram_.time_of(Cycles{n}); }
    Picoseconds hop(bool remote, std::uint64_t payload) const {
        const Picoseconds x = node_.crossbar.latency;
        const std::uint64_t bits = (payload + link_.header.count()) * 8;
        return remote ? x + x + link_.latency + ClockDomain{Hertz{link_.bandwidth.count()}}.time_of(Cycles{bits}) : x;
    }

    const machine::NodeConfig& node_;
    const bus::LinkParams& link_;
    ClockDomain core_, dram_;
    mem::DramTiming timing_;
};

void expect_near(const Findings& found, const std::string& name, double expected) {
    EXPECT_NEAR(number(found, name), expected, expected * 0.05) << name;
}

void check(const WholeMachine& machine) {
    SCOPED_TRACE(machine.text());
    const Findings found = machine.run(MEASURE_CACHES);
    if (found.empty()) return;
    const machine::MachineConfig& c = machine.config();
    const machine::NodeConfig& node = c.nodes()[0];
    const Expected expected{c};

    unsigned level = 0;
    const auto expect_level = [&](Bytes size, Picoseconds latency) {
        ++level;
        EXPECT_EQ(number(found, fmt::format("level_{}_bytes", level)), static_cast<double>(size.count())) << level;
        expect_near(found, fmt::format("level_{}_latency", level), expected.cycles(latency));
    };
    expect_level(node.harts[0].l1d.size, expected.l1());
    if (node.l2[0].present) expect_level(node.l2[0].size, expected.l2());
    expect_level(node.llc.size, expected.llc());
    EXPECT_EQ(number(found, "levels"), level);

    for (unsigned n = 0; n < c.nodes().size(); ++n)
        expect_near(found, fmt::format("memory_{}", n),
                    expected.cycles(expected.memory(n != 0, expected.row_after_row())));
    expect_near(found, "memory_in_row",
                expected.cycles(expected.memory(false, node.memory.dram.page_policy == mem::PagePolicy::open
                                                           ? expected.hit()
                                                           : expected.closed())));
    EXPECT_EQ(number(found, "line_bytes"), 64);
    EXPECT_EQ(number(found, "misses_in_flight"), node.harts[0].l1d.misses);
}

class MeasuredMachine : public ::testing::TestWithParam<const char*> {};
TEST_P(MeasuredMachine, IsWhatItsFileSays) { check(WholeMachine{GetParam(), no_prefetch}); }
INSTANTIATE_TEST_SUITE_P(Presets, MeasuredMachine, ::testing::Values("server", "u74", "rocket", "tiny"),
                         [](const auto& preset) { return std::string{preset.param}; });

/// A machine in which each level is at least four times the size and 1.5 times the latency of the one above, and which
/// a guest can see: rows are the top field of an address.
std::vector<std::string> drawn(std::uint64_t seed) {
    Random random{seed};
    const auto any = [&](std::uint64_t low, std::uint64_t high) { return low + random.below(high - low + 1); };
    const auto one_of = [&](auto... choices) {
        const std::array all{choices...};
        return all[random.below(all.size())];
    };
    std::vector<std::string> s = no_prefetch;
    const auto set = [&](const char* name, const auto& value) { s.push_back(fmt::format("{}={}", name, value)); };
    const auto set_size = [&](const char* name, std::uint64_t bytes) { set(name, fmt::format("{}B", bytes)); };

    const std::uint64_t nodes = any(1, 2), mhz = any(500, 4000);
    set("machine.nodes", nodes);
    set("machine.harts_per_node", any(1, 2));
    set("machine.memory_per_node", "128MiB");
    set("hart.issue_width", any(1, 2));
    set("hart.clock", fmt::format("{}MHz", mhz));

    // Sizes of sets that are a power of two, in 1, 2, 3, 4, ... ways, are steps of the sweep.
    const std::uint64_t l1_ways = one_of(1, 2, 3, 4, 8), l1_size = l1_ways * 1024 * one_of(1, 2, 4);
    const std::uint64_t l1_latency = any(2, 6), misses = any(1, 12);
    set_size("l1d.size", l1_size);
    set("l1d.ways", l1_ways);
    set("l1d.latency", l1_latency);
    set("l1d.misses", misses);
    set("l1i.size", "4KiB");
    set("l1i.ways", 4);

    const auto larger = [&](std::uint64_t above, std::uint64_t ways) {
        std::uint64_t size = ways * 64;
        while (size < 4 * above) size *= 2;
        return size << any(0, 1);
    };
    std::uint64_t above_size = std::max<std::uint64_t>(l1_size, 4096), above_cycles = l1_latency;
    const bool l2 = any(0, 2) != 0;
    set("l2.present", l2);
    if (l2) {
        const std::uint64_t ways = one_of(2, 4, 6, 8), latency = any((3 * above_cycles + 1) / 2, 4 * above_cycles);
        above_size = larger(above_size, ways);
        above_cycles = latency;
        set_size("l2.size", above_size);
        set("l2.ways", ways);
        set("l2.latency", latency);
        set("l2.misses", any(misses, 32));
    }
    // In the hart's cycles, then in its own; long enough for all misses to be under way before the first one is back.
    const std::uint64_t llc_ways = one_of(4, 8, 12, 16), llc_mhz = any(500, 3000);
    const std::uint64_t in_hart =
        std::max<std::uint64_t>(any(3 * above_cycles / 2 + 2, 4 * above_cycles), 2 * misses + 4);
    const std::uint64_t llc_latency = (in_hart * llc_mhz + mhz - 1) / mhz;
    set_size("llc.size", larger(above_size, llc_ways));
    set("llc.ways", llc_ways);
    set("llc.clock", fmt::format("{}MHz", llc_mhz));
    set("llc.latency", llc_latency);
    set("llc.misses", any(misses, 64));
    set("llc.snoop", any(0, 60));
    set("llc.inclusive", any(0, 1) == 1);

    // Memory, a hit in its row included, is 1.5 times as far away as the last level.
    const std::uint64_t llc_ns = llc_latency * 1000 / llc_mhz + 1;
    set("crossbar.latency", fmt::format("{}ns", any(1, 20)));
    set("directory.latency", fmt::format("{}ns", llc_ns / 2 + any(0, 20)));
    if (nodes > 1) {
        set("link.topology", one_of("mesh", "ring", "bus"));
        set("link.latency", fmt::format("{}ns", any(0, 100)));
        set("link.bandwidth", fmt::format("{}Gb/s", any(20, 400)));
        set_size("link.header", any(0, 32));
    }
    set("dram.speed", one_of("DDR4-2400", "DDR4-3200"));
    set("dram.channels", one_of(1, 2));
    set("dram.ranks", one_of(1, 2));
    set("dram.page_policy", one_of("open", "closed"));
    set("dram.refresh", any(0, 3) != 0);
    set("dram.time_scale", fmt::format("{}%", any(80, 120)));
    set("dram.timing.cl", any(14, 30));
    set("dram.timing.rcd", any(14, 30));
    set("dram.timing.rp", any(10, 17));
    set("dram.controller.latency", fmt::format("{}ns", any(0, 20)));
    std::array<std::string, 5> fields{"ch", "ra", "ba", "bg", "co"};
    for (std::size_t i = fields.size(); i > 1; --i) std::swap(fields[i - 1], fields[random.below(i)]);
    set("dram.mapping", "ro" + fields[0] + fields[1] + fields[2] + fields[3] + fields[4]);
    return s;
}

/// Seeds from 1 on.
class MeasuredAtRandom : public ::testing::TestWithParam<int> {};
TEST_P(MeasuredAtRandom, IsWhatWasDrawn) {
    check(WholeMachine{"server", drawn(static_cast<std::uint64_t>(GetParam()))});
}
INSTANTIATE_TEST_SUITE_P(Seed, MeasuredAtRandom, ::testing::Range(1, 1 + TOLLGATE_DRAWN));

} // namespace
} // namespace tollgate
