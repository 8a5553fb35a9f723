#include "machine/machine_config.hh"
#include "cpu/isa/extensions.hh"
#include "mem/dram_controller.hh"
#include "mmu/key_array.hh"
#include <fmt/format.h>

namespace tollgate::machine {
namespace {

void describe(config::ParamTree& tree, const std::string& at, cpu::HartConfig& hart, cache::L2Params& l2) {
    tree.add(at, hart.hart);
    tree.add(at + ".latency", hart.latency);
    tree.add(at + ".l1i", hart.l1i);
    tree.add(at + ".l1d", hart.l1d);
    tree.add(at + ".l2", l2);
    tree.add(at + ".branch", hart.branch);
    tree.add(at + ".store_buffer", hart.store_buffer);
    tree.add(at + ".itlb", hart.mmu.itlb);
    tree.add(at + ".dtlb", hart.mmu.dtlb);
    tree.add(at + ".l2tlb", hart.mmu.l2tlb);
    tree.add(at + ".walker", hart.mmu.walker);
    tree.add(at + ".pmp", hart.pmp);
}

void describe(config::ParamTree& tree, const std::string& at, NodeConfig& node) {
    for (std::size_t h = 0; h < node.harts.size(); ++h)
        describe(tree, fmt::format("{}.hart[{}]", at, h), node.harts[h], node.l2[h]);
    tree.add(at + ".llc", node.llc);
    tree.add(at + ".directory", node.directory);
    tree.add(at + ".crossbar", node.crossbar);
    tree.add(at + ".dram", node.memory.dram);
    tree.add(at + ".dram.timing", node.memory.timing);
    tree.add(at + ".dram.controller", node.memory.controller);
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
            hart.memory = memory();
        }
    check();
}

void MachineConfig::build() {
    nodes_.resize(machine_.nodes);
    for (NodeConfig& node : nodes_) {
        node.harts.resize(machine_.harts_per_node);
        node.l2.resize(machine_.harts_per_node);
    }
    tree_.add("machine", machine_);
    tree_.add("sim", sim_);
    for (std::size_t n = 0; n < nodes_.size(); ++n) describe(tree_, fmt::format("node[{}]", n), nodes_[n]);
    tree_.add("link", shared_.link);
    tree_.add("memory", shared_.memory);
    tree_.add("bus", shared_.bus);
    tree_.add("rom", shared_.rom);
    tree_.add("finisher", shared_.finisher);
    tree_.add("rtc", shared_.rtc);
    tree_.add("clint", shared_.clint);
    tree_.add("plic", shared_.plic);
    tree_.add("uart", shared_.uart);
    tree_.add("virtio", shared_.virtio);
    tree_.add("dma", shared_.dma);
}

void MachineConfig::check() const {
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
        for (std::size_t h = 0; h < nodes_[n].harts.size(); ++h) {
            check_hart(n, h);
            check_caches(n, h);
        }
        check_memory(n);
        if (!shared_.dma.coherent && nodes_[n].llc.inject_ways != 0)
            refuse(tree_, fmt::format("node[{}].llc.inject_ways", n), "with dma.coherent=false expected 0");
    }
}

void MachineConfig::check_hart(std::size_t node, std::size_t number) const {
    const std::string at = fmt::format("node[{}].hart[{}]", node, number);
    const cpu::HartConfig& hart = nodes_[node].harts[number];
    check_shape(tree_, at + ".itlb", hart.mmu.itlb.entries, hart.mmu.itlb.ways);
    check_shape(tree_, at + ".dtlb", hart.mmu.dtlb.entries, hart.mmu.dtlb.ways);
    check_shape(tree_, at + ".l2tlb", hart.mmu.l2tlb.entries, hart.mmu.l2tlb.ways);
    const std::uint32_t pmp = hart.pmp.entries;
    if (pmp != 0 && pmp != 16 && pmp != 64) refuse(tree_, at + ".pmp.entries", "expected 0, 16 or 64");
    if (hart.branch.target_ways > hart.branch.target_entries)
        refuse(tree_, at + ".branch.target_ways",
               fmt::format("expected at most its {} entries", hart.branch.target_entries));
    const auto parsed = [&](const cpu::HartConfig& of) {
        try {
            return cpu::isa::Extensions::parse(of.hart.isa);
        } catch (const std::invalid_argument& e) {
            const config::Parameter* p = tree_.find(at + ".isa");
            throw config::BadValue(fmt::format("{}: {}: {}", p->origin().text(), at + ".isa", e.what()));
        }
    };
    // Decoded instructions are shared by all harts.
    const auto first = parsed(nodes_[0].harts[0]);
    if (parsed(hart) != first) refuse(tree_, at + ".isa", fmt::format("expected {} as hart 0 has it", first.string()));
}

void MachineConfig::check_caches(std::size_t node, std::size_t number) const {
    const NodeConfig& n = nodes_[node];
    const cpu::HartConfig& hart = n.harts[number];
    try {
        cache::check(hart.l1i, hart.l1d, n.l2[number], n.llc, hart.hart.clock);
    } catch (const std::invalid_argument& e) {
        throw config::OutOfRange(fmt::format("node[{}].hart[{}]: {}", node, number, e.what()));
    }
}

void MachineConfig::check_memory(std::size_t node) const {
    const DramConfig& m = nodes_[node].memory;
    try {
        const Bytes room = mem::DramController{m.dram, m.timing, m.controller}.mapping().capacity();
        if (room < machine_.memory_per_node)
            throw std::invalid_argument(
                fmt::format("machine.memory_per_node={}MiB does not fit into dram.channels={} x dram.ranks={} of 8 GiB",
                            machine_.memory_per_node.count() >> 20, m.dram.channels, m.dram.ranks));
    } catch (const std::invalid_argument& e) { throw config::OutOfRange(fmt::format("node[{}]: {}", node, e.what())); }
}

} // namespace tollgate::machine
