/// The rows of all instructions as data, and what is derived from them: the decoder and the disassembler.
#pragma once
#include "cpu/isa/compressed.hh"
#include "cpu/isa/extensions.hh"
#include "cpu/isa/insn.hh"

#include <span>
#include <string>
#include <string_view>

namespace tollgate::cpu::isa {

/// A row's name as assembly text: '_' becomes '.', a trailing '_' (of a name that C++ reserves) is dropped.
struct Mnemonic {
    char text[19] = {};
    std::uint8_t size = 0;

    constexpr Mnemonic() = default;
    constexpr explicit Mnemonic(std::string_view id) {
        if (id.ends_with('_')) id.remove_suffix(1);
        for (const char ch : id) text[size++] = ch == '_' ? '.' : ch;
    }
    constexpr operator std::string_view() const { return {text, size}; }
};

/// Which macro a row was written with.
enum class Completion : std::uint8_t {
    always,    ///< INSN, HINT
    may_leave, ///< MAY_LEAVE: may trap or wait
};

struct Row {
    Op op = Op::illegal;
    Mnemonic mnemonic;
    Encoding encoding; // 32 bits
    Format format = Format::none;
    Timing timing = Timing::alu;
    Extension extension = Extension::I;
    Completion completion = Completion::always;
};

/// A row of rv64c.inc.
struct CompressedRow {
    Mnemonic mnemonic;
    Encoding encoding; // 16 bits
    Op op = Op::illegal;
    CFormat format = CFormat::CNone;
    Reserved reserved = Reserved::never;
};

/// All rows in the order of rows.inc, so indexed by Op.
std::span<const Row> rows();
/// The row of `op`, which is neither Op::illegal nor Op::refetch.
const Row& row(Op op);
/// All rows of rv64c.inc.
std::span<const CompressedRow> compressed_rows();
/// The row whose 16-bit form `word` is, reserved or not; null if there is none.
const CompressedRow* compressed_row(std::uint32_t word);

/// Decodes the instruction at the low end of `word`; the upper half does not matter to one of 16 bits. What no row of
/// an enabled extension matches is Op::illegal, of the length that its low bits announce. Reserved rounding modes
/// decode: the row raises the trap. Cost: 10 to 30 ns.
Insn decode(std::uint32_t word, Extensions enabled);

/// The instruction as `objdump -d -M no-aliases` prints it: mnemonic, tab, operands; targets are absolute, pc being the
/// instruction's address. An illegal word is ".word 0x..." or ".short 0x...". Cost: a µs.
std::string disassemble(const Insn& insn, std::uint64_t pc);

/// Names of the registers by their ABI: "zero", "ra"; "ft0". Index 0..31; `sink` is "zero".
std::string_view x_name(std::uint8_t index);
std::string_view f_name(std::uint8_t index);
/// "mstatus" for 0x300; empty if csr_rows.inc has no such number.
std::string_view csr_name(std::uint32_t number);

} // namespace tollgate::cpu::isa
