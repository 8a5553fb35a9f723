#include "cli/machine_results.hh"
#include "config/toml_file.hh"
#include "report/host_report.hh"

namespace tollgate::cli {

report::StatTree statistics(machine::Machine& machine) {
    report::StatTree tree;
    tree.add_value("machine", "time", "ps", "Simulated time since power-on.", [&] { return machine.time().count(); });
    tree.add_value("machine", "harts", "harts", "Harts of all nodes.", [&] { return machine.harts().size(); });
    tree.add_value("machine", "memory", "B", "Memory of all nodes.", [&] {
        return machine.config().machine().memory_per_node.count() * machine.config().machine().nodes;
    });
    tree.add_value("machine", "resets", "resets", "Resets that the guest asked for.", [&] { return machine.resets(); });
    machine.for_each_counters([&](const std::string& path, const auto& counters) { tree.add(path, counters); });
    machine.for_each_hart([&](const std::string& path, cpu::Hart& hart) {
        for (std::size_t cause = 0; cause < cpu::causes; ++cause)
            tree.add_value(path + ".slots", cpu::cause_texts[cause].name, "slots", cpu::cause_texts[cause].text,
                           [&hart, cause] { return hart.slots_by_cause()[cause]; });
    });
    return tree;
}

void write_results(const report::RunDirectory& directory, machine::Machine& machine, const HostSide& host) {
    report::HostReport h;
    h.wall_seconds = host.seconds;
    h.reproducible = host.reproducible;
    for (cpu::HartModule* m : machine.harts()) h.instructions += m->hart().counters().instructions;
    const report::StatTree tree = statistics(machine);
    const report::Snapshot now = tree.snapshot();
    directory.write("config.toml", config::to_toml(machine.config().tree()));
    directory.write("stats.json", report::stats_json(tree, now));
    directory.write("stats.txt", report::stats_text(tree, now));
    report::StatTree short_cuts;
    machine.for_each_hart(
        [&](const std::string& path, cpu::Hart& hart) { short_cuts.add(path, hart.host_counters()); });
    directory.write("host.json", report::host_json(h, machine.config().tree(), short_cuts));
}

} // namespace tollgate::cli
