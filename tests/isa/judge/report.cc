#include "judge/report.hh"
#include "generator/harness.hh"
#include <fmt/format.h>
#include <set>

namespace tollgate::judge {
namespace {

const char* csr_name(std::uint32_t csr) {
    switch (csr) {
    case 0x300: return "mstatus";
    case 0x302: return "medeleg";
    case 0x303: return "mideleg";
    case 0x304: return "mie";
    case 0x344: return "mip";
    case 0x141: return "sepc";
    case 0x142: return "scause";
    case 0x143: return "stval";
    case 0x140: return "sscratch";
    case 0x105: return "stvec";
    case 0x180: return "satp";
    case 0x106: return "scounteren";
    case 0x306: return "mcounteren";
    case 0x30a: return "menvcfg";
    case 0x3a0: return "pmpcfg0";
    case 0x3a2: return "pmpcfg2";
    case 0x301: return "misa";
    case 0x003: return "fcsr";
    default: return "?";
    }
}

std::uint64_t value(const Answer& a, std::uint64_t address) {
    const auto at = a.words.find(address);
    return at == a.words.end() ? 0 : at->second;
}

std::string record_text(const Answer& a, std::uint64_t record, const Program& program) {
    std::string text;
    for (unsigned n = 0; n < record_words; ++n)
        text += fmt::format("{}{}={:x}", n == 0 ? "" : " ", record_names[n], value(a, record + 8 * n));
    return text + block_name(program, value(a, record + 8));
}

/// The page-table entries that a walk for `va` meets, as they are at the end of the program.
std::string walk_text(const Answer& a, std::uint64_t satp, std::uint64_t va) {
    if (satp >> 60 < 8) return "";
    std::string text = "  entries for " + fmt::format("{:x}:", va);
    std::uint64_t table = (satp & ((1ull << 44) - 1)) << 12;
    for (auto level = static_cast<int>((satp >> 60) - 6); level >= 0; --level) {
        const std::uint64_t entry = value(a, table + (va >> (12 + 9 * level) & 511) * 8);
        text += fmt::format(" {:x}", entry);
        if ((entry & 0xf) != 1) break;
        table = entry >> 10 << 12;
    }
    return text + "\n";
}

/// The trap that the supervisor saw when its stub only handed it on, else the machine's.
std::uint64_t trapping_address(const Answer& a, std::uint64_t record) {
    const std::uint64_t pc = value(a, record + 8);
    return pc % code_size < 0x200 && value(a, record) == 9 ? value(a, record + 56) : value(a, record + 16);
}

} // namespace

std::string word_name(std::uint64_t address) {
    const std::uint64_t n = (address - result_area) / 8;
    if (address >= result_area && n < result_words) {
        if (n < 32) return fmt::format("x{}", n);
        if (n < 64) return fmt::format("f{}", n - 32);
        if (n < 64 + result_csrs.size()) return csr_name(result_csrs[n - 64]);
        if (n < result_words - 1) return fmt::format("pmpaddr{}", n - 64 - result_csrs.size());
        return "number of traps";
    }
    if (address >= trace_area && address < storage_base) {
        const std::uint64_t word = (address - trace_area) / 8;
        return fmt::format("trap {} {}", word / record_words, record_names[word % record_words]);
    }
    if (address >= data_base && address < arena_end)
        return fmt::format("data page {} +{:03x}", (address - data_base) / page_size, address % page_size);
    if (address >= table_base && address < data_base)
        return fmt::format("page table {} entry {}", (address - table_base) / page_size, address % page_size / 8);
    return fmt::format("{:x}", address);
}

std::string block_name(const Program& program, std::uint64_t address) {
    // The code window keeps its low bits under every translation.
    const std::uint64_t offset = address % code_size;
    for (unsigned n = static_cast<unsigned>(program.blocks.size()); n-- > 0;)
        if (program.blocks[n].offset <= offset && offset < program.code.size())
            return fmt::format(" (code +{:x}, block {}: {})", offset, n, program.blocks[n].name);
    return "";
}

std::string difference(const Program& program, const Answer& a, const std::string& name_a, const Answer& b,
                       const std::string& name_b, unsigned most) {
    std::string text;
    std::set<std::uint64_t> addresses;
    for (const auto* answer : {&a, &b}) {
        if (!answer->trouble.empty()) text += fmt::format("{}: {}\n", answer == &a ? name_a : name_b, answer->trouble);
        for (const auto& [address, word] : answer->words)
            if (value(a, address) != value(b, address)) addresses.insert(address);
    }
    const auto first = addresses.lower_bound(trace_area);
    if (first != addresses.end() && *first < storage_base) {
        constexpr unsigned size = 8 * record_words;
        const std::uint64_t number = (*first - trace_area) / size, record = trace_area + number * size;
        if (number > 0) text += fmt::format("last equal trap:\n  {}\n", record_text(a, record - size, program));
        text += fmt::format("first trap that differs, number {}:\n  {}: {}\n  {}: {}\n", number, name_a,
                            record_text(a, record, program), name_b, record_text(b, record, program));
        for (const Answer* answer : {&a, &b})
            if (const std::uint64_t va = trapping_address(*answer, record); va != 0)
                text += walk_text(*answer, value(*answer, record + 72), va);
    }
    unsigned shown = 0;
    for (std::uint64_t address : addresses) {
        if (shown++ == most) {
            text += fmt::format("  ... {} words in all\n", addresses.size());
            break;
        }
        text += fmt::format("  {}: {} {:016x}, {} {:016x}\n", word_name(address), name_a, value(a, address), name_b,
                            value(b, address));
    }
    return text;
}

} // namespace tollgate::judge
