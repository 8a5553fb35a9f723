// tollgate dram FILE: a memory trace on one channel of the DRAM controller alone.
#include "cli/dram_replay.hh"
#include "cli/exit_code.hh"
#include "cli/options.hh"
#include "machine/machine_config.hh"
#include <fmt/format.h>
#include <fstream>
#include <vector>

namespace tollgate::cli {
namespace {

/// The memory of each node, as `dram.*` of a preset, a file or the command line describes it.
struct NodeMemory {
    mem::DramParams dram;
    mem::DramTimingParams timing;
};

/// What the assignments say about the first node's memory. What they say about the rest of the machine must be right as
/// well, for a name that is misspelt is an error.
NodeMemory first_node(const config::Assignments& assignments) {
    machine::MachineParams structure;
    config::ParamTree sizes;
    sizes.add("machine", structure);
    assignments.apply_known(sizes);

    std::vector<NodeMemory> nodes(structure.nodes);
    config::ParamTree memory;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        memory.add(fmt::format("node[{}].dram", n), nodes[n].dram);
        memory.add(fmt::format("node[{}].dram.timing", n), nodes[n].timing);
    }
    config::Assignments rest;
    for (const config::Assignment& a : assignments.all()) {
        if (memory.set_if_known(a.pattern, a.text, a.origin)) continue;
        if (a.pattern.find("dram") != std::string::npos)
            memory.set(a.pattern, a.text, a.origin); // throws, with the nearest name
        else
            rest.add(a);
    }
    const machine::MachineConfig others{rest};
    return nodes.front();
}

} // namespace

int dram(const Arguments& args) {
    Grammar grammar{"dram", "FILE [options]", {"Options"}, 1};
    add_machine_options(grammar.named);
    grammar.named.add_options()("json", "as JSON");
    const Parsed parsed = parse(std::move(grammar), args);
    if (parsed.help) return 0;
    if (parsed.words.empty()) throw UsageError("dram: no FILE; expected a memory trace");
    const std::string& name = parsed.words.front();

    const NodeMemory memory = first_node(machine_assignments(parsed.values));
    DramReplay replay{memory.dram, memory.timing};
    std::ifstream in(name, std::ios::binary);
    // Opening a folder succeeds; reading it does not.
    if (!in || (in.peek() == std::ifstream::traits_type::eof() && !in.eof()) || in.bad())
        throw config::BadFile(fmt::format("{}: cannot be read", name));
    in.clear();
    trace::MemoryTraceReader reader{in, name};
    replay.run(reader);
    fmt::print("{}", parsed.values.count("json") > 0 ? replay.json() : replay.table(name));
    return 0;
}

} // namespace tollgate::cli
