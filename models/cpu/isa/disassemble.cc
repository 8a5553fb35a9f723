#include "cpu/isa/table.hh"

#include <array>
#include <fmt/format.h>

namespace tollgate::cpu::isa {
namespace {

constexpr std::array<std::string_view, 32> x_names = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<std::string_view, 32> f_names = {
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

struct CsrName {
    char text[16] = {};
    std::uint8_t size = 0;
};
consteval std::array<CsrName, 4096> make_csr_names() {
    std::array<CsrName, 4096> names;
    const auto put = [&names](std::uint32_t number, std::string_view prefix, int index) {
        CsrName& n = names[number];
        for (const char ch : prefix) n.text[n.size++] = ch;
        if (index >= 10) n.text[n.size++] = static_cast<char>('0' + index / 10);
        if (index >= 0) n.text[n.size++] = static_cast<char>('0' + index % 10);
    };
    const auto put_all = [&put](std::uint32_t number, int count, std::string_view prefix) {
        const int first = count == 29 ? 3 : 0; // counters 0 to 2 have names of their own
        for (int i = 0; i < count; ++i)
            put(number + static_cast<std::uint32_t>(i), prefix, count == 1 ? -1 : first + i);
    };
#define CSR(number, name, ...) put_all(number, 1, #name);
#define CSR_BANK(number, count, name, ...) put_all(number, count, #name);
#define CSR_ARRAY CSR_BANK
#include "cpu/csr_rows.inc"
#undef CSR_ARRAY
#undef CSR_BANK
#undef CSR
    return names;
}
constexpr auto csr_names = make_csr_names();

constexpr std::string_view rounding_modes[] = {"rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", "dyn"};
constexpr std::string_view orderings[] = {"", ".rl", ".aq", ".aqrl"};

std::string upper_immediate(std::int32_t imm) { return fmt::format("{:#x}", static_cast<std::uint32_t>(imm) >> 12); }

/// A set of the fence's I, O, R, W, as bits 3 to 0.
std::string fence_set(std::uint32_t set) {
    if (set == 0) return "unknown";
    std::string text;
    for (int bit = 3; bit >= 0; --bit)
        if (set >> bit & 1) text += "wroi"[bit];
    return text;
}

/// The rounding mode as a last operand; the one that assemblers put when none is written is left out: dynamic, or rne
/// in conversions that are always exact.
std::string rounding_operand(const Insn& i) {
    const bool exact = i.op == Op::fcvt_d_w || i.op == Op::fcvt_d_wu || i.op == Op::fcvt_d_s;
    return i.rm == (exact ? 0 : 7) ? std::string() : fmt::format(",{}", rounding_modes[i.rm & 7]);
}

/// Operands of a 32-bit form.
std::string operand_text(const Insn& i, Format format, std::uint64_t pc) {
    const auto target = [&] { return fmt::format("{:#x}", pc + static_cast<std::uint64_t>(std::int64_t{i.imm})); };
    const auto rm = [&] { return rounding_operand(i); };
    const auto rd = x_name(i.rd), rs1 = x_name(i.rs1), rs2 = x_name(i.rs2);
    const auto fd = f_name(i.rd), fs1 = f_name(i.rs1), fs2 = f_name(i.rs2), fs3 = f_name(i.rs3);
    const auto csr = [&] {
        const std::string_view known = csr_name(static_cast<std::uint32_t>(i.imm));
        return known.empty() ? fmt::format("{:#x}", i.imm) : std::string(known);
    };
    switch (format) {
    case Format::none: return {};
    case Format::R: return fmt::format("{},{},{}", rd, rs1, rs2);
    case Format::I: return fmt::format("{},{},{}", rd, rs1, i.imm);
    case Format::Shift:
    case Format::ShiftW: return fmt::format("{},{},{:#x}", rd, rs1, i.imm);
    case Format::Unary: return fmt::format("{},{}", rd, rs1);
    case Format::Load:
    case Format::Jalr: return fmt::format("{},{}({})", rd, i.imm, rs1);
    case Format::Store: return fmt::format("{},{}({})", rs2, i.imm, rs1);
    case Format::B: return fmt::format("{},{},{}", rs1, rs2, target());
    case Format::U: return fmt::format("{},{}", rd, upper_immediate(i.imm));
    case Format::J: return fmt::format("{},{}", rd, target());
    case Format::Amo: return fmt::format("{},{},({})", rd, rs2, rs1);
    case Format::Lr: return fmt::format("{},({})", rd, rs1);
    case Format::Csr: return fmt::format("{},{},{}", rd, csr(), rs1);
    case Format::CsrImm: return fmt::format("{},{},{}", rd, csr(), i.rs1);
    case Format::Fence:
        return fmt::format("{},{}", fence_set(static_cast<std::uint32_t>(i.imm) >> 4), fence_set(i.imm & 15));
    case Format::Sfence: return fmt::format("{},{}", rs1, rs2);
    case Format::Cbo: return fmt::format("({})", rs1);
    case Format::FLoad: return fmt::format("{},{}({})", fd, i.imm, rs1);
    case Format::FStore: return fmt::format("{},{}({})", fs2, i.imm, rs1);
    case Format::FR: return fmt::format("{},{},{}", fd, fs1, fs2);
    case Format::FRrm: return fmt::format("{},{},{}{}", fd, fs1, fs2, rm());
    case Format::FR4: return fmt::format("{},{},{},{}{}", fd, fs1, fs2, fs3, rm());
    case Format::FUnaryRm: return fmt::format("{},{}{}", fd, fs1, rm());
    case Format::FCmp: return fmt::format("{},{},{}", rd, fs1, fs2);
    case Format::FToX: return fmt::format("{},{}", rd, fs1);
    case Format::FToXrm: return fmt::format("{},{}{}", rd, fs1, rm());
    case Format::XToF: return fmt::format("{},{}", fd, rs1);
    case Format::XToFrm: return fmt::format("{},{}{}", fd, rs1, rm());
    }
    return {};
}

/// Operands of a 16-bit form; `f_register` if its data register is one of floating point.
std::string operand_text(const Insn& i, CFormat format, bool f_register, std::uint64_t pc) {
    const auto target = [&] { return fmt::format("{:#x}", pc + static_cast<std::uint64_t>(std::int64_t{i.imm})); };
    const auto rs1 = x_name(i.rs1), rs2 = x_name(i.rs2);
    const auto rd = f_register ? f_name(i.rd) : x_name(i.rd);
    const auto data = f_register ? f_name(i.rs2) : rs2;
    switch (format) {
    case CFormat::CNone: return {};
    case CFormat::CIW:
    case CFormat::CAddi16sp:
        return format == CFormat::CIW ? fmt::format("{},{},{}", rd, rs1, i.imm) : fmt::format("{},{}", rd, i.imm);
    case CFormat::CLw:
    case CFormat::CLd:
    case CFormat::CLwsp:
    case CFormat::CLdsp: return fmt::format("{},{}({})", rd, i.imm, rs1);
    case CFormat::CSw:
    case CFormat::CSd:
    case CFormat::CSwsp:
    case CFormat::CSdsp: return fmt::format("{},{}({})", data, i.imm, rs1);
    case CFormat::CI:
    case CFormat::CLi:
    case CFormat::CAndi: return fmt::format("{},{}", rd, i.imm);
    case CFormat::CLui: return fmt::format("{},{}", rd, upper_immediate(i.imm));
    case CFormat::CShift:
    case CFormat::CShiftP: return fmt::format("{},{:#x}", rd, i.imm);
    case CFormat::CA:
    case CFormat::CMv:
    case CFormat::CAdd: return fmt::format("{},{}", rd, rs2);
    case CFormat::CJ: return target();
    case CFormat::CB: return fmt::format("{},{}", rs1, target());
    case CFormat::CJr:
    case CFormat::CJalr: return std::string(rs1);
    }
    return {};
}

std::string joined(std::string_view mnemonic, std::string_view operand_list) {
    return operand_list.empty() ? std::string(mnemonic) : fmt::format("{}\t{}", mnemonic, operand_list);
}

} // namespace

std::string_view x_name(std::uint8_t index) { return x_names[index & 31]; }
std::string_view f_name(std::uint8_t index) { return f_names[index & 31]; }

std::string_view csr_name(std::uint32_t number) {
    const CsrName& n = csr_names[number & 4095];
    return {n.text, n.size};
}

std::string disassemble(const Insn& i, std::uint64_t pc) {
    if (i.op >= Op::illegal)
        return i.length == 2 ? fmt::format(".short\t{:#06x}", i.raw) : fmt::format(".word\t{:#010x}", i.raw);
    const Row& r = row(i.op);
    if (i.length == 2) {
        const CompressedRow& c = *compressed_row(i.raw);
        const Operands o = operands(r.format);
        return joined(c.mnemonic, operand_text(i, c.format, o.rd == 2 || o.rs2 == 2, pc));
    }
    if (i.op == Op::fence && i.raw == 0x8330000f) return "fence.tso"; // fm = TSO, fence rw, rw (Unpriv §2.7)
    std::string mnemonic(r.mnemonic);
    if (r.format == Format::Amo || r.format == Format::Lr) mnemonic += orderings[i.rm & 3];
    return joined(mnemonic, operand_text(i, r.format, pc));
}

} // namespace tollgate::cpu::isa
