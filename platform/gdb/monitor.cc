#include "gdb/monitor.hh"
#include "abi/page_table.hh"
#include "gdb/packet.hh"
#include <array>
#include <cstring>
#include <fmt/format.h>

namespace tollgate::gdb {
namespace {

using abi::level_shift;
namespace pte = abi::pte;

constexpr std::string_view help = "stats [TEXT]  the counters, or those whose line holds TEXT\n"
                                  "tlb           what the hart's first-level TLBs hold\n"
                                  "walk ADDR     the page-table entries that a translation meets\n";
constexpr unsigned satp_number = 0x180;

std::string flags(std::uint64_t bits) {
    constexpr std::string_view letters = "VRWXUGAD";
    std::string r;
    for (unsigned i = 0; i < letters.size(); ++i) r += (bits >> i & 1) != 0 ? letters[i] : '-';
    return r;
}

std::string size_of(unsigned level) {
    constexpr std::string_view sizes[] = {"4 KiB", "2 MiB", "1 GiB", "512 GiB", "256 TiB"};
    return std::string{level < std::size(sizes) ? sizes[level] : "?"};
}

std::string_view mode_name(std::uint64_t satp) {
    switch (abi::satp::mode(satp)) {
    case abi::satp::bare: return "bare";
    case abi::satp::sv39: return "Sv39";
    case abi::satp::sv48: return "Sv48";
    case abi::satp::sv57: return "Sv57";
    default: return "unknown";
    }
}

std::string stats(std::string_view text, const std::function<std::string()>& statistics) {
    const std::string all = statistics();
    std::string r;
    for (std::string_view rest = all; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
        const std::string_view line = rest.substr(0, end);
        if (line.find(text) != line.npos) r += line;
        rest.remove_prefix(end);
    }
    return r.empty() ? fmt::format("no counter has \"{}\" in its line\n", text) : r;
}

std::string entries(std::string_view name, const mmu::Tlb& tlb) {
    std::string r = fmt::format("{}: {} of {} entries\n", name, tlb.live(), tlb.entries());
    for (const mmu::TlbEntry& e : tlb.all()) {
        if (!e.valid) continue;
        const std::string space = mmu::key::is_global(e.key) ? "global" : fmt::format("asid {}", mmu::key::asid(e.key));
        r += fmt::format("  {:#018x} -> {:#014x}  {:<7}  {}  {}\n", e.base.value(), e.ppn << page_shift,
                         size_of(e.level), flags(e.pte_bits), space);
    }
    return r;
}

std::string tlb(const cpu::Hart& hart) {
    std::string r = hart.config().timed ? "" : "functional mode translates without TLBs\n";
    return r + entries("itlb", hart.mmu().itlb()) + entries("dtlb", hart.mmu().dtlb());
}

/// Priv §4.3.2, with the reads of a debugger: no permission is asked for, nothing is changed.
std::string walk(cpu::Hart& hart, std::uint64_t va) {
    const std::uint64_t satp = hart.peek_csr(satp_number).value_or(0);
    const unsigned levels = abi::satp::levels(satp);
    std::string r = fmt::format("satp {:#018x}: {}, asid {}, root {:#x}\n", satp, mode_name(satp),
                                abi::satp::asid(satp), abi::satp::ppn(satp) << page_shift);
    if (hart.privilege() == abi::Privilege::machine)
        r += "machine mode translates nothing; a walk below it would be:\n";
    if (levels == 0) return r + fmt::format("{:#x} is a physical address\n", va);
    if (!mmu::canonical(VirtAddr{va}, levels)) return r + fmt::format("{:#x} is not canonical: page fault\n", va);
    std::uint64_t table = abi::satp::ppn(satp) << page_shift;
    for (unsigned level = levels; level-- > 0;) {
        const std::uint64_t index = va >> level_shift(level) & ((1u << pte::index_bits) - 1);
        std::array<std::byte, 8> bytes;
        const bool read = hart.peek_memory(PhysAddr{table + 8 * index}, bytes);
        r += fmt::format("level {}: entry {:#5x} at {:#014x}: ", level, index, table + 8 * index);
        if (!read) return r + "no memory there: access fault\n";
        std::uint64_t entry;
        std::memcpy(&entry, bytes.data(), sizeof entry);
        const std::uint64_t next = pte::ppn(entry) << page_shift;
        r += fmt::format("{:#018x} {} {:#x}\n", entry, flags(entry), next);
        const bool reserved_form = (entry & pte::write) != 0 && (entry & pte::read) == 0;
        if ((entry & pte::valid) == 0 || reserved_form || (entry & (pte::reserved | pte::napot)) != 0)
            return r + (((entry & pte::valid) == 0) ? "not valid: page fault\n" : "reserved bits: page fault\n");
        if (pte::is_leaf(entry)) {
            const std::uint64_t inside = (1ull << level_shift(level)) - 1;
            if ((next & inside) != 0) return r + "misaligned superpage: page fault\n";
            return r + fmt::format("{:#x} -> {:#x}, page of {}\n", va, next | (va & inside), size_of(level));
        }
        table = next;
    }
    return r + "no leaf at the last level: page fault\n";
}

} // namespace

std::string monitor(cpu::Hart& hart, std::string_view command, const std::function<std::string()>& statistics) {
    while (command.ends_with(' ')) command.remove_suffix(1);
    const std::size_t blank = std::min(command.find(' '), command.size());
    const std::string_view name = command.substr(0, blank);
    std::string_view argument = command.substr(blank);
    while (argument.starts_with(' ')) argument.remove_prefix(1);
    if (name == "stats") return stats(argument, statistics);
    if (name == "tlb" && argument.empty()) return tlb(hart);
    if (name == "walk") {
        if (argument.starts_with("0x")) argument.remove_prefix(2);
        const auto va = take_hex(argument);
        if (va && argument.empty()) return walk(hart, *va);
        return "walk: expected an address in hexadecimal\n";
    }
    if (name == "help" || name.empty()) return std::string{help};
    return fmt::format("no such command; there are\n{}", help);
}

} // namespace tollgate::gdb
