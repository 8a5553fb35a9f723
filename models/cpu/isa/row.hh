/// What an instruction's row may say: operand format, timing class, encoding pattern.
///
/// A row stands in one of the files of this folder that end in .inc, one file per extension:
///
///     INSN(add, "0000000 ..... ..... 000 ..... 0110011", R, alu, c.rd(c.x1() + c.x2()))
///          |     |                                       |  |    semantics, in the words of cpu/execute.hh
///          |     |                                       |  timing class
///          |     |                                       operand format: fields, registers read and written, text form
///          |     bit pattern as the manual prints it, msb first; '.' is an operand bit
///          name; '_' prints as '.'
///
/// MAY_LEAVE(...) has the same columns; its semantics are an expression that is false when the instruction did not
/// complete (a trap, or a wait for the other harts). COMPRESSED(...) rows expand to another row.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::cpu::isa {

/// Operand formats: which fields an instruction has, which registers it reads (x or f) and writes, and its text.
enum class Format : std::uint8_t {
    none,     ///< no operand
    R,        ///< rd, rs1, rs2
    I,        ///< rd, rs1, imm
    Shift,    ///< rd, rs1, shamt (6 bits)
    ShiftW,   ///< rd, rs1, shamt (5 bits)
    Unary,    ///< rd, rs1
    Load,     ///< rd, imm(rs1)
    Store,    ///< rs2, imm(rs1)
    B,        ///< rs1, rs2, target
    U,        ///< rd, imm20
    J,        ///< rd, target
    Jalr,     ///< rd, imm(rs1)
    Amo,      ///< rd, rs2, (rs1)
    Lr,       ///< rd, (rs1)
    Csr,      ///< rd, csr, rs1
    CsrImm,   ///< rd, csr, uimm5
    Fence,    ///< pred, succ
    Sfence,   ///< rs1, rs2
    Cbo,      ///< (rs1)
    FLoad,    ///< fd, imm(rs1)
    FStore,   ///< fs2, imm(rs1)
    FR,       ///< fd, fs1, fs2 (no rounding mode)
    FRrm,     ///< fd, fs1, fs2, rm
    FR4,      ///< fd, fs1, fs2, fs3, rm
    FUnaryRm, ///< fd, fs1, rm
    FCmp,     ///< rd, fs1, fs2
    FToX,     ///< rd, fs1
    FToXrm,   ///< rd, fs1, rm
    XToF,     ///< fd, rs1
    XToFrm,   ///< fd, rs1, rm
};

/// What an instruction costs is the pipeline's business; a row only names its class.
enum class Timing : std::uint8_t {
    alu,      ///< simple integer
    mul,      ///< integer multiply
    div,      ///< integer divide and remainder
    load,     ///< integer and floating-point loads
    store,    ///< stores
    amo,      ///< LR, SC, AMO
    branch,   ///< conditional branch
    jump,     ///< direct jump
    indirect, ///< indirect jump
    fp_add,   ///< add, subtract, compare-free moves through the adder, conversions
    fp_mul,   ///< multiply
    fp_fma,   ///< fused multiply-add
    fp_div_s, ///< divide, single
    fp_div_d, ///< divide, double
    fp_sqrt_s,
    fp_sqrt_d,
    fp_move, ///< sign injection, moves, compare, classify, min, max
    system,  ///< CSR access, fences, traps and returns: serialise
};
inline constexpr std::size_t timing_classes = static_cast<std::size_t>(Timing::system) + 1;

/// match and mask of an instruction word.
struct Encoding {
    std::uint32_t match = 0, mask = 0;
    constexpr bool matches(std::uint32_t word) const { return (word & mask) == match; }
};

/// Translates a pattern of `bits` characters; anything else does not compile.
template <int bits> consteval Encoding encoding(std::string_view pattern) {
    Encoding e;
    int n = 0;
    for (const char ch : pattern) {
        if (ch == ' ') continue;
        if (ch != '0' && ch != '1' && ch != '.') throw "a pattern holds 0, 1, '.' and spaces";
        e.match = e.match << 1 | (ch == '1' ? 1u : 0u);
        e.mask = e.mask << 1 | (ch != '.' ? 1u : 0u);
        ++n;
    }
    if (n != bits) throw "the pattern does not have the length of an instruction";
    return e;
}

// Registers by operand slot: 0 none, 1 an x register, 2 an f register.
struct Operands {
    std::uint8_t rd, rs1, rs2, rs3;
};

constexpr Operands operands(Format f) {
    switch (f) {
    case Format::none:
    case Format::Fence: return {0, 0, 0, 0};
    case Format::R:
    case Format::Amo: return {1, 1, 1, 0};
    case Format::I:
    case Format::Shift:
    case Format::ShiftW:
    case Format::Unary:
    case Format::Load:
    case Format::Jalr:
    case Format::Lr:
    case Format::Csr: return {1, 1, 0, 0};
    case Format::Store:
    case Format::B:
    case Format::Sfence: return {0, 1, 1, 0};
    case Format::U:
    case Format::J:
    case Format::CsrImm: return {1, 0, 0, 0};
    case Format::Cbo: return {0, 1, 0, 0};
    case Format::FLoad:
    case Format::XToF:
    case Format::XToFrm: return {2, 1, 0, 0};
    case Format::FStore: return {0, 1, 2, 0};
    case Format::FR:
    case Format::FRrm: return {2, 2, 2, 0};
    case Format::FR4: return {2, 2, 2, 2};
    case Format::FUnaryRm: return {2, 2, 0, 0};
    case Format::FCmp: return {1, 2, 2, 0};
    case Format::FToX:
    case Format::FToXrm: return {1, 2, 0, 0};
    }
    return {};
}

} // namespace tollgate::cpu::isa
