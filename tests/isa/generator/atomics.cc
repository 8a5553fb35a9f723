// Atomic memory operations and reservations (Unpriv §8).
#include "generator/encodings.hh"
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

using enum Form;
constexpr Encoding atomic_encodings[] = {{0x0000202f, atomic},
                                         {0x0800202f, atomic},
                                         {0x2000202f, atomic},
                                         {0x6000202f, atomic},
                                         {0x4000202f, atomic},
                                         {0x8000202f, atomic},
                                         {0xa000202f, atomic},
                                         {0xc000202f, atomic},
                                         {0xe000202f, atomic},
                                         {0x0000302f, atomic},
                                         {0x0800302f, atomic},
                                         {0x2000302f, atomic},
                                         {0x6000302f, atomic},
                                         {0x4000302f, atomic},
                                         {0x8000302f, atomic},
                                         {0xa000302f, atomic},
                                         {0xc000302f, atomic},
                                         {0xe000302f, atomic},
                                         // lr and sc
                                         {0x1000202f, load_reserved},
                                         {0x1000302f, load_reserved},
                                         {0x1800202f, atomic},
                                         {0x1800302f, atomic}};
constexpr unsigned operations = 18;

} // namespace

std::span<const Encoding> atomic_table() { return atomic_encodings; }

void atomic_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg base = dice.temporary();
    for (unsigned n = 1 + dice.below(3); n > 0; --n) {
        const std::uint32_t op = atomic_encodings[dice.below(operations)].match;
        const bool wide = (op & 0x1000) != 0;
        // Misaligned ones trap: the hardware does misaligned loads and stores, not atomics (Unpriv §8.4).
        scene.code.li(base, scene.address(wide ? 8 : 4, dice.percent(88), true));
        scene.code.r(op | dice.below(4) << 25, dice.destination(), base, dice.below(32));
    }
}

void reservation_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg base = dice.temporary(), loaded = dice.temporary(base), value = dice.temporary(base, loaded);
    const bool wide = dice.percent(50);
    const std::uint32_t width = wide ? 0x3000 : 0x2000, order = dice.below(4) << 25;
    scene.code.li(base, scene.address(wide ? 8 : 4, true, true));
    const unsigned shape = dice.below(10);
    if (shape == 0) { // misaligned lr
        scene.code.addi(base, base, 1 + static_cast<std::int32_t>(dice.below(3)));
        return scene.code.r(0x1000002f | width | order, loaded, base, 0);
    }
    if (shape == 2) { // a trap between ends the constrained loop's guarantee, and here the reservation: sc must fail
        scene.code.r(0x1000002f | width | order, loaded, base, 0);
        scene.code.word(0x00100073); // ebreak
        return;
    }
    // Where the LR traps there is no reservation, and whether the SC then traps too is left open (Unpriv §8.2).
    const auto out = scene.code.label();
    scene.code.li(value, 0x5eed'0fff'0123'4567);
    scene.code.mv(loaded, value);
    scene.code.r(0x1000002f | width | order, loaded, base, 0);
    scene.code.beq(loaded, value, out);
    dice.reserve(base);
    for (unsigned n = dice.below(4); n > 0; --n) {
        if (dice.percent(50))
            integer_instruction(scene);
        else
            compressed_instruction(scene);
    }
    const bool twice = shape == 1 && scene.machine();
    const Reg success = twice || dice.percent(50) ? value : dice.destination();
    if (twice) scene.code.li(value, 2);
    scene.code.r(0x1800002f | width | dice.below(4) << 25, success, base, dice.below(32));
    dice.release(base);
    if (twice) { // a reservation does not outlive its sc
        scene.code.bne(value, 0, out);
        scene.code.r(0x1800002f | width, value, base, base);
    }
    scene.code.bind(out);
}

} // namespace tollgate::judge
