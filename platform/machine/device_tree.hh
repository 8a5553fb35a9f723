/// The machine described for its software: a flattened device tree (Devicetree Specification 0.4).
#pragma once
#include "base/address.hh"
#include "machine/machine_config.hh"
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::machine {

/// What a boot adds to `/chosen`.
struct Chosen {
    std::string bootargs;
    std::optional<std::pair<PhysAddr, PhysAddr>> initrd; ///< first byte, and the one after the last
};

/// The tree of this machine, laid out as QEMU's `virt` has it, with `numa-node-id` and distances when there is more
/// than one node, and the sizes of the caches and TLBs.
std::vector<std::byte> device_tree(const MachineConfig& config, const Chosen& chosen);

/// A user's tree with what the boot adds to it. Throws config::BadFile, naming it, when it is none.
std::vector<std::byte> patched_tree(const std::string& name, std::vector<std::byte> tree, const Chosen& chosen);

} // namespace tollgate::machine
