/// Rows of the instruction tables: what the generator may write, and what it must take for defined.
#pragma once
#include <cstdint>
#include <span>

namespace tollgate::judge {

/// Which fields of a 32-bit encoding are free.
enum class Form : std::uint8_t {
    register3,    ///< rd, rs1, rs2
    register2,    ///< rd, rs1
    rounded3,     ///< rd, rm, rs1, rs2
    rounded2,     ///< rd, rm, rs1
    rounded4,     ///< rd, rm, rs1, rs2, rs3
    immediate,    ///< rd, rs1, imm12
    shift6,       ///< rd, rs1, 6 bits
    shift5,       ///< rd, rs1, 5 bits
    upper,        ///< rd, imm20
    atomic,       ///< rd, rs1, rs2, aq, rl
    load_reserved ///< rd, rs1, aq, rl
};

/// The fixed bits of one instruction (Unpriv §24) and its free fields.
struct Encoding {
    std::uint32_t match;
    Form form;
};

/// The bits that `form` leaves fixed.
constexpr std::uint32_t mask_of(Form form) {
    switch (form) {
    case Form::register3: return 0xfe00707f;
    case Form::register2: return 0xfff0707f;
    case Form::rounded3: return 0xfe00007f;
    case Form::rounded2: return 0xfff0007f;
    case Form::rounded4: return 0x0600007f;
    case Form::immediate: return 0x0000707f;
    case Form::shift6: return 0xfc00707f;
    case Form::shift5: return 0xfe00707f;
    case Form::upper: return 0x0000007f;
    case Form::atomic: return 0xf800707f;
    case Form::load_reserved: return 0xf9f0707f;
    }
    return 0xffffffff;
}

std::span<const Encoding> integer_table();
std::span<const Encoding> floating_table();
std::span<const Encoding> atomic_table();

/// Whether a word of the opcodes that these tables cover is an instruction of the machine.
inline bool defined(std::uint32_t word) {
    for (const auto table : {integer_table(), floating_table(), atomic_table()})
        for (const Encoding& e : table)
            if ((word & mask_of(e.form)) == e.match) return true;
    return false;
}

} // namespace tollgate::judge
