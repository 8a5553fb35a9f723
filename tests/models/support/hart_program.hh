/// A small assembler for tests of the hart: words are encoded from the instruction rows themselves, so a test names an
/// instruction by its Op and its operands.
#pragma once
#include "cpu/isa/table.hh"
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace tollgate::cpu::test {

using isa::Op;

/// Registers by their ABI names, as far as tests use them.
inline constexpr unsigned zero = 0, ra = 1, sp = 2, t0 = 5, t1 = 6, t2 = 7, s0 = 8, s1 = 9, a0 = 10, a1 = 11, a2 = 12,
                          a3 = 13, a4 = 14, a5 = 15, a6 = 16, a7 = 17, s2 = 18, s3 = 19, s4 = 20, s5 = 21, s6 = 22,
                          s7 = 23, s8 = 24, s9 = 25, s10 = 26, s11 = 27, t3 = 28, t4 = 29, t5 = 30, t6 = 31;

/// Operands of one instruction; what its format lacks is ignored. A CSR's number goes into `imm`, its uimm5 into `rs1`.
struct Fields {
    unsigned rd = 0, rs1 = 0, rs2 = 0;
    std::int64_t imm = 0;
};

/// The word of an instruction, its operand fields placed as Unpriv §2.2 draws them.
inline std::uint32_t encode(Op op, const Fields& f) {
    using F = isa::Format;
    const auto imm = static_cast<std::uint32_t>(f.imm);
    const auto bit = [imm](int from, int to) { return (imm >> from & 1) << to; };
    const std::uint32_t rd = f.rd << 7, rs1 = f.rs1 << 15, rs2 = f.rs2 << 20;
    const std::uint32_t match = isa::row(op).encoding.match;
    switch (isa::row(op).format) {
    case F::none: return match;
    case F::R:
    case F::FR:
    case F::FCmp:
    case F::FRrm:
    case F::Amo:
    case F::Lr: return match | rd | rs1 | rs2;
    case F::I:
    case F::Shift:
    case F::ShiftW:
    case F::Load:
    case F::FLoad:
    case F::Jalr:
    case F::Csr:
    case F::CsrImm: return match | rd | rs1 | imm << 20;
    case F::Store:
    case F::FStore: return match | rs1 | rs2 | (imm & 31) << 7 | imm >> 5 << 25;
    case F::B: return match | rs1 | rs2 | bit(12, 31) | bit(11, 7) | (imm >> 5 & 63) << 25 | (imm >> 1 & 15) << 8;
    case F::U: return match | rd | (imm & 0xfffff000);
    case F::J: return match | rd | bit(20, 31) | bit(11, 20) | (imm & 0xff000) | (imm >> 1 & 1023) << 21;
    case F::Fence: return match | imm << 20;
    case F::Sfence: return match | rs1 | rs2;
    case F::Cbo: return match | rs1;
    case F::Unary:
    case F::FToX:
    case F::XToF:
    case F::FUnaryRm:
    case F::FToXrm:
    case F::XToFrm: return match | rd | rs1;
    case F::FR4: break;
    }
    throw std::logic_error("the tests' assembler does not know this format");
}

/// Code under construction, from a given address on.
class Program {
  public:
    using Label = std::size_t;
    explicit Program(std::uint64_t origin) : origin_{origin} {}

    std::uint64_t here() const { return origin_ + bytes_.size(); }
    std::uint64_t origin() const { return origin_; }

    void half(std::uint32_t h) {
        bytes_.push_back(static_cast<std::uint8_t>(h));
        bytes_.push_back(static_cast<std::uint8_t>(h >> 8));
    }
    void word(std::uint32_t w) { half(w & 0xffff), half(w >> 16); }
    void dword(std::uint64_t d) { word(static_cast<std::uint32_t>(d)), word(static_cast<std::uint32_t>(d >> 32)); }
    /// A compressed nop.
    void c_nop() { half(0x0001); }
    void put(Op op, const Fields& f = {}) { word(encode(op, f)); }

    void r(Op op, unsigned rd, unsigned rs1, unsigned rs2) { put(op, {rd, rs1, rs2, 0}); }
    void i(Op op, unsigned rd, unsigned rs1, std::int64_t imm) { put(op, {rd, rs1, 0, imm}); }
    void load(Op op, unsigned rd, std::int64_t imm, unsigned rs1) { put(op, {rd, rs1, 0, imm}); }
    void store(Op op, unsigned rs2, std::int64_t imm, unsigned rs1) { put(op, {0, rs1, rs2, imm}); }
    void amo(Op op, unsigned rd, unsigned rs2, unsigned rs1) { put(op, {rd, rs1, rs2, 0}); }
    void csr(Op op, unsigned rd, unsigned number, unsigned rs1) { put(op, {rd, rs1, 0, number}); }
    void csrr(unsigned rd, unsigned number) { csr(Op::csrrs, rd, number, 0); }
    void csrw(unsigned number, unsigned rs1) { csr(Op::csrrw, 0, number, rs1); }
    /// Writes a constant into a CSR; t6 is lost.
    void csr_set_to(unsigned number, std::uint64_t value) { li(t6, value), csrw(number, t6); }
    void nop() { i(Op::addi, 0, 0, 0); }
    void mv(unsigned rd, unsigned rs) { i(Op::addi, rd, rs, 0); }
    void ret() { i(Op::jalr, 0, ra, 0); }

    void li(unsigned rd, std::uint64_t value) {
        const auto v = static_cast<std::int64_t>(value);
        const std::int64_t low = static_cast<std::int64_t>(value << 52) >> 52;
        if (v >= -2048 && v < 2048) return i(Op::addi, rd, 0, v);
        if (v == static_cast<std::int32_t>(v)) {
            put(Op::lui, {rd, 0, 0, static_cast<std::int64_t>((value + 0x800) & 0xfffff000)});
            if (low != 0) i(Op::addiw, rd, rd, low);
            return;
        }
        li(rd, static_cast<std::uint64_t>((v - low) >> 12));
        i(Op::slli, rd, rd, 12);
        if (low != 0) i(Op::addi, rd, rd, low);
    }

    Label label() {
        targets_.push_back(unbound);
        return targets_.size() - 1;
    }
    void bind(Label l) { targets_[l] = bytes_.size(); }
    Label bound() {
        const Label l = label();
        bind(l);
        return l;
    }
    std::uint64_t address(Label l) const { return origin_ + targets_[l]; }
    void branch(Op op, unsigned rs1, unsigned rs2, Label to) { fix(op, {0, rs1, rs2, 0}, to); }
    void jal(unsigned rd, Label to) { fix(Op::jal, {rd, 0, 0, 0}, to); }
    void j(Label to) { jal(0, to); }
    void la(unsigned rd, Label to) {
        fixes_.push_back({bytes_.size(), to, Op::auipc, {rd, 0, 0, 0}});
        word(0), word(0);
    }
    void align(std::uint64_t to) {
        while (here() % to != 0) c_nop();
    }

    /// The finished bytes.
    const std::vector<std::uint8_t>& bytes() {
        for (Fix& x : fixes_) {
            const std::uint64_t target = targets_.at(x.to);
            if (target == unbound) throw std::logic_error("a label was never bound");
            const std::int64_t away = static_cast<std::int64_t>(target) - static_cast<std::int64_t>(x.at);
            x.fields.imm = away;
            if (x.op == Op::auipc) {
                x.fields.imm = (away + 0x800) & ~std::int64_t{0xfff};
                place(x.at + 4, encode(Op::addi, {x.fields.rd, x.fields.rd, 0, away - x.fields.imm}));
            }
            place(x.at, encode(x.op, x.fields));
        }
        return bytes_;
    }

  private:
    struct Fix {
        std::size_t at;
        Label to;
        Op op;
        Fields fields;
    };
    void fix(Op op, const Fields& f, Label to) {
        fixes_.push_back({bytes_.size(), to, op, f});
        word(0);
    }
    void place(std::size_t at, std::uint32_t w) {
        for (unsigned k = 0; k < 4; ++k) bytes_[at + k] = static_cast<std::uint8_t>(w >> 8 * k);
    }
    static constexpr std::size_t unbound = ~std::size_t{0};
    std::uint64_t origin_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::size_t> targets_; // [label], offset
    std::vector<Fix> fixes_;
};

} // namespace tollgate::cpu::test
