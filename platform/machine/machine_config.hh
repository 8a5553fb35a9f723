/// The parameters of a whole machine, in the structs of its parts, and the tree by which they are set.
#pragma once
#include "base/param.hh"
#include "bus/crossbar.hh"
#include "bus/link.hh"
#include "bus/router.hh"
#include "cache/cache_params.hh"
#include "config/assignments.hh"
#include "config/tree.hh"
#include "cpu/hart.hh"
#include "dev/clint.hh"
#include "dev/finisher.hh"
#include "dev/plic.hh"
#include "dev/rom.hh"
#include "dev/rtc.hh"
#include "dev/uart.hh"
#include "dev/virtio_slot.hh"
#include "machine/memory_map.hh"
#include "mem/dram_params.hh"
#include "mem/memory.hh"
#include <vector>

namespace tollgate::machine {

/// Whether the machine's parts take time.
enum class Mode : std::uint8_t { timed, functional };

} // namespace tollgate::machine

template <> struct tollgate::Choice<tollgate::machine::Mode> {
    static constexpr std::array<std::string_view, 2> names{"timed", "functional"};
};

namespace tollgate::machine {

using namespace literals;

/// At most so many harts in all: what the coherence of this machine's short cuts is built for.
inline constexpr unsigned max_harts = 8;

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

/// `sim`: how the machine is simulated.
struct SimParams {
    TOLLGATE_DESCRIBED(SimParams);
    TOLLGATE_PARAM(Mode, mode, Mode::timed, Unit::none, {}, Kind::timing, {"hart.cycles"},
                   "Functional: an instruction is 1 ns on every hart, devices answer at once, no timing is read.")
    TOLLGATE_PARAM(Picoseconds, quantum, 100_ns, Unit::time, {1'000, 1'000'000'000}, Kind::timing,
                   {"hart.lateness", Moves::up}, "How far a hart may run ahead of the others where they do not meet.")
    TOLLGATE_PARAM(std::uint64_t, seed, 1, Unit::none, {}, Kind::visible, {"hart.cycles"},
                   "Of everything random: the noise in untouched memory.")
    TOLLGATE_PARAM(bool, look_aside, true, Unit::none, {}, Kind::host, {"hart.slow_loads", Moves::down},
                   "The simulator's short cut from virtual addresses to its own memory.")
    TOLLGATE_PARAM(bool, decode_cache, true, Unit::none, {}, Kind::host, {"hart.decoded", Moves::down},
                   "The simulator keeps decoded instructions.")
    TOLLGATE_END;
};

/// A node's memory: its parts, the exceptions from their times, the way to them.
struct DramConfig {
    mem::DramParams dram;
    mem::DramTimingParams timing;
    mem::DramControllerParams controller;
};

struct NodeConfig {
    std::vector<cpu::HartConfig> harts;
    std::vector<cache::L2Params> l2; ///< of each hart
    cache::LlcParams llc;
    cache::DirectoryParams directory;
    bus::CrossbarParams crossbar;
    DramConfig memory;
};

/// `dma`: how devices meet memory.
struct DmaParams {
    TOLLGATE_DESCRIBED(DmaParams);
    TOLLGATE_PARAM(bool, coherent, true, Unit::none, {}, Kind::visible, {"dma.side_table.entries"},
                   "Devices see what harts wrote and harts what devices wrote. Without, software needs cbo.clean, "
                   "cbo.flush and cbo.inval, except in functional mode, which has no caches.")
    TOLLGATE_END;
};

/// The parts that a machine has once, or whose instances are all alike.
struct SharedConfig {
    bus::LinkParams link;
    mem::MemoryParams memory;
    bus::RouterParams bus;
    dev::RomParams rom;
    dev::FinisherParams finisher;
    dev::RtcParams rtc;
    dev::ClintParams clint;
    dev::PlicParams plic;
    dev::UartParams uart;
    dev::VirtioSlotParams virtio;
    DmaParams dma;
};

/// A machine as asked for. It stays where it is, because its tree points into it.
class MachineConfig {
  public:
    /// Reads `machine.*` and `sim.*` from the assignments, makes so many nodes and harts, applies all assignments to
    /// them and checks what no single parameter's range can say. Throws config::ConfigError.
    explicit MachineConfig(const config::Assignments& assignments);
    MachineConfig(const MachineConfig&) = delete;
    MachineConfig& operator=(const MachineConfig&) = delete;

    const MachineParams& machine() const { return machine_; }
    const SimParams& sim() const { return sim_; }
    const std::vector<NodeConfig>& nodes() const { return nodes_; }
    const SharedConfig& shared() const { return shared_; }
    const config::ParamTree& tree() const { return tree_; }

    /// All nodes' memory.
    cache::CachedMemory memory() const {
        return {map::memory, Bytes{machine_.memory_per_node.count() * machine_.nodes}};
    }
    unsigned harts() const { return machine_.nodes * machine_.harts_per_node; }
    bool timed() const { return sim_.mode == Mode::timed; }
    const cpu::HartConfig& hart(unsigned number) const {
        return nodes_[number / machine_.harts_per_node].harts[number % machine_.harts_per_node];
    }

  private:
    void build();
    void check() const;
    void check_hart(std::size_t node, std::size_t hart) const;
    void check_caches(std::size_t node, std::size_t hart) const;
    void check_memory(std::size_t node) const;

    MachineParams machine_;
    SimParams sim_;
    std::vector<NodeConfig> nodes_;
    SharedConfig shared_;
    config::ParamTree tree_;
};

} // namespace tollgate::machine
