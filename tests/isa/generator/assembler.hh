/// A small two-kind (16 and 32 bit) RISC-V assembler with labels, for code that is made at run time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::judge {

/// A register number, x0 to x31 or f0 to f31.
using Reg = unsigned;

/// Encodes instructions into a byte buffer whose first byte stands at a given address (Unpriv §2.2, §16).
class Assembler {
  public:
    using Label = std::size_t;
    explicit Assembler(std::uint64_t origin) : origin_{origin} {}

    std::uint64_t here() const { return origin_ + bytes_.size(); }
    std::uint64_t offset() const { return bytes_.size(); }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }
    /// Offsets at which a four-byte instruction starts.
    const std::vector<std::uint32_t>& long_starts() const { return long_starts_; }

    Label label();
    void bind(Label l);
    Label bound() {
        const Label l = label();
        bind(l);
        return l;
    }
    /// Fills in every branch and address; throws std::logic_error if a label is unbound or out of range.
    void resolve();
    /// Where a bound label stands.
    std::uint64_t address(Label l) const { return origin_ + targets_[l]; }

    void half(std::uint32_t insn);
    void word(std::uint32_t insn);
    /// A data doubleword, not an instruction.
    void data64(std::uint64_t value);
    void align(std::uint64_t to);
    void reserve(std::uint64_t bytes) { bytes_.resize(bytes_.size() + bytes); }

    void r(std::uint32_t match, Reg rd, Reg rs1, Reg rs2) { word(match | rd << 7 | rs1 << 15 | rs2 << 20); }
    void i(std::uint32_t match, Reg rd, Reg rs1, std::int32_t imm) {
        word(match | rd << 7 | rs1 << 15 | static_cast<std::uint32_t>(imm) << 20);
    }
    void s(std::uint32_t match, Reg rs2, Reg rs1, std::int32_t imm);
    void branch(std::uint32_t match, Reg rs1, Reg rs2, Label to);
    void jal(Reg rd, Label to);
    /// `auipc` and `addi`: the label's address, position independent.
    void la(Reg rd, Label to);
    /// The shortest of the usual sequences for a constant, one to eight instructions.
    void li(Reg rd, std::uint64_t value);

    void addi(Reg rd, Reg rs1, std::int32_t imm) { i(0x13, rd, rs1, imm); }
    void ld(Reg rd, Reg base, std::int32_t off) { i(0x3003, rd, base, off); }
    void sd(Reg rs, Reg base, std::int32_t off) { s(0x3023, rs, base, off); }
    void csrrw(Reg rd, unsigned csr, Reg rs1) { i(0x1073, rd, rs1, static_cast<std::int32_t>(csr)); }
    void csrrs(Reg rd, unsigned csr, Reg rs1) { i(0x2073, rd, rs1, static_cast<std::int32_t>(csr)); }
    void csrrc(Reg rd, unsigned csr, Reg rs1) { i(0x3073, rd, rs1, static_cast<std::int32_t>(csr)); }
    void csrw(unsigned csr, Reg rs1) { csrrw(0, csr, rs1); }
    void csrr(Reg rd, unsigned csr) { csrrs(rd, csr, 0); }
    void add(Reg rd, Reg a, Reg b) { r(0x33, rd, a, b); }
    void mv(Reg rd, Reg rs) { addi(rd, rs, 0); }
    void slli(Reg rd, Reg rs, unsigned n) { i(0x1013, rd, rs, static_cast<std::int32_t>(n)); }
    void srli(Reg rd, Reg rs, unsigned n) { i(0x5013, rd, rs, static_cast<std::int32_t>(n)); }
    void andi(Reg rd, Reg rs, std::int32_t imm) { i(0x7013, rd, rs, imm); }
    void beq(Reg a, Reg b, Label l) { branch(0x63, a, b, l); }
    void bne(Reg a, Reg b, Label l) { branch(0x1063, a, b, l); }
    void blt(Reg a, Reg b, Label l) { branch(0x4063, a, b, l); }
    void bge(Reg a, Reg b, Label l) { branch(0x5063, a, b, l); }
    void bltu(Reg a, Reg b, Label l) { branch(0x6063, a, b, l); }
    void j(Label l) { jal(0, l); }
    void ret() { i(0x67, 0, 1, 0); }
    void ecall() { word(0x00000073); }
    void mret() { word(0x30200073); }
    void sfence() { word(0x12000073); }
    void fence_i() { word(0x0000100f); }
    void nop() { addi(0, 0, 0); }
    /// `c.j`, `c.beqz` (rs 8 to 15) and `c.bnez`.
    void c_j(Label to);
    void c_branch(bool if_zero, Reg rs, Label to);

  private:
    enum class Kind { branch, jal, la, c_j, c_branch };
    struct Fixup {
        Kind kind;
        std::uint64_t at;
        Label to;
    };
    void patch(std::uint64_t at, std::uint32_t bits, unsigned count);

    std::uint64_t origin_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> long_starts_;
    std::vector<std::uint64_t> targets_;
    std::vector<Fixup> fixups_;
};

} // namespace tollgate::judge
