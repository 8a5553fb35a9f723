// The decoder against the rows it is made from: every row encodes, decodes and prints; what no row matches is illegal.
#include "cpu/isa/table.hh"

#include "base/random.hh"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

using namespace tollgate;
using namespace tollgate::cpu::isa;

namespace {

constexpr Extensions everything = Extensions::all();

std::uint32_t low32(Random& random) { return static_cast<std::uint32_t>(random.next()); }

/// The row that fits, looked for one by one: of several, the one with the most fixed bits.
const Row* fitting(std::uint32_t word, Extensions enabled) {
    const Row* best = nullptr;
    for (const Row& r : rows()) {
        if (!r.encoding.matches(word) || !enabled.contains(r.extension)) continue;
        if (best == nullptr || std::popcount(r.encoding.mask) > std::popcount(best->encoding.mask)) best = &r;
    }
    return best;
}

/// The operand fields of a word, put together from what was decoded; written from the manual's figures, field by field.
std::uint32_t encoded_operands(const Insn& i, Format format) {
    const std::uint32_t rd = (i.rd & 31u) << 7, rs1 = i.rs1 << 15, rs2 = i.rs2 << 20, rm = i.rm << 12;
    const auto imm = static_cast<std::uint32_t>(i.imm);
    const auto bit = [imm](int from, int to) { return (imm >> from & 1) << to; };
    switch (format) {
    case Format::none: return 0;
    case Format::R:
    case Format::FR:
    case Format::FCmp: return rd | rs1 | rs2;
    case Format::I:
    case Format::Load:
    case Format::Jalr:
    case Format::FLoad:
    case Format::Csr:
    case Format::CsrImm:
    case Format::Shift:
    case Format::ShiftW: return rd | rs1 | imm << 20;
    case Format::Unary:
    case Format::FToX:
    case Format::XToF: return rd | rs1;
    case Format::Store:
    case Format::FStore: return rs1 | rs2 | (imm & 31) << 7 | imm >> 5 << 25;
    case Format::B: return rs1 | rs2 | bit(12, 31) | bit(11, 7) | (imm >> 5 & 63) << 25 | (imm >> 1 & 15) << 8;
    case Format::U: return rd | imm;
    case Format::J: return rd | bit(20, 31) | bit(11, 20) | (imm & 0xff000) | (imm >> 1 & 1023) << 21;
    case Format::Amo:
    case Format::Lr: return rd | rs1 | rs2 | i.rm << 25u;
    case Format::Fence: return imm << 20;
    case Format::Sfence: return rs1 | rs2;
    case Format::Cbo: return rs1;
    case Format::FRrm: return rd | rs1 | rs2 | rm;
    case Format::FR4: return rd | rs1 | rs2 | static_cast<std::uint32_t>(i.rs3) << 27 | rm;
    case Format::FUnaryRm:
    case Format::FToXrm:
    case Format::XToFrm: return rd | rs1 | rm;
    }
    return 0;
}

/// Operand bits that a row leaves open and ignores: reserved fields of the fences (Unpriv §2.7, §3).
std::uint32_t ignored(const Row& r) {
    if (r.op == Op::fence) return 0xf00f8f80;
    if (r.op == Op::fence_i) return 0xffff8f80;
    return 0;
}

TEST(IsaRows, AreIndexedByOp) {
    ASSERT_EQ(rows().size(), static_cast<std::size_t>(Op::illegal));
    for (std::size_t i = 0; i < rows().size(); ++i) EXPECT_EQ(static_cast<std::size_t>(rows()[i].op), i);
    EXPECT_EQ(std::string_view(row(Op::xor_).mnemonic), "xor");
    EXPECT_EQ(std::string_view(row(Op::fcvt_lu_d).mnemonic), "fcvt.lu.d");
    EXPECT_EQ(row(Op::cbo_zero).extension, Extension::Zicboz);
    EXPECT_EQ(row(Op::cbo_flush).extension, Extension::Zicbom);
    EXPECT_EQ(row(Op::sret).extension, Extension::I);
    EXPECT_EQ(row(Op::mulw).extension, Extension::M);
    EXPECT_EQ(row(Op::ld).completion, Completion::may_leave);
    EXPECT_EQ(row(Op::add).completion, Completion::always);
}

TEST(IsaRows, EncodeDecodeToThemselvesAndPrint) {
    Random random(1);
    for (const Row& r : rows()) {
        const std::string name(std::string_view(r.mnemonic));
        for (int n = 0; n < 200; ++n) {
            const std::uint32_t word = r.encoding.match | (low32(random) & ~r.encoding.mask);
            if (fitting(word, everything) != &r) continue;
            const Insn i = decode(word, everything);
            ASSERT_EQ(i.op, r.op) << name << std::hex << ' ' << word;
            EXPECT_EQ(i.length, 4);
            EXPECT_EQ(i.raw, word);
            EXPECT_EQ(r.encoding.match | encoded_operands(i, r.format), word & ~ignored(r)) << name;
            const std::string text = disassemble(i, 0x80000000);
            EXPECT_TRUE(text.starts_with(name)) << text;
            EXPECT_EQ(text.find("illegal"), std::string::npos);
        }
    }
}

TEST(IsaRows, RegistersOfADestinationThatIsNone) {
    for (const Row& r : rows()) {
        const Operands o = operands(r.format);
        const Insn i = decode(r.encoding.match, everything); // every operand field 0
        ASSERT_LT(i.op, Op::illegal);
        EXPECT_EQ(i.rd, o.rd == 2 ? 0 : sink) << std::string_view(r.mnemonic);
        const Insn ones = decode(r.encoding.match | (~r.encoding.mask & 0x00008000), everything); // rs1 = 1
        EXPECT_EQ(ones.rs1, (o.rs1 != 0 || r.format == Format::CsrImm) && (~r.encoding.mask & 0x8000) ? 1 : 0);
        EXPECT_EQ(ones.rs2, 0);
    }
}

TEST(IsaDecode, AgreesWithASearchOfAllRows) {
    Random random(2);
    for (int n = 0; n < 300'000; ++n) {
        // Every other word is near a row: it differs from a match in one bit.
        std::uint32_t word = low32(random) | 3;
        if (n & 1) {
            const Row& r = rows()[random.below(rows().size())];
            word = r.encoding.match | (word & ~r.encoding.mask);
            word = (word ^ 1u << random.below(32)) | 3;
        }
        const Row* const expected = fitting(word, everything);
        ASSERT_EQ(decode(word, everything).op, expected ? expected->op : Op::illegal) << std::hex << word;
    }
}

TEST(IsaDecode, IllegalWordsKeepTheirBits) {
    for (const std::uint32_t word : {0xffffffffu, 0x0000007fu, 0x00000057u, 0x0000001fu, 0x02000033u | 1u << 26}) {
        const Insn i = decode(word, everything);
        EXPECT_EQ(i.op, Op::illegal);
        EXPECT_EQ(i.raw, word);
        EXPECT_EQ(i.length, 4);
        EXPECT_EQ(i.rd, sink);
    }
    const Insn zero = decode(0xabcd0000, everything);
    EXPECT_EQ(zero.op, Op::illegal); // Unpriv §16.2: the all-zero halfword
    EXPECT_EQ(zero.length, 2);
    EXPECT_EQ(zero.raw, 0u);
    EXPECT_EQ(disassemble(zero, 0), ".short\t0x0000");
    EXPECT_EQ(disassemble(decode(0xffffffff, everything), 0), ".word\t0xffffffff");
}

TEST(IsaDecode, AnExtensionThatIsOffHasNoInstructions) {
    Random random(3);
    for (const Row& r : rows()) {
        if (r.extension == Extension::I) continue;
        Extensions others = everything;
        others.remove(r.extension);
        for (int n = 0; n < 20; ++n) {
            const std::uint32_t word = r.encoding.match | (low32(random) & ~r.encoding.mask);
            const Op without = decode(word, others).op;
            EXPECT_EQ(without, r.op == Op::pause ? Op::fence : Op::illegal) << std::string_view(r.mnemonic);
        }
    }
    Extensions no_c = everything, no_d = everything;
    no_c.remove(Extension::C);
    no_d.remove(Extension::D);
    for (std::uint32_t word = 0; word < 0x10000; ++word) {
        if ((word & 3) == 3) continue;
        EXPECT_EQ(decode(word, no_c).op, Op::illegal);
        const Insn i = decode(word, everything);
        EXPECT_EQ(decode(word, no_d).op, i.op == Op::fld || i.op == Op::fsd ? Op::illegal : i.op);
    }
}

TEST(IsaDecode, Overlaps) {
    EXPECT_EQ(decode(0x0100000f, everything).op, Op::pause);
    EXPECT_EQ(decode(0x0120000f, everything).op, Op::fence);
    EXPECT_EQ(decode(0x00552013, everything).op, Op::marker_begin); // slti x0, a0, 5
    EXPECT_EQ(decode(0x00553013, everything).op, Op::marker_end);
    EXPECT_EQ(decode(0x00552093, everything).op, Op::slti);
    const Insn marker = decode(0xfff52013, everything);
    EXPECT_EQ(marker.rs1, 10);
    EXPECT_EQ(marker.imm, -1);
}

/// What a compressed word becomes, in the words of its expansion.
std::string expansion(std::uint32_t word) {
    Insn i = decode(word, everything);
    if (i.op == Op::illegal) return "illegal";
    i.length = 4;
    return disassemble(i, 0);
}

// Operands by hand from Unpriv §16.3 to §16.5.
TEST(IsaCompressed, Expansions) {
    EXPECT_EQ(expansion(0x1141), "addi\tsp,sp,-16");
    EXPECT_EQ(expansion(0x7139), "addi\tsp,sp,-64"); // c.addi16sp
    EXPECT_EQ(expansion(0x0808), "addi\ta0,sp,16");  // c.addi4spn
    EXPECT_EQ(expansion(0x4188), "lw\ta0,0(a1)");
    EXPECT_EQ(expansion(0x41c8), "lw\ta0,4(a1)");
    EXPECT_EQ(expansion(0xe188), "sd\ta0,0(a1)");
    EXPECT_EQ(expansion(0x60e2), "ld\tra,24(sp)");
    EXPECT_EQ(expansion(0xec06), "sd\tra,24(sp)");
    EXPECT_EQ(expansion(0x2108), "fld\tfa0,0(a0)");
    EXPECT_EQ(expansion(0xa022), "fsd\tfs0,0(sp)");
    EXPECT_EQ(expansion(0x2002), "fld\tft0,0(sp)"); // f0 is a register like any other
    EXPECT_EQ(expansion(0x8082), "jalr\tzero,0(ra)");
    EXPECT_EQ(expansion(0x9502), "jalr\tra,0(a0)");
    EXPECT_EQ(expansion(0x852e), "add\ta0,zero,a1"); // c.mv
    EXPECT_EQ(expansion(0x952e), "add\ta0,a0,a1");
    EXPECT_EQ(expansion(0x9002), "ebreak");
    EXPECT_EQ(expansion(0xa001), "jal\tzero,0x0");
    EXPECT_EQ(expansion(0xbffd), "jal\tzero,0xfffffffffffffffe");
    EXPECT_EQ(expansion(0xc111), "beq\ta0,zero,0x4");
    EXPECT_EQ(expansion(0xfd7d), "bne\ta0,zero,0xfffffffffffffffe");
    EXPECT_EQ(expansion(0x757d), "lui\ta0,0xfffff");
    EXPECT_EQ(expansion(0x1502), "slli\ta0,a0,0x20");
    EXPECT_EQ(expansion(0x9d1d), "subw\ta0,a0,a5");
}

TEST(IsaCompressed, ReservedFormsAreIllegal) {
    EXPECT_EQ(expansion(0x0000), "illegal"); // c.addi4spn, nzuimm = 0
    EXPECT_EQ(expansion(0x0008), "illegal"); // the same with rd' = x10
    EXPECT_EQ(expansion(0x2001), "illegal"); // c.addiw, rd = x0
    EXPECT_EQ(expansion(0x6101), "illegal"); // c.addi16sp, nzimm = 0
    EXPECT_EQ(expansion(0x6501), "illegal"); // c.lui, nzimm = 0
    EXPECT_EQ(expansion(0x6001), "illegal"); // the same with rd = x0
    EXPECT_EQ(expansion(0x4002), "illegal"); // c.lwsp, rd = x0
    EXPECT_EQ(expansion(0x6002), "illegal"); // c.ldsp, rd = x0
    EXPECT_EQ(expansion(0x8002), "illegal"); // c.jr, rs1 = x0
    EXPECT_EQ(expansion(0x9c41), "illegal"); // 100 1 11 ... 10
    EXPECT_EQ(expansion(0x9c61), "illegal"); // 100 1 11 ... 11
    for (std::uint32_t word = 0x8000; word < 0xa000; word += 4)
        EXPECT_EQ(expansion(word), "illegal"); // quadrant 0, 100
}

TEST(IsaCompressed, HintsDoNothing) { // Unpriv §16.7
    for (const std::uint32_t word :
         {0x0001u, 0x0005u, 0x4001u, 0x6005u, 0x0502u & ~0xf80u, 0x0002u, 0x800au, 0x900au}) {
        const Insn i = decode(word, everything);
        ASSERT_NE(i.op, Op::illegal) << std::hex << word;
        EXPECT_EQ(i.rd, sink) << std::hex << word;
    }
    EXPECT_EQ(expansion(0x0502 & ~0x107c), "slli\ta0,a0,0x0");
    EXPECT_EQ(expansion(0x8101), "srli\ta0,a0,0x0");
}

TEST(IsaCompressed, EveryWordDecodesToTwoBytesAndPrints) {
    for (std::uint32_t word = 0; word < 0x10000; ++word) {
        if ((word & 3) == 3) continue;
        const Insn i = decode(word | 0x5a5a0000, everything);
        ASSERT_EQ(i.length, 2);
        ASSERT_EQ(i.raw, word);
        EXPECT_EQ(disassemble(i, 0).starts_with(".short"), i.op == Op::illegal);
        EXPECT_EQ(disassemble(i, 0).starts_with("c."), i.op != Op::illegal);
    }
}

TEST(IsaDisassembly, Names) {
    EXPECT_EQ(disassemble(decode(0x30059573, everything), 0), "csrrw\ta0,mstatus,a1");
    EXPECT_EQ(disassemble(decode(0x8002d573, everything), 0), "csrrwi\ta0,0x800,5");
    EXPECT_EQ(disassemble(decode(0x04b6252f, everything), 0), "amoadd.w.aq\ta0,a1,(a2)");
    EXPECT_EQ(disassemble(decode(0xfe000ee3, everything), 0x80000004), "beq\tzero,zero,0x80000000");
    EXPECT_EQ(disassemble(decode(0x8330000f, everything), 0), "fence.tso");
    EXPECT_EQ(disassemble(decode(0xd2058553, everything), 0), "fcvt.d.w\tfa0,a1");
    EXPECT_EQ(disassemble(decode(0xd205f553, everything), 0), "fcvt.d.w\tfa0,a1,dyn");
    EXPECT_EQ(disassemble(decode(0xd2259553, everything), 0), "fcvt.d.l\tfa0,a1,rtz");
    EXPECT_EQ(csr_name(0xb1f), "mhpmcounter31");
    EXPECT_EQ(csr_name(0x3bf), "pmpaddr15");
    EXPECT_EQ(csr_name(0x800), "");
    EXPECT_EQ(x_name(sink), "zero");
}

TEST(IsaString, ParsesAndPrintsInCanonicalOrder) {
    const std::string machine = "rv64imafdc_zicsr_zifencei_zicntr_zihpm_zba_zbb_zbs_zicbom_zicboz_zihintpause_sstc_"
                                "svinval_svpbmt_svadu";
    EXPECT_EQ(Extensions::parse(machine), everything);
    EXPECT_EQ(everything.string(), "rv64imafdc_zicbom_zicboz_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbs_sstc_"
                                   "svadu_svinval_svpbmt");
    EXPECT_EQ(Extensions::parse(everything.string()), everything);
    EXPECT_EQ(Extensions::parse("rv64gc").string(), "rv64imafdc_zicsr_zifencei");
    EXPECT_EQ(Extensions::parse("RV64IMAC_Zicsr").string(), "rv64imac_zicsr");
    EXPECT_EQ(Extensions::parse("rv64imazicsr_zba").string(), "rv64ima_zicsr_zba");
    EXPECT_EQ(Extensions::parse("rv64gc").misa(), 0x14112dull);
}

/// The message that a string is refused with.
std::string refusal(std::string_view isa) {
    try {
        return "accepted: " + Extensions::parse(isa).string();
    } catch (const std::invalid_argument& e) { return e.what(); }
}

TEST(IsaString, RefusalsSayWhy) {
    const auto refused = [](std::string_view isa, std::string_view because) {
        const std::string message = refusal(isa);
        EXPECT_NE(message.find(because), std::string::npos) << message;
        const std::string quoted = std::string{"'"}.append(isa).append("'");
        EXPECT_NE(message.find(quoted), std::string::npos) << message;
    };
    refused("", "rv64i or rv64g");
    refused("rv32gc", "rv64i or rv64g");
    refused("rv64", "i or g after rv64");
    refused("rv64mac_zicsr", "i or g after rv64");
    refused("rv64imv_zicsr", "unknown extension 'v'");
    refused("rv64i_zicsr_zbx", "unknown extension 'zbx'");
    refused("rv64i2p0", "unknown extension '2'");
    refused("rv64im_zicsr_", "after '_'");
    refused("rv64im__zicsr", "after '_'");
    refused("rv64imm_zicsr", "m is there twice");
    refused("rv64gc_zicsr", "zicsr is there twice");
    refused("rv64imac", "i needs zicsr");
    refused("rv64id_zicsr", "d needs f");
    refused("rv64i\n", "unknown extension");
}

} // namespace
