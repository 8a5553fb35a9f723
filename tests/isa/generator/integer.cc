// Integer instructions: RV64I, M, Zba, Zbb, Zbs, their compressed forms, and encodings that mean nothing.
#include "generator/encodings.hh"
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

using enum Form;
constexpr std::uint32_t ctzw = 0x6010101b;
constexpr Encoding integer_encodings[] = {
    {0x00000033, register3},
    {0x40000033, register3},
    {0x00001033, register3},
    {0x00002033, register3},
    {0x00003033, register3},
    {0x00004033, register3},
    {0x00005033, register3},
    {0x40005033, register3},
    {0x00006033, register3},
    {0x00007033, register3},
    {0x0000003b, register3},
    {0x4000003b, register3},
    {0x0000103b, register3},
    {0x0000503b, register3},
    {0x4000503b, register3},
    // M
    {0x02000033, register3},
    {0x02001033, register3},
    {0x02002033, register3},
    {0x02003033, register3},
    {0x02004033, register3},
    {0x02005033, register3},
    {0x02006033, register3},
    {0x02007033, register3},
    {0x0200003b, register3},
    {0x0200403b, register3},
    {0x0200503b, register3},
    {0x0200603b, register3},
    {0x0200703b, register3},
    // Zba: sh1add sh2add sh3add, .uw, add.uw
    {0x20002033, register3},
    {0x20004033, register3},
    {0x20006033, register3},
    {0x2000203b, register3},
    {0x2000403b, register3},
    {0x2000603b, register3},
    {0x0800003b, register3},
    // Zbb: andn orn xnor max maxu min minu rol ror rolw rorw, zext.h
    {0x40007033, register3},
    {0x40006033, register3},
    {0x40004033, register3},
    {0x0a006033, register3},
    {0x0a007033, register3},
    {0x0a004033, register3},
    {0x0a005033, register3},
    {0x60001033, register3},
    {0x60005033, register3},
    {0x6000103b, register3},
    {0x6000503b, register3},
    {0x0800403b, register2},
    // Zbb: clz ctz cpop sext.b sext.h orc.b rev8 clzw ctzw cpopw
    {0x60001013, register2},
    {0x60101013, register2},
    {0x60201013, register2},
    {0x60401013, register2},
    {0x60501013, register2},
    {0x28705013, register2},
    {0x6b805013, register2},
    {0x6000101b, register2},
    {ctzw, register2},
    {0x6020101b, register2},
    // Zbs: bclr bext binv bset
    {0x48001033, register3},
    {0x48005033, register3},
    {0x68001033, register3},
    {0x28001033, register3},
    {0x48001013, shift6},
    {0x48005013, shift6},
    {0x68001013, shift6},
    {0x28001013, shift6},
    // immediates: addi slti sltiu xori ori andi addiw slli srli srai slliw srliw sraiw rori roriw slli.uw lui auipc
    {0x00000013, immediate},
    {0x00002013, immediate},
    {0x00003013, immediate},
    {0x00004013, immediate},
    {0x00006013, immediate},
    {0x00007013, immediate},
    {0x0000001b, immediate},
    {0x00001013, shift6},
    {0x00005013, shift6},
    {0x40005013, shift6},
    {0x0000101b, shift5},
    {0x0000501b, shift5},
    {0x4000501b, shift5},
    {0x60005013, shift6},
    {0x6000501b, shift5},
    {0x0800101b, shift6},
    {0x00000037, upper},
    {0x00000017, upper}};

} // namespace

std::span<const Encoding> integer_table() { return integer_encodings; }

void integer_instruction(Scene& scene) {
    Dice& dice = scene.dice;
    const Encoding& e = integer_encodings[dice.below(std::size(integer_encodings))];
    const std::uint32_t registers = dice.destination() << 7 | dice.below(32) << 15;
    if (e.match == ctzw) { // QEMU counts the whole register's zeros when the lower word has no one
        const Reg source = dice.temporary();
        scene.code.i(0x6013, source, source, 1 << dice.below(11)); // ori
        return scene.code.word(ctzw | dice.destination() << 7 | source << 15);
    }
    switch (e.form) {
    case register3: return scene.code.word(e.match | registers | dice.below(32) << 20);
    case register2: return scene.code.word(e.match | registers);
    case immediate: return scene.code.word(e.match | registers | static_cast<std::uint32_t>(dice.imm12()) << 20);
    case shift6: return scene.code.word(e.match | registers | dice.below(64) << 20);
    case shift5: return scene.code.word(e.match | registers | dice.below(32) << 20);
    case upper: return scene.code.word(e.match | (registers & 0xf80) | dice.below(1u << 20) << 12);
    default: return;
    }
}

