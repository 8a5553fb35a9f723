#include "generator/assembler.hh"
#include <stdexcept>

namespace tollgate::judge {
namespace {

constexpr std::uint64_t unbound = ~0ull;

constexpr std::uint32_t bits(std::int64_t v, unsigned hi, unsigned lo) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(v) >> lo) & ((1u << (hi - lo + 1)) - 1);
}

/// Errors of ours, in every build: a program that is not what it says would judge wrongly.
void require(bool holds) {
    if (!holds) throw std::logic_error("assembler: a label is unbound or too far away");
}

} // namespace

Assembler::Label Assembler::label() {
    targets_.push_back(unbound);
    return targets_.size() - 1;
}

void Assembler::bind(Label l) { targets_[l] = bytes_.size(); }

void Assembler::half(std::uint32_t insn) {
    bytes_.push_back(static_cast<std::uint8_t>(insn));
    bytes_.push_back(static_cast<std::uint8_t>(insn >> 8));
}

void Assembler::word(std::uint32_t insn) {
    long_starts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    half(insn & 0xffff);
    half(insn >> 16);
}

void Assembler::data64(std::uint64_t value) {
    for (unsigned n = 0; n < 8; ++n) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * n)));
}

void Assembler::align(std::uint64_t to) {
    while (bytes_.size() % to != 0) bytes_.push_back(0);
}

void Assembler::s(std::uint32_t match, Reg rs2, Reg rs1, std::int32_t imm) {
    word(match | rs1 << 15 | rs2 << 20 | bits(imm, 4, 0) << 7 | bits(imm, 11, 5) << 25);
}

void Assembler::branch(std::uint32_t match, Reg rs1, Reg rs2, Label to) {
    fixups_.push_back({Kind::branch, offset(), to});
    word(match | rs1 << 15 | rs2 << 20);
}

void Assembler::jal(Reg rd, Label to) {
    fixups_.push_back({Kind::jal, offset(), to});
    word(0x6f | rd << 7);
}

void Assembler::la(Reg rd, Label to) {
    fixups_.push_back({Kind::la, offset(), to});
    word(0x17 | rd << 7);
    addi(rd, rd, 0);
}

void Assembler::c_j(Label to) {
    fixups_.push_back({Kind::c_j, offset(), to});
    half(0xa001);
}

void Assembler::c_branch(bool if_zero, Reg rs, Label to) {
    fixups_.push_back({Kind::c_branch, offset(), to});
    half((if_zero ? 0xc001u : 0xe001u) | (rs & 7) << 7);
}

void Assembler::li(Reg rd, std::uint64_t value) {
    const auto v = static_cast<std::int64_t>(value);
    if (v >= -2048 && v < 2048) return addi(rd, 0, static_cast<std::int32_t>(v));
    if (v == static_cast<std::int32_t>(v)) {
        const std::uint32_t upper = (static_cast<std::uint32_t>(value) + 0x800) & 0xfffff000;
        word(0x37 | rd << 7 | upper);
        const auto low = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) - upper);
        if (low != 0) i(0x1b, rd, rd, low); // addiw: the sum wraps at 32 bits
        return;
    }
    const std::int64_t low = static_cast<std::int64_t>(value << 52) >> 52;
    std::uint64_t rest = value - static_cast<std::uint64_t>(low);
    unsigned shift = 0;
    while ((rest & 1) == 0) {
        rest >>= 1;
        ++shift;
    }
    li(rd, static_cast<std::uint64_t>(static_cast<std::int64_t>(rest << shift) >> shift));
    slli(rd, rd, shift);
    if (low != 0) addi(rd, rd, static_cast<std::int32_t>(low));
}

void Assembler::patch(std::uint64_t at, std::uint32_t value, unsigned count) {
    for (unsigned n = 0; n < count; ++n) bytes_[at + n] = static_cast<std::uint8_t>(bytes_[at + n] | value >> (8 * n));
}

void Assembler::resolve() {
    for (const Fixup& f : fixups_) {
        require(targets_[f.to] != unbound);
        const auto d = static_cast<std::int64_t>(targets_[f.to] - f.at);
        switch (f.kind) {
        case Kind::branch:
            require(d >= -4096 && d < 4096);
            patch(f.at, bits(d, 4, 1) << 8 | bits(d, 10, 5) << 25 | bits(d, 11, 11) << 7 | bits(d, 12, 12) << 31, 4);
            break;
        case Kind::jal:
            require(d >= -(1 << 20) && d < 1 << 20);
            patch(f.at, bits(d, 10, 1) << 21 | bits(d, 11, 11) << 20 | bits(d, 19, 12) << 12 | bits(d, 20, 20) << 31,
                  4);
            break;
        case Kind::la:
            patch(f.at, static_cast<std::uint32_t>(d + 0x800) & 0xfffff000, 4);
            patch(f.at + 4, bits(d, 11, 0) << 20, 4);
            break;
        case Kind::c_j:
            require(d >= -2048 && d < 2048);
            patch(f.at,
                  bits(d, 11, 11) << 12 | bits(d, 4, 4) << 11 | bits(d, 9, 8) << 9 | bits(d, 10, 10) << 8
                      | bits(d, 6, 6) << 7 | bits(d, 7, 7) << 6 | bits(d, 3, 1) << 3 | bits(d, 5, 5) << 2,
                  2);
            break;
        case Kind::c_branch:
            require(d >= -256 && d < 256);
            patch(f.at,
                  bits(d, 8, 8) << 12 | bits(d, 4, 3) << 10 | bits(d, 7, 6) << 5 | bits(d, 2, 1) << 3
                      | bits(d, 5, 5) << 2,
                  2);
            break;
        }
    }
    fixups_.clear();
}

} // namespace tollgate::judge
