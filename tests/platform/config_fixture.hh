/// A small machine's parameters, one of every type, for the tests of platform/config.
#pragma once
#include "base/param.hh"
#include "config/tree.hh"
#include <array>
#include <string>
#include <vector>

namespace tollgate::config_test {

enum class Policy : std::uint8_t { lru, tree_plru, random };

} // namespace tollgate::config_test

template <> struct tollgate::Choice<tollgate::config_test::Policy> {
    static constexpr std::array<std::string_view, 3> names{"lru", "tree_plru", "random"};
};

namespace tollgate::config_test {

struct MachineParams {
    TOLLGATE_DESCRIBED(MachineParams);
    TOLLGATE_PARAM(std::uint32_t, nodes, 2, Unit::none, {1, 8}, Kind::visible, {"hart.cycles"}, "Nodes.")
    TOLLGATE_PARAM(Bytes, memory_per_node, Bytes{512u << 20}, Unit::bytes, {1u << 20, 1ull << 40}, Kind::visible, {"x"},
                   "Memory.")
    TOLLGATE_END;
};

struct HartParams {
    TOLLGATE_DESCRIBED(HartParams);
    TOLLGATE_PARAM(Hertz, clock, Hertz{2'000'000'000}, Unit::hertz, {1'000'000, 10'000'000'000}, Kind::timing, {"x"},
                   "Clock.")
    TOLLGATE_PARAM(Picoseconds, wake_time, Picoseconds{80'000}, Unit::time, {}, Kind::timing, {"x"}, "Time to wake up.")
    TOLLGATE_PARAM(bool, observed, false, Unit::none, {}, Kind::host, {"x"}, "A switch.")
    TOLLGATE_PARAM(std::string, isa, std::string{"rv64gc"}, Unit::none, {}, Kind::visible, {"x"}, "A text.")
    TOLLGATE_END;
};

struct CacheParams {
    TOLLGATE_DESCRIBED(CacheParams);
    TOLLGATE_PARAM(Bytes, size, Bytes{32u << 10}, Unit::bytes, {1024, 64u << 20, true}, Kind::timing, {"x"},
                   "Capacity.")
    TOLLGATE_PARAM(std::uint32_t, ways, 8, Unit::entries, {1, 64}, Kind::timing, {"x"}, "Associativity.")
    TOLLGATE_PARAM(Cycles, latency, Cycles{4}, Unit::cycles, {0, 1000}, Kind::timing, {"x"}, "Latency.")
    TOLLGATE_PARAM(Policy, replacement, Policy::lru, Unit::none, {}, Kind::timing, {"x"}, "Victim.")
    TOLLGATE_END;
};

struct LinkParams {
    TOLLGATE_DESCRIBED(LinkParams);
    TOLLGATE_PARAM(BitsPerSecond, bandwidth, BitsPerSecond{25'000'000'000}, Unit::bits_per_second, {}, Kind::timing,
                   {"x"}, "Rate.")
    TOLLGATE_PARAM(std::uint32_t, share, 50, Unit::percent, {0, 100}, Kind::timing, {"x"}, "Share.")
    TOLLGATE_PARAM(std::uint64_t, seed, 1, Unit::none, {}, Kind::visible, {"x"}, "Seed.")
    TOLLGATE_PARAM(Cycles, latency, Cycles{100}, Unit::cycles, {1, 1000}, Kind::timing, {"x"}, "Latency.")
    TOLLGATE_END;
};

struct Hart {
    HartParams hart;
    CacheParams l1d, l2{.size = Bytes{512u << 10}};
};

/// 2 nodes x 2 harts; the tree points into it, so it stays where it is.
struct Machine {
    MachineParams machine;
    LinkParams link;
    std::vector<std::vector<Hart>> harts{{Hart{}, Hart{}}, {Hart{}, Hart{}}};
    config::ParamTree tree;

    Machine() {
        tree.add("machine", machine);
        for (std::size_t n = 0; n < harts.size(); ++n)
            for (std::size_t h = 0; h < harts[n].size(); ++h) {
                const std::string at = "node[" + std::to_string(n) + "].hart[" + std::to_string(h) + "]";
                tree.add(at, harts[n][h].hart);
                tree.add(at + ".l1d", harts[n][h].l1d);
                tree.add(at + ".l2", harts[n][h].l2);
            }
        tree.add("link", link);
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
};

/// What the message of the ConfigError says that f throws; "no error" when it throws none.
template <class E = config::ConfigError, class F> std::string message_of(F&& f) {
    try {
        f();
    } catch (const E& e) { return e.what(); }
    return "no error";
}

} // namespace tollgate::config_test
