/// What is in memory when the machine starts, and where its harts start.
#pragma once
#include "machine/device_tree.hh"
#include "machine/image.hh"
#include "machine/machine_config.hh"
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::machine {

/// What the user named.
struct BootFiles {
    std::optional<std::string> bios; ///< a file, or "none"; nothing: the firmware that default_firmware() finds
    std::optional<std::filesystem::path> kernel, initrd, dtb;
    std::string append;
};

/// Images do not overlap and lie in memory.
///
///     with firmware   | firmware at 0x80000000 | kernel at 0x80200000 ... initrd ...            device tree at the top
///     |
///                       harts start in the ROM, which jumps to the firmware
///     --bios none     | kernel: an ELF file where it says, else at 0x80000000                   device tree at the top
///     |
///                       harts start at its entry
struct BootPlan {
    std::vector<Image> images;
    std::vector<std::byte> rom; ///< empty without firmware
    PhysAddr pc;                ///< of every hart
    PhysAddr tree;              ///< its address: a1
};

/// Reads the files and places them as QEMU's `virt` machine does. Throws config::BadFile for what cannot be read,
/// overlaps or is not in memory, and when there is no firmware.
BootPlan plan_boot(const MachineConfig& config, const BootFiles& files);

/// Debian's OpenSBI, if it is installed.
std::optional<std::filesystem::path> default_firmware();

/// The reset ROM: a0 is the hart's number, a1 the device tree's address, a2 that of OpenSBI's fw_dynamic_info, then a
/// jump to the firmware. `next` is where the firmware goes on, in supervisor mode.
std::vector<std::byte> reset_rom(PhysAddr firmware, PhysAddr tree, PhysAddr next);

} // namespace tollgate::machine
