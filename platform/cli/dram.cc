// tollgate dram FILE: a memory trace on one channel of the DRAM controller alone.
#include "cli/dram_replay.hh"
#include "cli/exit_code.hh"
#include "cli/options.hh"
#include "machine/machine_config.hh"
#include <fmt/format.h>
#include <fstream>

namespace tollgate::cli {

int dram(const Arguments& args) {
    Grammar grammar{"dram", "FILE [options]", {"Options"}, 1};
    add_machine_options(grammar.named);
    grammar.named.add_options()("json", "as JSON");
    const Parsed parsed = parse(std::move(grammar), args);
    if (parsed.help) return 0;
    if (parsed.words.empty()) throw UsageError("dram: no FILE; expected a memory trace");
    const std::string& name = parsed.words.front();

    const machine::MachineConfig machine{machine_assignments(parsed.values)};
    const machine::DramConfig& memory = machine.nodes().front().memory;
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