void compressed_instruction(Scene& scene) {
    Dice& dice = scene.dice;
    const std::uint32_t six = dice.below(64), imm = (six & 31) << 2 | (six >> 5) << 12;
    const std::uint32_t some = dice.below(31) + 1;
    const Reg rd = dice.temporary();
    const std::uint32_t full = rd << 7, small = (dice.compact() - 8) << 7;
    switch (dice.below(13)) {
    case 0: return scene.code.half(0x0001 | full | imm);                                                // c.addi
    case 1: return scene.code.half(0x4001 | full | imm);                                                // c.li
    case 2: return scene.code.half(0x2001 | full | imm);                                                // c.addiw
    case 3: return scene.code.half(rd == 2 ? 0x0001u : 0x6001 | full | imm | (six == 0 ? 1u << 2 : 0)); // c.lui
    case 4: return scene.code.half(0x8001 | small | imm);                                               // c.srli
    case 5: return scene.code.half(0x8401 | small | imm);                                               // c.srai
    case 6: return scene.code.half(0x8801 | small | imm);                                               // c.andi
    case 7: {
        static constexpr std::array<std::uint32_t, 6> two{0x8c01, 0x8c21, 0x8c41, 0x8c61, 0x9c01, 0x9c21};
        return scene.code.half(dice.pick(two) | small | dice.below(8) << 2); // c.sub xor or and subw addw
    }
    case 8: return scene.code.half(0x0002 | full | imm);                                              // c.slli
    case 9: return scene.code.half(0x8002 | full | some << 2);                                        // c.mv
    case 10: return scene.code.half(0x9002 | full | some << 2);                                       // c.add
    case 11: return scene.code.half(0x0000 | (dice.below(255) + 1) << 5 | (dice.compact() - 8) << 2); // c.addi4spn
    default: { // hints (Unpriv §16.7): no state changes
        static constexpr std::array<std::uint32_t, 5> hints{0x0005, 0x4005, 0x6005, 0x8006, 0x9006};
        return scene.code.half(dice.pick(hints));
    }
    }
}

void plain_instruction(Scene& scene) {
    const unsigned kind = scene.dice.below(10);
    if (kind < 5)
        integer_instruction(scene);
    else if (kind < 8)
        compressed_instruction(scene);
    else
        floating_instruction(scene);
}

void constants_block(Scene& scene) {
    for (unsigned n = 1 + scene.dice.below(4); n > 0; --n) scene.code.li(scene.dice.temporary(), scene.dice.integer());
}

void reserved_block(Scene& scene) {
    Dice& dice = scene.dice;
    if (dice.percent(35)) { // Unpriv §16.8, tables 16.5 to 16.7
        static constexpr std::array<std::uint32_t, 12> halves{0x0000, 0x0004, 0x001c, 0x8000, 0x9c41, 0x9c61,
                                                              0x9fdd, 0x2001, 0x6101, 0x8002, 0x4002, 0x6002};
        return scene.code.half(dice.pick(halves));
    }
    for (;;) {
        // OP, OP-IMM and their W forms, LOAD 7, STORE 4 to 7, BRANCH 2 and 3, JALR not 0, OP-FP, FMADD, AMO, SYSTEM 4,
        // custom and reserved major opcodes.
        static constexpr std::array<std::uint32_t, 15> opcodes{0x33, 0x3b, 0x13, 0x1b, 0x03, 0x23, 0x63, 0x67,
                                                               0x53, 0x43, 0x2f, 0x73, 0x0b, 0x2b, 0x77};
        std::uint32_t word = (static_cast<std::uint32_t>(dice.next()) & ~0x7fu) | dice.pick(opcodes);
        const std::uint32_t funct3 = word >> 12 & 7;
        switch (word & 0x7f) {
        case 0x03: word |= 7u << 12; break;
        case 0x23: word |= 4u << 12; break;
        case 0x63: word = (word & ~(7u << 12)) | (2 + (funct3 & 1)) << 12; break;
        case 0x67:
            if (funct3 == 0) continue;
            break;
        case 0x73: word = (word & ~(7u << 12)) | 4u << 12; break;
        default: break;
        }
        if (!defined(word)) return scene.code.word(word);
    }
}

} // namespace tollgate::judge
