// What NUMA costs, measured by the harts themselves. Bands: what two-socket servers show (Intel MLC and others).
#include "whole_machine.hh"

namespace tollgate {
namespace {

void expect_within(double low, double value, double high, const char* what) {
    EXPECT_GE(value, low) << what;
    EXPECT_LE(value, high) << what;
}

TEST(Nodes, ServerIsATwoSocketMachine) {
    const WholeMachine server{"server"};
    const Findings found = server.run(MEASURE_NODES);
    ASSERT_FALSE(found.empty());
    const double local = number(found, "memory_0"), remote = number(found, "memory_1");
    const double ns = 1e9 / static_cast<double>(server.config().hart(0).hart.clock.count());
    expect_within(85, local * ns, 95, "ns of an idle load of local memory");
    expect_within(1.45, remote / local, 1.95, "remote latency to local");
    expect_within(1.3, number(found, "bandwidth_near") / number(found, "bandwidth_far"), 2.2,
                  "local bandwidth to remote");

    const double dirty_near = number(found, "dirty_near");
    EXPECT_GT(dirty_near, number(found, "last_level"));
    EXPECT_LT(dirty_near, local);
    for (const char* dirty : {"dirty_far_home_near", "dirty_far_home_far"})
        expect_within(1.2, number(found, dirty) / local, 2.3, dirty);
}

/// Eight harts in pairs. All memory behind one bus, or each pair with its own.
TEST(Nodes, MemoryOfEachNodeScalesWhereASharedBusIsFull) {
    const auto machine = [](const char* topology) {
        return WholeMachine{
            "server", {"machine.nodes=4", fmt::format("link.topology={}", topology), "machine.memory_per_node=128MiB"}};
    };
    const Findings bus = machine("bus").run(MEASURE_NODES), mesh = machine("mesh").run(MEASURE_NODES);
    ASSERT_FALSE(bus.empty() || mesh.empty());
    // The first two harts need no bus; from the next pair on it is what limits.
    EXPECT_LT(number(bus, "of_one_8"), 1.1 * number(bus, "of_one_4"));
    EXPECT_LT(number(bus, "of_one_8"), 1.5 * number(bus, "of_one_2"));
    for (const int harts : {4, 6, 8})
        EXPECT_GT(number(mesh, fmt::format("of_own_{}", harts)), 0.85 * harts / 2 * number(mesh, "of_own_2")) << harts;
    EXPECT_GT(number(mesh, "of_own_8"), 2.5 * number(bus, "of_one_8"));
}

TEST(Nodes, ARunSaysWhoseReadsCameOutOfOrder) {
    const auto said = [](const WholeMachine& m, std::vector<std::string> words) {
        return m.observe(MEASURE_NODES, {}, words).errors;
    };
    const auto lines_with = [](const std::string& text, const std::string& word) {
        std::istringstream in{text};
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);)
            if (line.find(word) != std::string::npos) lines.push_back(line);
        return lines;
    };
    const WholeMachine coarse{"server", {"sim.quantum=10us", "machine.memory_per_node=128MiB"}};
    const auto warned = lines_with(said(coarse, {}), "node[0].dram[0]");
    ASSERT_EQ(warned.size(), 1u);
    for (const char* part : {"tollgate: ", " reads came behind a later one of their bank", "clocks", "sim.quantum"})
        EXPECT_NE(warned[0].find(part), std::string::npos) << warned[0];
    EXPECT_EQ(said(coarse, {"--quiet"}), "");
    const WholeMachine alone{"server",
                             {"machine.nodes=1", "machine.harts_per_node=1", "machine.memory_per_node=128MiB"}};
    EXPECT_TRUE(lines_with(said(alone, {}), "dram").empty()) << "a hart alone is in order";
}

} // namespace
} // namespace tollgate
