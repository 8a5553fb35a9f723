#include "machine/machine_config.hh"
#include "cpu/isa/extensions.hh"
#include "mmu/key_array.hh"
#include <fmt/format.h>

namespace tollgate::machine {
namespace {

void describe(config::ParamTree& tree, const std::string& at, cpu::HartConfig& hart) {
    tree.add(at, hart.hart);
    tree.add(at + ".latency", hart.latency);
    tree.add(at + ".l1d", hart.l1d);
    tree.add(at + ".branch", hart.branch);
    tree.add(at + ".store_buffer", hart.store_buffer);
    tree.add(at + ".itlb", hart.mmu.itlb);
    tree.add(at + ".dtlb", hart.mmu.dtlb);
    tree.add(at + ".l2tlb", hart.mmu.l2tlb);
    tree.add(at + ".walker", hart.mmu.walker);
    tree.add(at + ".pmp", hart.pmp);
}

/// "node[0].hart[1].itlb.ways (my.toml:3): 3: expected ...".
[[noreturn]] void refuse(const config::ParamTree& tree, const std::string& path, std::string_view expected) {
    const config::Parameter* p = tree.find(path);
    throw config::OutOfRange(fmt::format("{}: {}: {} does not go; {}", p->origin().text(), path, p->print(), expected));
}

void check_shape(const config::ParamTree& tree, const std::string& at, std::uint32_t entries, std::uint32_t ways) {
    if (entries != 0 && ways > entries)
        refuse(tree, at + ".ways", fmt::format("expected at most its {} entries", entries));
    try {
        mmu::KeyArray{entries, ways};
    } catch (const std::invalid_argument&) {
        refuse(tree, at + ".entries",
               fmt::format("with {} ways expected entries / ways to be a power of two", ways == 0 ? entries : ways));
    }
}

} // namespace

MachineConfig::MachineConfig(const config::Assignments& assignments) {
    config::ParamTree structure;
    structure.add("machine", machine_);
    structure.add("sim", sim_);
    assignments.apply_known(structure);
    if (harts() > max_harts)
        throw config::OutOfRange(
            fmt::format("machine.nodes={} x machine.harts_per_node={} are {} harts; expected 1 to {} in all",
                        machine_.nodes, machine_.harts_per_node, harts(), max_harts));
    build();
    assignments.apply(tree_);
    for (NodeConfig& node : nodes_)
        for (cpu::HartConfig& hart : node.harts) {
            hart.timed = timed();
            hart.look_aside = sim_.look_aside;
            hart.decode_cache = sim_.decode_cache;
        }
    check();
}

void MachineConfig::build() {
    nodes_.assign(machine_.nodes, NodeConfig{std::vector<cpu::HartConfig>(machine_.harts_per_node)});
    tree_.add("machine", machine_);
    tree_.add("sim", sim_);
    for (std::size_t n = 0; n < nodes_.size(); ++n)
        for (std::size_t h = 0; h < nodes_[n].harts.size(); ++h)
            describe(tree_, fmt::format("node[{}].hart[{}]", n, h), nodes_[n].harts[h]);
    tree_.add("memory", shared_.memory);
    tree_.add("bus", shared_.bus);
    tree_.add("rom", shared_.rom);
    tree_.add("finisher", shared_.finisher);
    tree_.add("rtc", shared_.rtc);
    tree_.add("clint", shared_.clint);
    tree_.add("plic", shared_.plic);
    tree_.add("uart", shared_.uart);
    tree_.add("virtio", shared_.virtio);
}

void MachineConfig::check() const {
    cpu::isa::Extensions first;
    for (std::size_t n = 0; n < nodes_.size(); ++n)
        for (std::size_t h = 0; h < nodes_[n].harts.size(); ++h) {
            const std::string at = fmt::format("node[{}].hart[{}]", n, h);
            const cpu::HartConfig& hart = nodes_[n].harts[h];
            check_shape(tree_, at + ".itlb", hart.mmu.itlb.entries, hart.mmu.itlb.ways);
            check_shape(tree_, at + ".dtlb", hart.mmu.dtlb.entries, hart.mmu.dtlb.ways);
            check_shape(tree_, at + ".l2tlb", hart.mmu.l2tlb.entries, hart.mmu.l2tlb.ways);
            const std::uint32_t pmp = hart.pmp.entries;
            if (pmp != 0 && pmp != 16 && pmp != 64) refuse(tree_, at + ".pmp.entries", "expected 0, 16 or 64");
            if (hart.branch.target_ways > hart.branch.target_entries)
                refuse(tree_, at + ".branch.target_ways",
                       fmt::format("expected at most its {} entries", hart.branch.target_entries));
            try {
                const auto isa = cpu::isa::Extensions::parse(hart.hart.isa);
                if (n == 0 && h == 0) first = isa;
                // Decoded instructions are shared by all harts.
                if (isa != first)
                    refuse(tree_, at + ".isa", fmt::format("expected {} as hart 0 has it", first.string()));
            } catch (const std::invalid_argument& e) {
                const config::Parameter* p = tree_.find(at + ".isa");
                throw config::BadValue(fmt::format("{}: {}: {}", p->origin().text(), at + ".isa", e.what()));
            }
        }
}

} // namespace tollgate::machine
