// Floating point: F and D, all rounding modes, boxed and badly boxed operands (Unpriv §11, §12).
#include "generator/encodings.hh"
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

using enum Form;
constexpr Encoding floating_encodings[] = {
    // fadd fsub fmul fdiv, single and double
    {0x00000053, rounded3},
    {0x08000053, rounded3},
    {0x10000053, rounded3},
    {0x18000053, rounded3},
    {0x02000053, rounded3},
    {0x0a000053, rounded3},
    {0x12000053, rounded3},
    {0x1a000053, rounded3},
    // fsqrt; fcvt.s.d fcvt.d.s
    {0x58000053, rounded2},
    {0x5a000053, rounded2},
    {0x40100053, rounded2},
    {0x42000053, rounded2},
    // fsgnj fsgnjn fsgnjx fmin fmax
    {0x20000053, register3},
    {0x20001053, register3},
    {0x20002053, register3},
    {0x28000053, register3},
    {0x28001053, register3},
    {0x22000053, register3},
    {0x22001053, register3},
    {0x22002053, register3},
    {0x2a000053, register3},
    {0x2a001053, register3},
    // fmadd fmsub fnmsub fnmadd
    {0x00000043, rounded4},
    {0x00000047, rounded4},
    {0x0000004b, rounded4},
    {0x0000004f, rounded4},
    {0x02000043, rounded4},
    {0x02000047, rounded4},
    {0x0200004b, rounded4},
    {0x0200004f, rounded4},
    // to integer: fcvt.w wu l lu; fmv.x, fclass, feq flt fle
    {0xc0000053, rounded2},
    {0xc0100053, rounded2},
    {0xc0200053, rounded2},
    {0xc0300053, rounded2},
    {0xc2000053, rounded2},
    {0xc2100053, rounded2},
    {0xc2200053, rounded2},
    {0xc2300053, rounded2},
    {0xe0000053, register2},
    {0xe2000053, register2},
    {0xe0001053, register2},
    {0xe2001053, register2},
    {0xa0002053, register3},
    {0xa0001053, register3},
    {0xa0000053, register3},
    {0xa2002053, register3},
    {0xa2001053, register3},
    {0xa2000053, register3},
    // from integer: fcvt.s and fcvt.d from w wu l lu; fmv
    {0xd0000053, rounded2},
    {0xd0100053, rounded2},
    {0xd0200053, rounded2},
    {0xd0300053, rounded2},
    {0xd2000053, rounded2},
    {0xd2100053, rounded2},
    {0xd2200053, rounded2},
    {0xd2300053, rounded2},
    {0xf0000053, register2},
    {0xf2000053, register2}};

bool writes_integer(std::uint32_t match) {
    const std::uint32_t group = match >> 28;
    return (match & 0x7f) == 0x53 && (group == 0xc || group == 0xe || group == 0xa);
}

} // namespace

std::span<const Encoding> floating_table() { return floating_encodings; }

void floating_instruction(Scene& scene) {
    Dice& dice = scene.dice;
    const Encoding& e = floating_encodings[dice.below(std::size(floating_encodings))];
    const Reg rd = writes_integer(e.match) ? dice.destination() : dice.below(32);
    std::uint32_t word = e.match | rd << 7 | dice.below(32) << 15;
    const std::uint32_t rm = dice.percent(3) ? 5 + dice.below(2) : dice.percent(40) ? 7 : dice.below(5);
    switch (e.form) {
    case rounded4: word |= dice.below(32) << 27; [[fallthrough]];
    case rounded3: word |= dice.below(32) << 20; [[fallthrough]];
    case rounded2: word |= rm << 12; break;
    case register3: word |= dice.below(32) << 20; break;
    default: break;
    }
    scene.code.word(word);
}

void fresh_floating_block(Scene& scene) {
    // Operands of its own, because registers that are used again and again soon hold nothing but NaNs.
    Dice& dice = scene.dice;
    std::array<Reg, 3> operand{dice.below(32), dice.below(32), dice.below(32)};
    const Reg t = dice.temporary();
    for (const Reg f : operand) {
        scene.code.li(t, dice.floating());
        scene.code.r(0xf2000053, f, t, 0); // fmv.d.x
    }
    const std::uint32_t wide = dice.below(2) << 25, rm = (dice.percent(50) ? 7 : dice.below(5)) << 12;
    const Reg a = operand[0], b = operand[1], c = operand[2];
    switch (dice.below(4)) {
    case 0: // what a product rounds away, by the fused operation
        scene.code.r(0x10000053 | wide | rm, c, a, b);
        scene.code.word((dice.percent(50) ? 0x47u : 0x4bu) | wide | rm | dice.below(32) << 7 | a << 15 | b << 20
                        | c << 27);
        break;
    case 1: // of a quotient and of a root
        scene.code.r(0x18000053 | wide | rm, c, a, b);
        scene.code.word(0x47u | wide | rm | dice.below(32) << 7 | c << 15 | b << 20 | a << 27);
        scene.code.r(0x58000053 | wide | rm, c, b, 0);
        scene.code.word(0x4bu | wide | rm | dice.below(32) << 7 | c << 15 | c << 20 | b << 27);
        break;
    default:
        for (unsigned n = 2 + dice.below(3); n > 0; --n) {
            const Encoding& e = floating_encodings[dice.below(std::size(floating_encodings))];
            std::uint32_t word = e.match | dice.pick(operand) << 15;
            word |= (writes_integer(e.match) ? dice.destination() : dice.below(32)) << 7;
            if (e.form == rounded4) word |= dice.pick(operand) << 27;
            if (e.form == rounded4 || e.form == rounded3 || e.form == register3) word |= dice.pick(operand) << 20;
            if (e.form == rounded4 || e.form == rounded3 || e.form == rounded2) word |= dice.below(5) << 12;
            scene.code.word(word);
        }
    }
    if (dice.percent(50)) scene.code.word(0x00102073 | dice.temporary() << 7); // frflags
}

void floating_constants_block(Scene& scene) {
    Dice& dice = scene.dice;
    for (unsigned n = 1 + dice.below(3); n > 0; --n) {
        const Reg t = dice.temporary();
        scene.code.li(t, dice.floating());
        scene.code.r(dice.percent(80) ? 0xf2000053 : 0xf0000053, dice.below(32), t, 0); // fmv.d.x, fmv.w.x
    }
    for (unsigned n = dice.below(6); n > 0; --n) floating_instruction(scene);
}

void floating_csr_block(Scene& scene) {
    Dice& dice = scene.dice;
    const std::uint32_t csr = 1 + dice.below(3);
    const Reg t = dice.temporary();
    switch (dice.below(4)) {
    case 0: // frm, now and then a reserved one: every operation with dynamic rounding then traps (Unpriv §11.2)
        scene.code.word(0x00205073 | (dice.percent(20) ? 5 + dice.below(3) : dice.below(5)) << 15 | t << 7);
        break;
    case 1:
        scene.code.li(t, dice.integer());
        scene.code.csrrw(dice.destination(), csr, t);
        break;
    case 2: scene.code.csrrs(dice.destination(), csr, dice.below(32)); break;
    default: scene.code.csrrc(dice.destination(), csr, dice.below(32)); break;
    }
    for (unsigned n = 1 + dice.below(3); n > 0; --n) floating_instruction(scene);
    if (dice.percent(50)) scene.code.word(0x00205073 | dice.below(5) << 15); // fsrmi
}

} // namespace tollgate::judge
