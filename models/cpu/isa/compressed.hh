/// Operand formats of the compressed instructions (Unpriv §16.2) and their expansion.
#pragma once
#include "cpu/isa/insn.hh"

namespace tollgate::cpu::isa {

/// Where a 16-bit form keeps its operands; a register marked ' is one of x8 to x15 (f8 to f15).
enum class CFormat : std::uint8_t {
    CNone,     ///< no operand
    CIW,       ///< rd', nzuimm; rs1 = sp
    CLw,       ///< rd', uimm(rs1'), scaled by 4
    CLd,       ///< rd', uimm(rs1'), scaled by 8
    CSw,       ///< rs2', uimm(rs1'), scaled by 4
    CSd,       ///< rs2', uimm(rs1'), scaled by 8
    CI,        ///< rd = rs1, imm
    CLi,       ///< rd, imm; rs1 = x0
    CLui,      ///< rd, nzimm << 12
    CAddi16sp, ///< nzimm, scaled by 16; rd = rs1 = sp
    CShift,    ///< rd = rs1, shamt
    CShiftP,   ///< rd' = rs1', shamt
    CAndi,     ///< rd' = rs1', imm
    CA,        ///< rd' = rs1', rs2'
    CJ,        ///< target; rd = x0
    CB,        ///< rs1', target; rs2 = x0
    CLwsp,     ///< rd, uimm(sp), scaled by 4
    CLdsp,     ///< rd, uimm(sp), scaled by 8
    CSwsp,     ///< rs2, uimm(sp), scaled by 4
    CSdsp,     ///< rs2, uimm(sp), scaled by 8
    CJr,       ///< rs1; rd = x0
    CJalr,     ///< rs1; rd = ra
    CMv,       ///< rd, rs2; rs1 = x0
    CAdd,      ///< rd = rs1, rs2
};

/// When a form whose pattern matches is reserved all the same, and so illegal.
enum class Reserved : std::uint8_t { never, rd_zero, rs1_zero, imm_zero };

/// Bits hi to lo of `word`, moved up to bit `at`.
constexpr std::uint32_t bits(std::uint32_t word, int hi, int lo, int at = 0) {
    return (word >> lo & ((2u << (hi - lo)) - 1)) << at;
}

/// The low `width` bits of `value` as a signed number.
constexpr std::int32_t sign_extended(std::uint32_t value, int width) {
    return static_cast<std::int32_t>(value << (32 - width)) >> (32 - width);
}

/// Operands of a compressed instruction in the fields of the row that it expands to; rd of x0 stands as 0, not yet as
/// `sink`. The immediates' scrambling is that of Unpriv §16.2, table 16.1.
constexpr Insn expanded(CFormat format, std::uint32_t w) {
    constexpr std::uint8_t ra = 1, sp = 2;
    const auto full = static_cast<std::uint8_t>(bits(w, 11, 7));    // rd, rs1
    const auto second = static_cast<std::uint8_t>(bits(w, 6, 2));   // rs2
    const auto high = static_cast<std::uint8_t>(8 + bits(w, 9, 7)); // rs1', rd' = rs1'
    const auto low = static_cast<std::uint8_t>(8 + bits(w, 4, 2));  // rd', rs2'
    const std::int32_t imm6 = sign_extended(bits(w, 12, 12, 5) | bits(w, 6, 2), 6);
    const auto shamt = static_cast<std::int32_t>(bits(w, 12, 12, 5) | bits(w, 6, 2));
    const auto word_offset = static_cast<std::int32_t>(bits(w, 12, 10, 3) | bits(w, 6, 6, 2) | bits(w, 5, 5, 6));
    const auto double_offset = static_cast<std::int32_t>(bits(w, 12, 10, 3) | bits(w, 6, 5, 6));
    Insn i;
    i.length = 2;
    i.raw = w;
    switch (format) {
    case CFormat::CNone: break;
    case CFormat::CIW:
        i.rd = low, i.rs1 = sp;
        i.imm = static_cast<std::int32_t>(bits(w, 12, 11, 4) | bits(w, 10, 7, 6) | bits(w, 6, 6, 2) | bits(w, 5, 5, 3));
        break;
    case CFormat::CLw: i.rd = low, i.rs1 = high, i.imm = word_offset; break;
    case CFormat::CLd: i.rd = low, i.rs1 = high, i.imm = double_offset; break;
    case CFormat::CSw: i.rs2 = low, i.rs1 = high, i.imm = word_offset; break;
    case CFormat::CSd: i.rs2 = low, i.rs1 = high, i.imm = double_offset; break;
    case CFormat::CI: i.rd = i.rs1 = full, i.imm = imm6; break;
    case CFormat::CLi: i.rd = full, i.imm = imm6; break;
    case CFormat::CLui: i.rd = full, i.imm = imm6 * 4096; break;
    case CFormat::CAddi16sp:
        i.rd = i.rs1 = sp;
        i.imm = sign_extended(
            bits(w, 12, 12, 9) | bits(w, 6, 6, 4) | bits(w, 5, 5, 6) | bits(w, 4, 3, 7) | bits(w, 2, 2, 5), 10);
        break;
    case CFormat::CShift: i.rd = i.rs1 = full, i.imm = shamt; break;
    case CFormat::CShiftP: i.rd = i.rs1 = high, i.imm = shamt; break;
    case CFormat::CAndi: i.rd = i.rs1 = high, i.imm = imm6; break;
    case CFormat::CA: i.rd = i.rs1 = high, i.rs2 = low; break;
    case CFormat::CJ:
        i.imm = sign_extended(bits(w, 12, 12, 11) | bits(w, 11, 11, 4) | bits(w, 10, 9, 8) | bits(w, 8, 8, 10)
                                  | bits(w, 7, 7, 6) | bits(w, 6, 6, 7) | bits(w, 5, 3, 1) | bits(w, 2, 2, 5),
                              12);
        break;
    case CFormat::CB:
        i.rs1 = high;
        i.imm = sign_extended(
            bits(w, 12, 12, 8) | bits(w, 11, 10, 3) | bits(w, 6, 5, 6) | bits(w, 4, 3, 1) | bits(w, 2, 2, 5), 9);
        break;
    case CFormat::CLwsp:
        i.rd = full, i.rs1 = sp;
        i.imm = static_cast<std::int32_t>(bits(w, 12, 12, 5) | bits(w, 6, 4, 2) | bits(w, 3, 2, 6));
        break;
    case CFormat::CLdsp:
        i.rd = full, i.rs1 = sp;
        i.imm = static_cast<std::int32_t>(bits(w, 12, 12, 5) | bits(w, 6, 5, 3) | bits(w, 4, 2, 6));
        break;
    case CFormat::CSwsp:
        i.rs2 = second, i.rs1 = sp;
        i.imm = static_cast<std::int32_t>(bits(w, 12, 9, 2) | bits(w, 8, 7, 6));
        break;
    case CFormat::CSdsp:
        i.rs2 = second, i.rs1 = sp;
        i.imm = static_cast<std::int32_t>(bits(w, 12, 10, 3) | bits(w, 9, 7, 6));
        break;
    case CFormat::CJr: i.rs1 = full; break;
    case CFormat::CJalr: i.rd = ra, i.rs1 = full; break;
    case CFormat::CMv: i.rd = full, i.rs2 = second; break;
    case CFormat::CAdd: i.rd = i.rs1 = full, i.rs2 = second; break;
    }
    return i;
}

/// Whether `i`, expanded, is a reserved form (Unpriv §16, each instruction's RES cases).
constexpr bool is_reserved(const Insn& i, Reserved when) {
    switch (when) {
    case Reserved::never: return false;
    case Reserved::rd_zero: return i.rd == 0;
    case Reserved::rs1_zero: return i.rs1 == 0;
    case Reserved::imm_zero: return i.imm == 0;
    }
    return false;
}

} // namespace tollgate::cpu::isa
