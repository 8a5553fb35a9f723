// Control and status registers: existing and not, read-only, too privileged, written with what both sides define.
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

/// CSRs whose whole value both sides define alike. Counters, identification and hardware performance events are not.
constexpr std::array<std::uint32_t, 39> readable{0x001, 0x002, 0x003, 0x100, 0x104, 0x105, 0x106, 0x140, 0x141, 0x142,
                                                 0x143, 0x144, 0x180, 0x14d, 0x300, 0x301, 0x302, 0x303, 0x304, 0x305,
                                                 0x306, 0x340, 0x341, 0x342, 0x343, 0x344, 0x3a0, 0x3a2, 0x3b0, 0x3b1,
                                                 0x3b5, 0x3b6, 0x3b7, 0x3bf, 0xf14, 0x300, 0x100, 0x342, 0x142};

/// Not there on RV64 without the hypervisor, vector, entropy and debug extensions (Priv §2.2).
constexpr std::array<std::uint32_t, 24> absent{0x800, 0x8ff, 0x5c0, 0x6c0, 0x9c0, 0xbc0, 0xdc0, 0xfc0,
                                               0x600, 0x200, 0x280, 0x310, 0x3a1, 0x3a3, 0x7b0, 0x008,
                                               0xc20, 0x015, 0xc80, 0x31a, 0x15d, 0xb80, 0x680, 0x4c0};

/// A CSR and the bits in which any value may be written and reads back equal on both sides.
struct Writable {
    std::uint32_t csr;
    std::uint64_t bits;
};
constexpr std::array<Writable, 12> writable{{{0x106, 7},
                                             {0x140, ~0ull},
                                             {0x141, ~1ull},
                                             {0x143, ~0ull},
                                             {0x142, 0xf},
                                             {0x306, 7},
                                             {0x341, ~1ull},
                                             {0x343, ~0ull},
                                             {0x342, 0xf},
                                             {0x302, 0xb1f4},
                                             {0x303, 0x222},
                                             {0x104, 0}}};

} // namespace

void csr_block(Scene& scene) {
    Dice& dice = scene.dice;
    const auto operation = [&] { return 1 + dice.below(3) + 4 * dice.below(2); };
    switch (dice.below(6)) {
    case 0: { // read by csrrs or csrrc without a write
        const std::uint32_t f = 2 + dice.below(2) + 4 * dice.below(2);
        return scene.code.word(0x73 | f << 12 | dice.destination() << 7 | dice.pick(readable) << 20);
    }
    case 1:
        return scene.code.word(0x73 | operation() << 12 | dice.destination() << 7 | dice.below(32) << 15
                               | dice.pick(absent) << 20);
    case 2: { // any write to a read-only register traps
        static constexpr std::array<std::uint32_t, 7> read_only{0xc00, 0xc01, 0xc02, 0xf11, 0xf12, 0xf13, 0xf14};
        return scene.code.word(0x73 | (1 + 4 * dice.below(2)) << 12 | dice.destination() << 7 | dice.below(32) << 15
                               | dice.pick(read_only) << 20);
    }
    case 3: // above the mode
        if (scene.machine()) return csr_block(scene);
        return scene.code.word(0x73 | operation() << 12 | dice.destination() << 7 | dice.below(32) << 15
                               | dice.pick(std::array<std::uint32_t, 4>{0x300, 0x305, 0x340, 0x3a0}) << 20);
    default: {
        const Writable& w = dice.pick(writable);
        const Reg t = dice.temporary();
        if (w.csr == 0x302 && !scene.machine()) return;
        std::uint64_t value = dice.integer() & w.bits;
        // The supervisor's stub must keep one way to the machine: `ecall` or illegal instructions.
        if (w.csr == 0x302) value &= scene.plan.descriptor.medeleg | 0x8000;
        scene.code.li(t, value);
        const Reg rd = dice.destination();
        scene.code.csrrw(rd, w.csr, t);
        if (w.csr == 0x306 && rd != 0) scene.code.andi(rd, rd, 7);
        scene.code.csrr(t, w.csr);
    }
    }
}

void counter_block(Scene& scene) {
    // Whether access traps is compared (Priv §3.1.11); the value is overwritten at once.
    Dice& dice = scene.dice;
    const Reg t = dice.temporary();
    static constexpr std::array<std::uint32_t, 3> counters{0xc00, 0xc01, 0xc02};
    scene.code.csrr(t, dice.pick(counters));
    scene.code.li(t, dice.below(100));
}

void scratch_csr_block(Scene& scene) {
    // Registers on which the harness relies: written, read back and restored with nothing between that can trap.
    Dice& dice = scene.dice;
    const Reg value = dice.temporary(), old = dice.temporary(value), seen = dice.temporary(value, old);
    std::uint32_t csr = 0x105;
    scene.code.li(value, dice.integer());
    if (scene.machine() && dice.percent(66)) csr = dice.percent(50) ? 0x340 : 0x305;
    if (csr != 0x340) scene.code.andi(value, value, ~3); // reserved modes are WARL (Priv §3.1.7)
    if (csr != 0x340 && dice.percent(50)) scene.code.i(0x6013, value, value, 1);
    if (csr == 0x305 || csr == 0x105) { // alignment of a vectored base may be constrained (Priv §3.1.7)
        scene.code.srli(value, value, 8);
        scene.code.slli(value, value, 8);
    }
    scene.code.csrrw(old, csr, value);
    scene.code.csrrw(seen, csr, old);
    if (csr == 0x305 || csr == 0x105) scene.code.li(old, 0);
}

void status_block(Scene& scene) {
    Dice& dice = scene.dice;
    static constexpr std::array<std::uint64_t, 5> any{1ull << 18, 1ull << 19, 3ull << 18, 0x20, 0x122};
    static constexpr std::array<std::uint64_t, 5> machine{1ull << 20, 1ull << 21, 1ull << 22, 7ull << 20, 0x80};
    const std::uint32_t csr = scene.machine() ? 0x300 : 0x100;
    std::uint64_t bits = dice.pick(any);
    if (scene.machine() && dice.percent(40)) bits = dice.pick(machine);
    if (!scene.plan.traps_virtual_memory) bits &= ~(1ull << 20);
    if (dice.percent(10)) bits = 0x6000; // floating point off, or on
    const Reg t = dice.temporary();
    scene.code.li(t, bits);
    if (dice.percent(50))
        scene.code.csrrs(dice.destination(), csr, t);
    else
        scene.code.csrrc(dice.destination(), csr, t);
    if (bits == 0x6000) floating_constants_block(scene);
}

} // namespace tollgate::judge
