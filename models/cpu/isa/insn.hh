/// A decoded instruction, 16 bytes: what the run loop reads.
#pragma once
#include "cpu/isa/row.hh"
#include <cstdint>

namespace tollgate::cpu::isa {

/// One value per row; compressed instructions become the row that they expand to.
enum class Op : std::uint16_t {
#define INSN(id, ...) id,
#define MAY_LEAVE(id, ...) id,
#define HINT(id, ...) id,
#include "cpu/isa/rows.inc"
#undef INSN
#undef MAY_LEAVE
#undef HINT
    illegal, ///< no row matches, or its extension is absent; `raw` is the word
    refetch, ///< the line was written after it was decoded: drop the block and decode again
    // Without C: control transfers whose target is or may be no multiple of four (Unpriv §2.5). Only blocks have them.
    misaligned_jal,
    misaligned_branch,
    checked_jalr,
};

/// The x register index that stands for x0 as a destination: a write there is never read.
inline constexpr std::uint8_t sink = 32;

struct Insn {
    Op op = Op::illegal;
    std::uint8_t rd = 0;  ///< x: 0..31 with x0 as `sink`; f: 0..31
    std::uint8_t rs1 = 0; ///< also uimm5 of CsrImm
    std::uint8_t rs2 = 0;
    std::uint8_t rs3 = 0;
    std::uint8_t rm = 0;     ///< rounding mode field; for Amo and Lr: aq << 1 | rl
    std::uint8_t length = 4; ///< bytes: 2 or 4
    /// Sign-extended immediate; for Csr formats the CSR's number; shift amount; Fence: pred << 4 | succ.
    std::int32_t imm = 0;
    std::uint32_t raw = 0; ///< the instruction's bits as fetched, 16 or 32: mtval of an illegal instruction
};
static_assert(sizeof(Insn) == 16);

} // namespace tollgate::cpu::isa
