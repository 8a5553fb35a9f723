// Writes docs/reference from the descriptors in the sources, or checks that the pages there are fresh.
//
//   tollgate_reference DIR           write the pages
//   tollgate_reference --check DIR   exit 1 and name the pages that differ
#include "abi/clint_regs.hh"
#include "abi/finisher_regs.hh"
#include "abi/plic_regs.hh"
#include "abi/rtc_regs.hh"
#include "abi/uart_regs.hh"
#include "abi/virtio_mmio_regs.hh"
#include "config/presets.hh"
#include "cpu/cause.hh"
#include "cpu/hart_counters.hh"
#include "machine/machine_config.hh"
#include "mmu/counters.hh"
#include "report/reference.hh"
#include "report/run_directory.hh"
#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace {

using namespace tollgate;

struct Page {
    std::string file;
    std::string text;
};

/// The default machine's counters, one instance of each.
report::ReferenceTable counters() {
    const cpu::HartCounters counters;
    const std::array<std::uint64_t, cpu::causes> slots{};
    std::vector<report::Row> causes;
    for (const cpu::CauseText& c : cpu::cause_texts) causes.push_back({c.name, c.text});
    const mmu::TlbCounters itlb, dtlb;
    const mmu::L2TlbCounters l2tlb;
    const mmu::WalkerCounters walker;
    report::StatTree tree;
    const std::string hart = "node[0].hart[0]";
    tree.add(hart, counters);
    tree.add_table(hart + ".slots", "slots", causes, slots);
    tree.add(hart + ".itlb", itlb);
    tree.add(hart + ".dtlb", dtlb);
    tree.add(hart + ".l2tlb", l2tlb);
    tree.add(hart + ".walker", walker);
    return report::counter_table(tree);
}

std::string_view access_name(abi::Access a) {
    switch (a) {
    case abi::Access::rw: return "read, write";
    case abi::Access::ro: return "read";
    case abi::Access::wo: return "write";
    case abi::Access::w1c: return "read, write 1 to clear";
    }
    return "";
}

template <class Map> void add_registers(report::ReferenceTable& t, const std::string& device) {
    Map::for_each([&](auto r) {
        using R = decltype(r);
        const std::string array = R::count > 1 ? fmt::format("{} every {} B", R::count, R::stride) : "1";
        t.rows.push_back({device, fmt::format("`{}`", R::name), fmt::format("0x{:x}", R::offset), array,
                          std::to_string(8 * sizeof(typename R::value_type)), std::string{access_name(R::access)},
                          fmt::format("0x{:x}", R::reset)});
    });
}

report::ReferenceTable registers() {
    report::ReferenceTable t{
        "Device registers",
        "What software sees of the devices, from `models/abi`; models and drivers derive from the same "
        "lines. Offsets count from the device's place in the memory map.",
        {"device", "register", "offset", "how many", "bits", "access", "reset"},
        {}};
    add_registers<abi::finisher::Map>(t, "finisher");
    add_registers<abi::rtc::Map>(t, "clock");
    add_registers<abi::clint::Map>(t, "CLINT");
    add_registers<abi::clint::SswiMap>(t, "ACLINT SSWI");
    add_registers<abi::plic::Map>(t, "PLIC");
    add_registers<abi::uart::Map>(t, "UART");
    add_registers<abi::uart::DivisorMap>(t, "UART, LCR.DLAB set");
    add_registers<abi::virtio_mmio::Map>(t, "virtio-mmio");
    return t;
}

std::vector<Page> pages() {
    config::Assignments server;
    server.add_preset(config::default_preset);
    const machine::MachineConfig machine{server};
    return {
        {"parameters.md", report::markdown(report::parameter_table(machine.tree()))},
        {"counters.md", report::markdown(counters())},
        {"registers.md", report::markdown(registers())},
    };
}

std::string content(const std::filesystem::path& file) {
    std::stringstream s;
    s << std::ifstream(file, std::ios::binary).rdbuf();
    return s.str();
}

int check(const std::filesystem::path& folder) {
    int stale = 0;
    for (const Page& p : pages()) {
        if (content(folder / p.file) == p.text) continue;
        fmt::print("docs/reference/{}: not what the sources say; run `ninja reference`\n", p.file);
        ++stale;
    }
    return stale > 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
    const bool checking = argc == 3 && std::string_view{argv[1]} == "--check";
    if (argc != 2 && !checking) {
        fmt::print(stderr, "usage: tollgate_reference [--check] DIR\n");
        return 2;
    }
    if (checking) return check(argv[2]);
    const auto folder = report::RunDirectory::create("reference", argv[1], false);
    for (const Page& p : pages()) folder.write(p.file, p.text);
    return 0;
}
