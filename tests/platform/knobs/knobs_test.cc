// No dead knob: every parameter of the machine, moved, moves the statistic that its row names, as the row says.
#include "machine/machine_config.hh"
#include "platform/knobs/alternatives.hh"
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace tollgate::knobs {
namespace {
namespace fs = std::filesystem;

config::Assignments asked() {
    config::Assignments a;
    a.add_preset(preset);
    for (const std::string& set : small()) a.add_command_line(set);
    return a;
}

/// Statistics of the part to which a parameter belongs, where it belongs to one: "node[0].hart[1].".
std::string instance(const std::string& path) {
    const std::size_t end = path.rfind(']');
    return end == std::string::npos ? "" : path.substr(0, end + 1) + ".";
}

std::string_view word(Moves how) { return how == Moves::up ? "up" : how == Moves::down ? "down" : "either way"; }

/// Parameters, by the beginning of their path, that show on another machine only.
struct Elsewhere {
    std::string_view path;
    Sets sets;
};
const Sets alone{"machine.nodes=1", "machine.harts_per_node=1"}, with_refresh{"dram.refresh=true"};
const Elsewhere elsewhere[] = {
    {"link.topology", {"machine.nodes=4", "machine.harts_per_node=1"}}, // two nodes have one link whatever its name
    // What harts make of each other's pace is more than what these change.
    {"node[0].hart[0].itlb.", alone},
    {"node[0].hart[0].dtlb.", alone},
    {"node[0].hart[0].l2tlb.", alone},
    {"node[0].hart[0].walker.step_cycles", alone},
    {"node[0].hart[0].store_buffer.latency", alone},
    {"node[0].dram.rank_switch", alone},
    {"bus.", alone},
    {"rom.", alone},
    {"finisher.", alone},
    {"rtc.", alone},
    {"clint.latency", alone},
    {"plic.", alone},
    {"virtio.", alone},
    {"node[0].dram.row_hit_cap", {"dram.write_queue=256", "dram.write_idle=1000"}}, // many hits wait together
    // What waits for the end of a refresh goes on at the same time, whenever it came: small() has none.
    {"node[0].dram.ranks", with_refresh},
    {"node[0].dram.timing.refi", with_refresh},
    {"node[0].dram.timing.rfc", with_refresh},
};
const Sets& machine_for(const config::Parameter& p) {
    static const Sets nothing;
    for (const Elsewhere& e : elsewhere)
        if (p.path().text().starts_with(e.path)) return e.sets;
    return nothing;
}

/// What is wrong with a parameter once it has another value; empty if nothing is.
std::string judge(const config::Parameter& p, const Alternative& other, const fs::path& base, const fs::path& out) {
    Sets sets = machine_for(p);
    sets.push_back(other.path + "=" + other.text);
    const Ended ended = run({KNOBS_GUEST, sets}, out);
    if (ended.code != 0) return other.text + ": ended with " + std::to_string(ended.code) + ": " + ended.errors;

    const bool host = p.kind() == Kind::host;
    const std::string within = other.path == p.path().text() ? instance(other.path) : "";
    const auto before = Counters{base, host}.sum(p.witness().statistic, within),
               after = Counters{out, host}.sum(p.witness().statistic, within);
    // A switch may bring its own statistics with it.
    if (!before && !after) return "no statistic has the name " + std::string{p.witness().statistic};
    const std::uint64_t from = before.value_or(0), to = after.value_or(0);
    const bool right = p.witness().how == Moves::changes               ? from != to
                       : (p.witness().how == Moves::up) == other.grows ? to > from
                                                                       : to < from;
    if (right) return "";
    return p.print() + " -> " + other.text + ": " + std::string{p.witness().statistic} + " " + std::to_string(from)
           + " -> " + std::to_string(to) + ", but it goes " + std::string{word(p.witness().how)}
           + " when the parameter grows";
}

/// The most telling larger and the most telling smaller value; of a choice all others.
std::vector<Alternative> to_judge(const config::Parameter& p) {
    std::vector<Alternative> all = alternatives(p);
    if (p.type().form == config::Form::choice || p.type().form == config::Form::text) return all;
    std::vector<Alternative> r;
    for (const bool grows : {true, false})
        if (const auto a = std::find_if(all.begin(), all.end(), [&](const Alternative& o) { return o.grows == grows; });
            a != all.end())
            r.push_back(*a);
    return r;
}

TEST(Knobs, EveryParameterMovesItsWitness) {
    const machine::MachineConfig config{asked()};
    const auto parameters = one_of_each(config.tree());
    std::set<Kind> kinds;
    for (const config::Parameter* p : parameters) kinds.insert(p->kind());
    ASSERT_EQ(kinds, (std::set{Kind::visible, Kind::timing, Kind::host}));

    const Folder folder;
    std::map<Sets, fs::path> bases; // by what is set besides small()
    for (const config::Parameter* p : parameters) {
        const auto [at, fresh] = bases.emplace(machine_for(*p), folder.path() / fmt::format("base{}", bases.size()));
        if (!fresh) continue;
        const Ended ended = run({KNOBS_GUEST, at->first}, at->second);
        ASSERT_EQ(ended.code, 0) << ended.errors;
    }
    struct Trial {
        const config::Parameter* parameter;
        Alternative other;
        std::string finding = "not judged";
    };
    std::vector<Trial> trials;
    for (const config::Parameter* p : parameters) {
        const auto others = to_judge(*p);
        EXPECT_FALSE(others.empty()) << p->path().text() << ": no other value is known that the machine takes";
        for (const Alternative& a : others) trials.push_back({p, a});
    }
    side_by_side(trials.size(), [&](std::size_t i) {
        const Trial& t = trials[i];
        trials[i].finding =
            judge(*t.parameter, t.other, bases.at(machine_for(*t.parameter)), folder.path() / std::to_string(i));
    });
    for (const Trial& t : trials) EXPECT_EQ(t.finding, "") << t.parameter->path().text();
}

/// Every row is judged: rows of all parts are found, each instance belongs to a row that is.
TEST(Knobs, NoParameterIsLeftOut) {
    const machine::MachineConfig config{asked()};
    const auto parameters = one_of_each(config.tree());
    std::set<std::string> judged;
    for (const config::Parameter* p : parameters) judged.insert(p->path().text());
    std::size_t instances = 0;
    for (const auto& shape : config.tree().paths().shapes()) {
        instances += shape.size();
        EXPECT_TRUE(judged.contains(config.tree().parameters()[shape.front()].path().text()));
    }
    EXPECT_EQ(instances, config.tree().parameters().size());
    for (const char* part : {"machine.nodes", "sim.quantum", "node[0].hart[0].clock", "node[0].hart[0].latency.alu",
                             "node[0].hart[0].l2tlb.entries", "node[0].hart[0].pmp.entries", "node[0].llc.size",
                             "node[0].dram.speed", "link.latency", "memory.initial", "uart.latency"})
        EXPECT_TRUE(judged.contains(part)) << part;
}

} // namespace
} // namespace tollgate::knobs
