#include "machine/boot_plan.hh"
#include "config/error.hh"
#include "machine/memory_map.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::machine {
namespace {

constexpr PhysAddr firmware_base = map::memory;
constexpr PhysAddr kernel_base{0x8020'0000}; // where OpenSBI's fw_jump goes
constexpr std::uint64_t largest_kernel_room = 512ull << 20, tree_below = 3ull << 30, tree_alignment = 2ull << 20;

class Planner {
  public:
    Planner(const MachineConfig& config, const BootFiles& files)
        : config_{config}, files_{files}, end_{map::memory
                                               + config.machine().memory_per_node.count() * config.machine().nodes} {}

    BootPlan plan() {
        const bool bare = files_.bios == "none";
        PhysAddr firmware{}, next{};
        if (!bare) firmware = place(read_image(firmware_file(), firmware_base));
        PhysAddr after_kernel = kernel_base;
        if (files_.kernel) {
            const PhysAddr entry = place(read_image(*files_.kernel, bare ? map::memory : kernel_base));
            next = entry;
            after_kernel = entry;
            plan_.pc = entry;
        }
        Chosen chosen{files_.append, {}};
        if (files_.initrd) chosen.initrd = place_initrd(after_kernel);
        place_tree(chosen);
        if (!bare) {
            plan_.rom = reset_rom(firmware, plan_.tree, next);
            plan_.pc = map::rom.base;
        }
        check_apart();
        return std::move(plan_);
    }

  private:
    std::filesystem::path firmware_file() const {
        if (files_.bios) return *files_.bios;
        if (const auto found = default_firmware()) return *found;
        throw config::BadFile(
            "no firmware: OpenSBI is not installed; expected --bios FILE, --bios none or the Debian package opensbi");
    }

    /// Takes the image in; the address of its entry.
    PhysAddr place(Image image) {
        for (const Segment& s : image.segments)
            if (s.at < map::memory || s.end() > end_.value())
                throw config::BadFile(fmt::format("{}: {:#x} bytes at {:#x}; expected them in memory, {:#x} to {:#x}",
                                                  config::quoted(image.name), s.size, s.at.value(), map::memory.value(),
                                                  end_.value() - 1));
        plan_.images.push_back(std::move(image));
        return plan_.images.back().entry;
    }

    std::pair<PhysAddr, PhysAddr> place_initrd(PhysAddr kernel) {
        std::vector<std::byte> bytes = read_file(*files_.initrd);
        const std::uint64_t memory = end_ - map::memory;
        const PhysAddr at = kernel + std::min(memory / 2, largest_kernel_room);
        const PhysAddr end = at + bytes.size();
        place(flat_image(files_.initrd->string(), std::move(bytes), at));
        return {at, end};
    }

    void place_tree(const Chosen& chosen) {
        std::vector<std::byte> tree = files_.dtb ? patched_tree(files_.dtb->string(), read_file(*files_.dtb), chosen)
                                                 : device_tree(config_, chosen);
        const std::uint64_t top = std::min(end_.value(), tree_below);
        plan_.tree = PhysAddr{(top - std::min<std::uint64_t>(tree.size(), top - map::memory.value())) / tree_alignment
                              * tree_alignment};
        place(flat_image(files_.dtb ? files_.dtb->string() : "device tree", std::move(tree), plan_.tree));
    }

    void check_apart() const {
        struct Piece {
            const Image* image;
            const Segment* segment;
        };
        std::vector<Piece> pieces;
        for (const Image& i : plan_.images)
            for (const Segment& s : i.segments) pieces.push_back({&i, &s});
        std::stable_sort(pieces.begin(), pieces.end(),
                         [](const Piece& a, const Piece& b) { return a.segment->at < b.segment->at; });
        for (std::size_t i = 1; i < pieces.size(); ++i) {
            const Piece &a = pieces[i - 1], &b = pieces[i];
            if (b.segment->at.value() < a.segment->end())
                throw config::BadFile(
                    fmt::format("{}: {:#x} to {:#x} overlaps {} at {:#x}; expected them apart, or more memory",
                                config::quoted(a.image->name), a.segment->at.value(), a.segment->end() - 1,
                                config::quoted(b.image->name), b.segment->at.value()));
        }
    }

    const MachineConfig& config_;
    const BootFiles& files_;
    PhysAddr end_;
    BootPlan plan_;
};

void append(std::vector<std::byte>& to, std::uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) to.push_back(static_cast<std::byte>(v >> (8 * i)));
}

} // namespace

BootPlan plan_boot(const MachineConfig& config, const BootFiles& files) { return Planner{config, files}.plan(); }

std::optional<std::filesystem::path> default_firmware() {
    // fw_dynamic is told where the kernel is; fw_jump knows one address.
    for (const char* name : {"fw_dynamic.elf", "fw_jump.elf"}) {
        const auto file = std::filesystem::path{"/usr/lib/riscv64-linux-gnu/opensbi/generic"} / name;
        std::error_code error;
        if (std::filesystem::exists(file, error)) return file;
    }
    return {};
}

std::vector<std::byte> reset_rom(PhysAddr firmware, PhysAddr tree, PhysAddr next) {
    std::vector<std::byte> rom;
    for (const std::uint32_t instruction : {
             0x0000'0297u, // auipc t0, 0
             0x0282'8613u, // addi  a2, t0, 40: fw_dynamic_info
             0xf140'2573u, // csrr  a0, mhartid
             0x0202'b583u, // ld    a1, 32(t0)
             0x0182'b283u, // ld    t0, 24(t0)
             0x0002'8067u, // jr    t0
         })
        append(rom, instruction, 4);
    append(rom, firmware.value(), 8);
    append(rom, tree.value(), 8);
    // OpenSBI, include/sbi/fw_dynamic.h
    constexpr std::uint64_t magic = 0x4942'534f, version = 2, supervisor = 1, options = 0, boot_hart = 0;
    for (const std::uint64_t v : {magic, version, next.value(), supervisor, options, boot_hart}) append(rom, v, 8);
    return rom;
}

} // namespace tollgate::machine
