/// The parameters of a whole machine, in the structs of its parts, and the tree by which they are set.
#pragma once
#include "base/param.hh"
#include "config/assignments.hh"
#include "config/tree.hh"
#include "cpu/hart.hh"
#include <vector>

namespace tollgate::machine {

using namespace literals;

/// `machine`: how many of everything there is. These decide which other parameters exist.
struct MachineParams {
    TOLLGATE_DESCRIBED(MachineParams);
    TOLLGATE_PARAM(std::uint32_t, nodes, 2, Unit::none, {1, 16}, Kind::visible, {"machine.harts", Moves::up},
                   "NUMA nodes: each has harts, a last-level cache and memory of its own.")
    TOLLGATE_PARAM(std::uint32_t, harts_per_node, 2, Unit::none, {1, 64}, Kind::visible, {"machine.harts", Moves::up},
                   "Harts of each node; they share its last-level cache.")
    TOLLGATE_PARAM(Bytes, memory_per_node, 512_MiB, Unit::bytes, {16u << 20, 64ull << 30, true}, Kind::visible,
                   {"machine.memory", Moves::up},
                   "Memory of each node; the nodes' banks follow each other from 0x80000000.")
    TOLLGATE_END;
};

struct NodeConfig {
    std::vector<cpu::HartConfig> harts;
};

/// A machine as asked for. It stays where it is, because its tree points into it.
class MachineConfig {
  public:
    /// Reads `machine.*` from the assignments, makes so many nodes and harts, and applies all assignments to them.
    /// Throws config::ConfigError.
    explicit MachineConfig(const config::Assignments& assignments);
    MachineConfig(const MachineConfig&) = delete;
    MachineConfig& operator=(const MachineConfig&) = delete;

    const MachineParams& machine() const { return machine_; }
    const std::vector<NodeConfig>& nodes() const { return nodes_; }
    const config::ParamTree& tree() const { return tree_; }

  private:
    MachineParams machine_;
    std::vector<NodeConfig> nodes_;
    config::ParamTree tree_;
};

} // namespace tollgate::machine
