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
#include "bus/link.hh"
#include "cache/directory.hh"
#include "config/presets.hh"
#include "cpu/cause.hh"
#include "cpu/csr.hh"
#include "cpu/hart_counters.hh"
#include "cpu/hart_events.hh"
#include "cpu/isa/table.hh"
#include "cpu/line_events.hh"
#include "machine/machine_config.hh"
#include "machine/memory_events.hh"
#include "mem/constraints.hh"
#include "mem/dram_counters.hh"
#include "mem/dram_events.hh"
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
    const cache::CacheTotals totals;
    const cache::CacheCounters cache;
    for (const char* at : {"node[0].hart[0].l1i", "node[0].hart[0].l1d", "node[0].hart[0].l2", "node[0].llc"}) {
        tree.add(at, totals);
        tree.add(at, cache);
    }
    const cache::DirectoryCounters directory;
    const bus::CrossbarCounters crossbar;
    const mem::DramCounters dram;
    const bus::LinkCounters link;
    tree.add("node[0].directory", directory);
    tree.add("node[0].crossbar", crossbar);
    tree.add("node[0].dram[0]", dram);
    tree.add("node[0].link[1]", link);
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

/// The bits as the manual prints them: '.' where an operand stands.
std::string pattern(std::uint32_t match, std::uint32_t mask, unsigned bits) {
    std::string r;
    for (unsigned b = bits; b-- > 0;) r += (mask >> b & 1) == 0 ? '.' : (match >> b & 1) == 0 ? '0' : '1';
    return r;
}

report::ReferenceTable instructions() {
    report::ReferenceTable t{
        "Instructions",
        "Every instruction that the harts decode, from the rows of `models/cpu/isa`; `hart.isa` says which "
        "extensions a machine has. The last rows are the 16-bit forms.",
        {"instruction", "extension", "bits, the highest first"},
        {}};
    for (const cpu::isa::Row& r : cpu::isa::rows())
        t.rows.push_back({fmt::format("`{}`", std::string_view{r.mnemonic}), std::string{cpu::isa::name(r.extension)},
                          fmt::format("`{}`", pattern(r.encoding.match, r.encoding.mask, 32))});
    for (const cpu::isa::CompressedRow& r : cpu::isa::compressed_rows())
        t.rows.push_back({fmt::format("`{}`", std::string_view{r.mnemonic}), "c",
                          fmt::format("`{}`", pattern(r.encoding.match, r.encoding.mask, 16))});
    return t;
}

report::ReferenceTable csrs() {
    report::ReferenceTable t{
        "Control and status registers",
        "Every CSR of a hart, from `models/cpu/csr_rows.inc`. A row may stand for several with consecutive "
        "numbers.",
        {"number", "register", "how many", "access", "section"},
        {}};
    const cpu::CsrRow* last = nullptr; // consecutive numbers share a row
    for (const cpu::CsrRow* r : cpu::csr_table()) {
        if (r != nullptr && r != last)
            t.rows.push_back({fmt::format("0x{:03x}", r->number), fmt::format("`{}`", r->name),
                              std::to_string(r->count), r->write != nullptr ? "read, write" : "read",
                              std::string{r->citation}});
        last = r;
    }
    return t;
}

std::string_view level_name(mem::Level level) {
    switch (level) {
    case mem::Level::bank: return "bank";
    case mem::Level::bank_group: return "bank group";
    case mem::Level::rank: return "rank";
    case mem::Level::channel: return "two ranks";
    }
    return "";
}

std::string command_list(const mem::CommandSet& set) {
    std::string r;
    for (unsigned c = 0; c < mem::commands; ++c)
        if (set.has(static_cast<mem::Command>(c)))
            r += fmt::format("{}{}", r.empty() ? "" : " ", mem::command_names[c]);
    return r;
}

/// Clocks of both speed bins side by side.
report::ReferenceTable dram_constraints() {
    report::ReferenceTable t{
        "Constraints of DRAM",
        "How many clocks must lie between two commands of a DDR4 channel, from the rows of "
        "`models/mem/constraints.cc`, for both speed bins; `dram.timing` changes single times. A row without a section "
        "is the board's. `4 x ACT` is the fourth last activate.",
        {"in the same", "after", "not before", "clocks", "DDR4-2400", "DDR4-3200", "section"},
        {}};
    mem::DramParams fast;
    fast.speed = mem::DramSpeed::ddr4_3200;
    const auto slow_rows = mem::constraints(mem::dram_timing({}, {}));
    const auto fast_rows = mem::constraints(mem::dram_timing(fast, {}));
    for (std::size_t i = 0; i < slow_rows.size(); ++i) {
        const mem::Constraint& r = slow_rows[i];
        const std::string after = command_list(r.preceding);
        t.rows.push_back({std::string{level_name(r.level)}, r.nth > 1 ? fmt::format("{} x {}", r.nth, after) : after,
                          command_list(r.following), std::string{r.rule}, std::to_string(r.clocks),
                          std::to_string(fast_rows[i].clocks), std::string{r.section}});
    }
    return t;
}

/// Fields and the values that have names.
report::ReferenceTable events() {
    report::ReferenceTable t{
        "Events of the timeline",
        "What `--trace` writes to `timeline.perfetto-trace.gz` and `events.csv.gz`, from the descriptors of the "
        "models; "
        "[timeline.md](../timeline.md) says how. An event's first row is the event, the rows below are its fields.",
        {"class", "event", "field", "what", "values"},
        {}};
    for (const EventType* e :
         {&event_type<cpu::Asleep>, &event_type<cpu::Phase>, &event_type<cpu::LoneMarker>,
          &event_type<cpu::ExceptionTaken>, &event_type<cpu::InterruptTaken>, &event_type<cpu::TlbRefill>,
          &event_type<cpu::LineMiss>, &event_type<cpu::DeviceAccess>, &event_type<machine::HomeRequest>,
          &event_type<machine::Intervention>, &event_type<machine::Invalidation>, &event_type<machine::WriteBack>,
          &event_type<mem::DramRead>, &event_type<mem::DramCommand>, &event_type<bus::LinkMessage>,
          &event_type<machine::DmaBurst>}) {
        t.rows.push_back({std::string{Choice<EventClass>::names[static_cast<std::size_t>(e->event_class)]},
                          fmt::format("`{}`", e->name), "", std::string{e->text} + ".", ""});
        for (const EventField& f : e->fields()) {
            std::string values = f.radix == Radix::hex ? "hexadecimal" : "";
            for (const std::string_view name : f.names)
                if (!name.starts_with("reserved")) values += fmt::format("{}`{}`", values.empty() ? "" : " ", name);
            t.rows.push_back({"", "", fmt::format("`{}`", f.name), std::string{f.text}, values});
        }
    }
    return t;
}

std::vector<Page> pages() {
    config::Assignments server;
    server.add_preset(config::default_preset);
    const machine::MachineConfig machine{server};
    return {
        {"parameters.md", report::markdown(report::parameter_table(machine.tree()))},
        {"counters.md", report::markdown(counters())},
        {"instructions.md", report::markdown(instructions())},
        {"csrs.md", report::markdown(csrs())},
        {"registers.md", report::markdown(registers())},
        {"dram.md", report::markdown(dram_constraints())},
        {"events.md", report::markdown(events())},
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

// SystemC comes with the models, and with it its own way in.
int sc_main(int, char**) { return 0; }

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
