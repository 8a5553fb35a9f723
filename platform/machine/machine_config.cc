#include "machine/machine_config.hh"
#include <fmt/format.h>

namespace tollgate::machine {
namespace {

void describe(config::ParamTree& tree, const std::string& at, cpu::HartConfig& hart) {
    tree.add(at, hart.hart);
    tree.add(at + ".latency", hart.latency);
    tree.add(at + ".branch", hart.branch);
    tree.add(at + ".store_buffer", hart.store_buffer);
    tree.add(at + ".l1d", hart.l1d);
    tree.add(at + ".itlb", hart.mmu.itlb);
    tree.add(at + ".dtlb", hart.mmu.dtlb);
    tree.add(at + ".l2tlb", hart.mmu.l2tlb);
    tree.add(at + ".walker", hart.mmu.walker);
    tree.add(at + ".pmp", hart.pmp);
}

} // namespace

MachineConfig::MachineConfig(const config::Assignments& assignments) {
    config::ParamTree structure;
    structure.add("machine", machine_);
    assignments.apply_known(structure);

    nodes_.assign(machine_.nodes, NodeConfig{std::vector<cpu::HartConfig>(machine_.harts_per_node)});
    tree_.add("machine", machine_);
    for (std::size_t n = 0; n < nodes_.size(); ++n)
        for (std::size_t h = 0; h < nodes_[n].harts.size(); ++h)
            describe(tree_, fmt::format("node[{}].hart[{}]", n, h), nodes_[n].harts[h]);
    assignments.apply(tree_);
}

} // namespace tollgate::machine
