/// Programs that the guest writes for itself: short runs of instructions whose cycles are counted from within.
#pragma once
#include <cstddef>
#include <cstdint>

namespace measure {

/// Integer registers by their number; floating-point ones are plain numbers.
enum Reg : std::uint32_t {
    x0 = 0,
    ra = 1,
    t0 = 5,
    t1 = 6,
    t2 = 7,
    a0 = 10,
    a1 = 11,
    a2 = 12,
    a3 = 13,
    a4 = 14,
    a5 = 15,
    a6 = 16,
    a7 = 17,
    t3 = 28,
    t4 = 29,
    t5 = 30,
    t6 = 31
};

/// Instruction formats, Unpriv §2.2 and §2.5.
constexpr std::uint32_t r_type(std::uint32_t match, std::uint32_t rd, std::uint32_t rs1, std::uint32_t rs2) {
    return match | rd << 7 | rs1 << 15 | rs2 << 20;
}
constexpr std::uint32_t i_type(std::uint32_t match, std::uint32_t rd, std::uint32_t rs1, std::int32_t imm) {
    return match | rd << 7 | rs1 << 15 | static_cast<std::uint32_t>(imm) << 20;
}
constexpr std::uint32_t s_type(std::uint32_t match, std::uint32_t rs2, std::uint32_t rs1, std::int32_t imm) {
    auto u = static_cast<std::uint32_t>(imm);
    return match | (u & 31) << 7 | rs1 << 15 | rs2 << 20 | (u >> 5 & 127) << 25;
}
constexpr std::uint32_t b_type(std::uint32_t match, std::uint32_t rs1, std::uint32_t rs2, std::int32_t offset) {
    auto u = static_cast<std::uint32_t>(offset);
    return match | (u >> 11 & 1) << 7 | (u >> 1 & 15) << 8 | rs1 << 15 | rs2 << 20 | (u >> 5 & 63) << 25
           | (u >> 12 & 1) << 31;
}
constexpr std::uint32_t j_type(std::uint32_t rd, std::int32_t offset) {
    auto u = static_cast<std::uint32_t>(offset);
    return 0x6f | rd << 7 | (u >> 12 & 255) << 12 | (u >> 11 & 1) << 20 | (u >> 1 & 1023) << 21 | (u >> 20 & 1) << 31;
}

constexpr std::uint32_t addi(Reg rd, Reg rs1, std::int32_t imm) { return i_type(0x13, rd, rs1, imm); }
constexpr std::uint32_t ld(Reg rd, Reg rs1, std::int32_t imm) { return i_type(0x3003, rd, rs1, imm); }
constexpr std::uint32_t sd(Reg rs2, Reg rs1, std::int32_t imm) { return s_type(0x3023, rs2, rs1, imm); }
constexpr std::uint32_t beq(Reg rs1, Reg rs2, std::int32_t offset) { return b_type(0x63, rs1, rs2, offset); }
constexpr std::uint32_t bne(Reg rs1, Reg rs2, std::int32_t offset) { return b_type(0x1063, rs1, rs2, offset); }
constexpr std::uint32_t jal(Reg rd, std::int32_t offset) { return j_type(rd, offset); }
constexpr std::uint32_t jalr(Reg rd, Reg rs1, std::int32_t imm) { return i_type(0x67, rd, rs1, imm); }
constexpr std::uint32_t auipc(Reg rd, std::uint32_t pages) { return 0x17 | rd << 7 | pages << 12; }
constexpr std::uint32_t rdcycle(Reg rd) { return i_type(0x2073, rd, x0, static_cast<std::int32_t>(0xc00)); }
constexpr std::uint32_t sub(Reg rd, Reg rs1, Reg rs2) { return r_type(0x4000'0033, rd, rs1, rs2); }
inline constexpr std::uint32_t fence = 0x0330'000f, ret = 0x0000'8067;
inline constexpr std::uint16_t c_nop = 0x0001, c_jump_to_next = 0xa009; // c.j .+2

/// A function under construction; arguments arrive in a0 to a7, the result leaves in a0.
class Code {
  public:
    // All are written to the same memory: a new one overwrites the one before.
    void put(std::uint32_t instruction);
    void put16(std::uint16_t instruction);
    /// Offset of the next instruction.
    std::int32_t here() const { return static_cast<std::int32_t>(here_); }
    /// Waits for the arguments a0 to a2 and for all stores, then t5 = cycle.
    void begin();
    /// More than a hundred cycles, in t0: what is still under way, stores above all, comes to its end here and
    /// not at the counter.
    void linger();
    /// a0 = cycles since begin(); returns.
    void end() { put(rdcycle(t6)), put(sub(a0, t6, t5)), put(ret); }
    /// Makes the code fetchable (`fence.i`).
    void finish();
    /// Calls the code.
    std::uint64_t run(std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) const;
    /// Calls it until caches and predictors have come to rest with it; the cycles of the last call. (Not the fewest
    /// cycles of several calls: what the code before left behind may make the first one cheaper than it will ever be
    /// again.)
    std::uint64_t settled(std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) const;

  private:
    std::size_t here_ = 0;
};

} // namespace measure
