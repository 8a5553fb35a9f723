// What the quantum is worth: harts that share lines take the same time, the same transfers and the same waits whether
// they take turns of 100 ns or of 1 ns.
#include "base/random.hh"
#include "whole_machine.hh"
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace tollgate {
namespace {

struct Scene {
    const char* name;
    unsigned number; ///< in the guest
    unsigned rounds;
};
constexpr Scene lock{"lock", 0, 400}, ring{"ring", 1, 1000}, ping{"ping", 2, 300}, words{"words", 3, 800},
    flag{"flag", 4, 200};

struct Shape {
    const char* name;
    unsigned nodes, harts; ///< harts: a node
};
constexpr Shape one{"1", 1, 1}, near{"1x4", 1, 4}, far{"2x2", 2, 2};

/// A device that writes the cycle in which its write is due, at uneven times, when all harts are there.
std::string flag_script(unsigned writes, Hertz clock) {
    Random random{5};
    std::string text;
    std::uint64_t ns = 100'000;
    for (unsigned i = 0; i < writes; ++i) {
        ns += 700 + random.below(1300);
        text += fmt::format("{}ns W 0x80400000 {}\n", ns, ns * (clock.count() / 1'000'000) / 1000);
    }
    return text;
}

struct Figures {
    double took = 0, waited = 0, transfers = 0;
};

Figures measure(const Scene& scene, const Shape& shape, const char* quantum) {
    const WholeMachine m{"server",
                         {fmt::format("machine.nodes={}", shape.nodes),
                          fmt::format("machine.harts_per_node={}", shape.harts), "machine.memory_per_node=128MiB",
                          fmt::format("sim.quantum={}", quantum)}};
    const simspeed::TemporaryFolder folder;
    std::vector<std::string> more;
    if (scene.number == flag.number) {
        const auto file = folder.path() / "script";
        std::ofstream{file} << flag_script(scene.rounds, m.config().hart(0).hart.clock);
        more = {"--dma-script", file.string()};
    }
    const auto ran = m.observe(MEASURE_SHARING, fmt::format("scene={} rounds={}", scene.number, scene.rounds), more);
    Figures f{number(ran.found, "took"), number(ran.found, "waited")};
    // Lines that left an L1D because another hart or a device asked for them.
    const auto counted = nlohmann::json::parse(ran.stats);
    for (const auto& [name, value] : counted.items())
        if (name.ends_with(".l1d.snooped_away") || name.ends_with(".l1d.snooped_down"))
            f.transfers += value["value"].get<double>();
    return f;
}

TEST(Quantum, MovesNothingByTwoPercent) {
    for (const auto& [shape, scenes] : std::vector<std::pair<Shape, std::vector<Scene>>>{
             {one, {lock, flag}}, {near, {lock, ring, ping, words, flag}}, {far, {lock, ring, ping, words, flag}}})
        for (const Scene& scene : scenes) {
            const Figures fine = measure(scene, shape, "1ns"), usual = measure(scene, shape, "100ns");
            const auto compare = [&shape = shape, &scene](const char* what, double a, double b) {
                const double off = a == b ? 0 : b / a - 1;
                std::printf("%-4s %-5s %-9s %12.2f %12.2f %+6.2f %%\n", shape.name, scene.name, what, a, b, 100 * off);
                EXPECT_LT(std::abs(off), 0.02) << shape.name << ' ' << scene.name << ' ' << what;
            };
            compare("took", fine.took, usual.took);
            compare("transfers", fine.transfers, usual.transfers);
            compare("waited", fine.waited, usual.waited);
        }
}

} // namespace
} // namespace tollgate
