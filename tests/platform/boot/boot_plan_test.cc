// Where things are placed, and the device tree.
#include "config/error.hh"
#include "machine/boot_plan.hh"
#include "machine/memory_map.hh"
#include "platform/elf_builder.hh"
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <libfdt.h>

namespace tollgate::machine {
namespace {
namespace fs = std::filesystem;

config::Assignments asked(std::initializer_list<std::string_view> sets = {}) {
    config::Assignments a;
    a.add_preset("tiny");
    for (const std::string_view s : sets) a.add_command_line(s);
    return a;
}

class BootPlanTest : public ::testing::Test {
  protected:
    BootPlanTest() {
        std::string name = (fs::temp_directory_path() / "boot_plan_XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
    }
    ~BootPlanTest() override { fs::remove_all(folder); }
    fs::path file(const std::string& name, const std::vector<std::byte>& bytes) {
        std::ofstream{folder / name, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                             static_cast<std::streamsize>(bytes.size()));
        return folder / name;
    }
    fs::path raw(const std::string& name, std::size_t size) {
        return file(name, std::vector<std::byte>(size, std::byte{1}));
    }
    std::string complaint(const MachineConfig& config, const BootFiles& files) {
        try {
            plan_boot(config, files);
        } catch (const config::BadFile& e) { return e.what(); }
        return "planned";
    }
    fs::path folder;
};

TEST_F(BootPlanTest, FirmwareKernelInitrdAndTreeLieWhereQemuPutsThem) {
    const MachineConfig config{asked()}; // 2 x 128 MiB
    const BootPlan plan =
        plan_boot(config, {raw("bios", 100).string(), raw("kernel", 200), raw("initrd", 300), {}, "quiet"});
    ASSERT_EQ(plan.images.size(), 4u);
    EXPECT_EQ(plan.images[0].first(), PhysAddr{0x8000'0000});
    EXPECT_EQ(plan.images[1].first(), PhysAddr{0x8020'0000});
    EXPECT_EQ(plan.images[2].first(), PhysAddr{0x8020'0000 + (128u << 20)}); // half of all memory behind the kernel
    EXPECT_EQ(plan.images[3].first(), plan.tree);
    EXPECT_EQ(plan.tree, PhysAddr{0x8fe0'0000}); // the last 2 MiB border below the top
    EXPECT_EQ(plan.pc, map::rom.base);
    const std::byte* const tree = plan.images[3].file.data();
    const int chosen = fdt_path_offset(tree, "/chosen");
    EXPECT_STREQ(static_cast<const char*>(fdt_getprop(tree, chosen, "bootargs", nullptr)), "quiet");
    const auto cell = [&](const char* name) { // properties are aligned to 4 bytes only
        fdt64_t value = 0;
        if (const void* p = fdt_getprop(tree, chosen, name, nullptr)) std::memcpy(&value, p, sizeof value);
        return fdt64_to_cpu(value);
    };
    EXPECT_EQ(cell("linux,initrd-start"), plan.images[2].first().value());
    EXPECT_EQ(cell("linux,initrd-end"), plan.images[2].end());
}

TEST_F(BootPlanTest, WithoutFirmwareHartsStartAtTheKernelsEntry) {
    const MachineConfig config{asked()};
    const BootPlan flat = plan_boot(config, {"none", raw("kernel", 200), {}, {}, ""});
    EXPECT_EQ(flat.pc, PhysAddr{0x8000'0000});
    EXPECT_TRUE(flat.rom.empty());
    elf_test::Builder b{{{0x8010'0000, "program"}}};
    b.header.e_entry += 2;
    EXPECT_EQ(plan_boot(config, {"none", file("k.elf", b.file()), {}, {}, ""}).pc, PhysAddr{0x8010'0002});
}

TEST_F(BootPlanTest, TheRomTellsTheFirmwareWhereTheKernelIs) {
    const auto rom = reset_rom(PhysAddr{0x8000'0000}, PhysAddr{0x8fe0'0000}, PhysAddr{0x8020'0000});
    ASSERT_EQ(rom.size(), 24u + 8 * 8);
    std::uint64_t words[8];
    std::memcpy(words, rom.data() + 24, sizeof words);
    const std::uint64_t expected[]{0x8000'0000, 0x8fe0'0000, 0x4942'534f, 2, 0x8020'0000, 1, 0, 0};
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(words[i], expected[i]) << i;
}

TEST_F(BootPlanTest, WhatDoesNotFitIsNamed) {
    const MachineConfig config{asked({"machine.nodes=1", "memory_per_node=16MiB"})};
    const std::string bios = raw("bios", 3 << 20).string(), small = raw("small", 100).string();
    const std::string kernel = (folder / "kernel").string();
    EXPECT_EQ(complaint(config, {bios, raw("kernel", 100), {}, {}, ""}),
              fmt::format(
                  "\"{}\": 0x80000000 to 0x802fffff overlaps \"{}\" at 0x80200000; expected them apart, or more memory",
                  bios, kernel));
    EXPECT_EQ(
        complaint(config, {small, raw("kernel", 15 << 20), {}, {}, ""}),
        fmt::format("\"{}\": 0xf00000 bytes at 0x80200000; expected them in memory, 0x80000000 to 0x80ffffff", kernel));
    const auto low = file("low.elf", elf_test::Builder{{{0x7fff'fffc, "code"}}}.file());
    EXPECT_EQ(complaint(config, {"none", low, {}, {}, ""}),
              fmt::format("\"{}\": 0x4 bytes at 0x7ffffffc; expected them in memory, 0x80000000 to 0x80ffffff",
                          low.string()));
    const auto last = file("last.elf", elf_test::Builder{{{0x80ff'fffd, "code"}}}.file());
    EXPECT_NE(complaint(config, {"none", last, {}, {}, ""}), "planned");
}

TEST_F(BootPlanTest, AUsersTreeReplacesTheMachines) {
    const MachineConfig config{asked()};
    std::vector<std::byte> tree(512);
    ASSERT_EQ(fdt_create_empty_tree(tree.data(), static_cast<int>(tree.size())), 0);
    ASSERT_EQ(fdt_setprop_u32(tree.data(), 0, "mine", 1), 0);
    const BootPlan plan = plan_boot(config, {"none", raw("kernel", 8), {}, file("my.dtb", tree), "a=b"});
    const std::byte* const blob = plan.images.back().file.data();
    EXPECT_NE(fdt_getprop(blob, 0, "mine", nullptr), nullptr);
    EXPECT_STREQ(static_cast<const char*>(fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "bootargs", nullptr)),
                 "a=b");
    EXPECT_LT(fdt_path_offset(blob, "/cpus"), 0);
}

/// A cell array of the generated tree.
std::vector<std::uint32_t> cells(const std::vector<std::byte>& tree, const char* path, const char* name) {
    int length = 0;
    const int node = fdt_path_offset(tree.data(), path);
    const auto* const p = static_cast<const fdt32_t*>(fdt_getprop(tree.data(), node, name, &length));
    std::vector<std::uint32_t> r;
    for (int i = 0; p != nullptr && i < length / 4; ++i) r.push_back(fdt32_to_cpu(p[i]));
    return r;
}

TEST(DeviceTree, NodesHaveHartsMemoryAndDistances) {
    const MachineConfig config{asked({"node[1].hart[0].itlb.entries=6", "node[1].hart[0].itlb.ways=3"})};
    const auto tree = device_tree(config, {});
    ASSERT_EQ(fdt_check_full(tree.data(), tree.size()), 0);
    using Cells = std::vector<std::uint32_t>;
    EXPECT_EQ(cells(tree, "/memory@80000000", "numa-node-id"), Cells{0});
    EXPECT_EQ(cells(tree, "/memory@88000000", "numa-node-id"), Cells{1});
    EXPECT_EQ(cells(tree, "/memory@88000000", "reg"), (Cells{0, 0x8800'0000, 0, 0x0800'0000}));
    EXPECT_EQ(cells(tree, "/distance-map", "distance-matrix"), (Cells{0, 0, 10, 0, 1, 21, 1, 0, 21, 1, 1, 10}));
    EXPECT_EQ(cells(tree, "/cpus/cpu@1", "numa-node-id"), Cells{0});
    EXPECT_EQ(cells(tree, "/cpus/cpu@2", "numa-node-id"), Cells{1});
    EXPECT_EQ(cells(tree, "/cpus/cpu@2", "i-tlb-size"), Cells{6});
    EXPECT_EQ(cells(tree, "/cpus/cpu@2", "i-tlb-sets"), Cells{2});
    EXPECT_EQ(cells(tree, "/cpus", "timebase-frequency"), Cells{10'000'000});
    EXPECT_EQ(cells(tree, "/soc/serial@10000000", "interrupts"), Cells{10});
    EXPECT_EQ(cells(tree, "/soc/virtio_mmio@10008000", "interrupts"), Cells{8});
    EXPECT_EQ(cells(tree, "/soc/plic@c000000", "riscv,ndev"), Cells{96});
    // Contexts 2h and 2h + 1: machine and supervisor external of hart h's own controller.
    const auto contexts = cells(tree, "/soc/plic@c000000", "interrupts-extended");
    ASSERT_EQ(contexts.size(), 4u * 4);
    for (unsigned h = 0; h < 4; ++h) {
        const auto intc = cells(tree, fmt::format("/cpus/cpu@{}/interrupt-controller", h).c_str(), "phandle");
        EXPECT_EQ((Cells{contexts[4 * h], contexts[4 * h + 1]}), (Cells{intc[0], 11})) << h;
        EXPECT_EQ((Cells{contexts[4 * h + 2], contexts[4 * h + 3]}), (Cells{intc[0], 9})) << h;
    }
}

/// The property of a cache: of the hart's own first levels with a prefix.
void expect_cache(const std::vector<std::byte>& tree, const std::string& path, const std::string& prefix,
                  std::uint32_t size, std::uint32_t sets) {
    using Cells = std::vector<std::uint32_t>;
    const auto property = [&](const char* name) { return cells(tree, path.c_str(), (prefix + name).c_str()); };
    EXPECT_EQ(property("cache-size"), Cells{size}) << path;
    EXPECT_EQ(property("cache-sets"), Cells{sets}) << path;
    EXPECT_EQ(property("cache-block-size"), Cells{64}) << path;
}

TEST(DeviceTree, HartsKnowTheirCaches) {
    const MachineConfig config{asked({"l1i.size=8KiB", "node[1].hart[0].l1d.ways=1", "l2.size=32KiB", "llc.size=128KiB",
                                      "node[1].hart[1].l2.present=false"})};
    const auto tree = device_tree(config, {});
    const auto handle = [&](const char* path, const char* name) { return cells(tree, path, name).at(0); };
    for (unsigned h = 0; h < 4; ++h) {
        const std::string hart = fmt::format("/cpus/cpu@{}", h), l2 = hart + "/l2-cache",
                          llc = fmt::format("/l3-cache{}", h / 2);
        expect_cache(tree, hart, "i-", 8 << 10, 64);
        expect_cache(tree, hart, "d-", 4 << 10, h == 2 ? 64 : 32);
        expect_cache(tree, llc, "", 128 << 10, 256);
        EXPECT_EQ(handle(llc.c_str(), "cache-level"), 3u);
        if (h == 3) {
            EXPECT_LT(fdt_path_offset(tree.data(), l2.c_str()), 0);
            EXPECT_EQ(handle(hart.c_str(), "next-level-cache"), handle(llc.c_str(), "phandle"));
            continue;
        }
        expect_cache(tree, l2, "", 32 << 10, 128);
        EXPECT_EQ(handle(l2.c_str(), "cache-level"), 2u);
        EXPECT_EQ(handle(hart.c_str(), "next-level-cache"), handle(l2.c_str(), "phandle"));
        EXPECT_EQ(handle(l2.c_str(), "next-level-cache"), handle(llc.c_str(), "phandle"));
    }
    const auto shared = device_tree(MachineConfig{asked({"l2.present=false"})}, {});
    EXPECT_EQ(cells(shared, "/l2-cache1", "cache-level"), std::vector<std::uint32_t>{2});
}

TEST(DeviceTree, DistancesAreThoseOfTheLinks) {
    const auto tree =
        device_tree(MachineConfig{asked({"machine.nodes=4", "link.topology=ring", "link.distance=15"})}, {});
    const auto matrix = cells(tree, "/distance-map", "distance-matrix");
    ASSERT_EQ(matrix.size(), 3u * 16);
    for (std::size_t i = 0; i < matrix.size(); i += 3) {
        const std::uint32_t apart = (matrix[i] + 4 - matrix[i + 1]) % 4;
        EXPECT_EQ(matrix[i + 2], 10 + 5 * (apart == 3 ? 1 : apart));
    }
}

TEST(DeviceTree, OneNodeHasNoNuma) {
    const auto tree = device_tree(MachineConfig{asked({"machine.nodes=1"})}, {});
    EXPECT_TRUE(cells(tree, "/memory@80000000", "numa-node-id").empty());
    EXPECT_LT(fdt_path_offset(tree.data(), "/distance-map"), 0);
}

TEST(DeviceTree, SaysWhetherDmaIsCoherent) {
    for (const bool coherent : {true, false}) {
        const auto tree =
            device_tree(MachineConfig{asked({coherent ? "dma.coherent=true" : "dma.coherent=false"})}, {});
        const int soc = fdt_path_offset(tree.data(), "/soc");
        EXPECT_EQ(fdt_getprop(tree.data(), soc, "dma-coherent", nullptr) != nullptr, coherent);
        EXPECT_EQ(fdt_getprop(tree.data(), soc, "dma-noncoherent", nullptr) != nullptr, !coherent);
    }
}

TEST(DeviceTree, SameMachineSameBytes) {
    EXPECT_EQ(device_tree(MachineConfig{asked()}, {"x", {}}), device_tree(MachineConfig{asked()}, {"x", {}}));
    EXPECT_NE(device_tree(MachineConfig{asked()}, {}), device_tree(MachineConfig{asked({"sim.seed=2"})}, {}));
}

} // namespace
} // namespace tollgate::machine
