// The disassembler against GNU objdump: the text of random operands of every row, of random words, of all 16-bit words.
// Words go through the assembler's .insn, so that they count as code.
#include "cpu/isa/table.hh"

#include "base/random.hh"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace tollgate;
using namespace tollgate::cpu::isa;

namespace {

constexpr Extensions everything = Extensions::all();

struct Line {
    std::uint64_t pc;
    std::uint32_t word;
    std::string text; // without comment and symbol, targets as 0x...
};

/// objdump's text in the form that disassemble() has.
std::string normalised(std::string text) {
    if (const auto comment = text.find(" #"); comment != text.npos) text.resize(comment);
    if (const auto symbol = text.find(" <"); symbol != text.npos) {
        text.resize(symbol);
        text.insert(text.find_last_of("\t,") + 1, "0x");
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
    return text;
}

/// objdump's view of `words`, or nothing if the tools are not installed.
std::optional<std::vector<Line>> objdump(const std::vector<std::uint32_t>& words) {
    if (std::system("riscv64-linux-gnu-objdump --version >/dev/null 2>&1") != 0) return {};
    if (std::system("riscv64-linux-gnu-as --version >/dev/null 2>&1") != 0) return {};
    std::string folder = (std::filesystem::temp_directory_path() / "tollgate-objdump-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder " + folder);
    {
        std::ofstream source(folder + "/words.s");
        for (const std::uint32_t w : words) source << fmt::format(".insn {}, {:#x}\n", (w & 3) == 3 ? 4 : 2, w);
    }
    const std::string command = fmt::format(
        "cd {} && riscv64-linux-gnu-as -march=rv64gc_zba_zbb_zbs_zicbom_zicboz_zihintpause_svinval -o words.o words.s"
        " && riscv64-linux-gnu-objdump -d -z -M no-aliases words.o > words.txt",
        folder);
    const int status = std::system(command.c_str());
    std::vector<Line> lines;
    std::ifstream listing(folder + "/words.txt");
    for (std::string s; std::getline(listing, s);) {
        unsigned long long pc;
        unsigned word;
        int end = 0;
        if (std::sscanf(s.c_str(), " %llx: %x %n", &pc, &word, &end) != 2 || end == 0) continue;
        lines.push_back({pc, word, normalised(s.substr(static_cast<std::size_t>(end)))});
    }
    std::filesystem::remove_all(folder);
    if (status != 0) throw std::runtime_error("assembler or objdump failed: " + command);
    return lines;
}

bool unknown(std::string_view text) { return text.starts_with('.') || text.empty(); }

/// Why objdump and we may differ on a word; empty if we may not.
std::string_view known_difference(const Insn& i, std::string_view ours, std::string_view theirs) {
    const auto same_operands = [&] { return ours.substr(ours.find('\t')) == theirs.substr(theirs.find('\t')); };
    if (i.op == Op::marker_begin && theirs.starts_with("slti\t") && same_operands())
        return "slti to x0 is our phase marker";
    if (i.op == Op::marker_end && theirs.starts_with("sltiu\t") && same_operands())
        return "sltiu to x0 is our phase marker";
    if (i.op == Op::fence && unknown(theirs) && (i.raw & 0xf00f8f80) != 0)
        return "reserved fields of fence are ignored (Unpriv §2.7)";
    if (i.op == Op::fence_i && unknown(theirs) && (i.raw & 0xffff8f80) != 0)
        return "reserved fields of fence.i are ignored (Unpriv §3)";
    if ((i.op == Op::fcvt_d_w || i.op == Op::fcvt_d_wu || i.op == Op::fcvt_d_s) && unknown(theirs) && i.rm != 0)
        return "objdump knows exact conversions with rm = rne only";
    if (theirs == "c.addi16sp\tsp,0" && i.op == Op::illegal) return "reserved (Unpriv §16.5), which objdump overlooks";
    if (theirs == "c.unimp" && i.op == Op::illegal && i.raw == 0) return "objdump names the all-zero halfword";
    if (i.length == 2 && theirs.starts_with("c.s") && theirs.find("64\t") != theirs.npos && i.imm == 0)
        return "objdump prints shifts by 0 by their names in RV128";
    if (i.op < Op::illegal && (row(i.op).format == Format::Csr || row(i.op).format == Format::CsrImm)) {
        const auto number = static_cast<std::uint32_t>(i.imm);
        const auto mnemonic_and_rd = ours.substr(0, ours.find(','));
        const auto source = ours.substr(ours.rfind(','));
        if (csr_name(number).empty() && theirs.starts_with(mnemonic_and_rd) && theirs.ends_with(source))
            return "objdump names CSRs that the model has no name for";
    }
    return {};
}

void compare(const std::vector<std::uint32_t>& words) {
    const auto listing = objdump(words);
    if (!listing) GTEST_SKIP() << "riscv64-linux-gnu binutils are not installed";
    ASSERT_EQ(listing->size(), words.size());
    std::map<std::string_view, std::size_t> excused;
    int shown = 0;
    for (std::size_t n = 0; n < words.size() && shown < 40; ++n) {
        const Line& theirs = (*listing)[n];
        ASSERT_EQ(theirs.word, words[n]);
        const Insn i = decode(theirs.word, everything);
        const std::string ours = disassemble(i, theirs.pc);
        if (unknown(ours) && unknown(theirs.text)) continue;
        if (ours == theirs.text) continue;
        const std::string_view why = known_difference(i, ours, theirs.text);
        if (why.empty()) {
            ADD_FAILURE() << fmt::format("{:#010x}: ours '{}', objdump '{}'", theirs.word, ours, theirs.text);
            ++shown;
        } else
            ++excused[why];
    }
    for (const auto& [why, count] : excused)
        std::printf("%zu of %zu: %s\n", count, words.size(), std::string(why).c_str());
}

TEST(IsaObjdump, RandomOperandsOfEveryRow) {
    Random random(11);
    std::vector<std::uint32_t> words;
    for (const Row& r : rows())
        for (int n = 0; n < 30; ++n)
            words.push_back(r.encoding.match | (static_cast<std::uint32_t>(random.next()) & ~r.encoding.mask));
    compare(words);
}

TEST(IsaObjdump, RandomWords) {
    Random random(12);
    std::vector<std::uint32_t> words;
    for (int n = 0; n < 20'000; ++n) {
        const auto word = static_cast<std::uint32_t>(random.next()) | 3;
        if ((word & 0x1c) != 0x1c) words.push_back(word); // longer encodings are none of ours
    }
    compare(words);
}

TEST(IsaObjdump, AllCompressedWords) {
    std::vector<std::uint32_t> words;
    for (std::uint32_t word = 0; word < 0x10000; ++word)
        if ((word & 3) != 3) words.push_back(word);
    compare(words);
}

} // namespace
