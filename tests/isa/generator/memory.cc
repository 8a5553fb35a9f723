// Loads and stores: all sizes, misaligned, across lines and pages, compressed, floating point.
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

constexpr std::array<std::uint32_t, 7> loads{0x0003, 0x1003, 0x2003, 0x3003, 0x4003, 0x5003, 0x6003};
constexpr std::array<std::uint32_t, 4> stores{0x0023, 0x1023, 0x2023, 0x3023};

/// Physical addresses at which the machine has nothing (and QEMU neither).
constexpr std::array<std::uint64_t, 4> holes{0x20, 0x9'0000'0000, 0x40'0000'0000, 0x7f'ffff'f000};

} // namespace

std::uint64_t Scene::address(unsigned size, bool aligned, bool atomic) {
    const auto& reachable = plan.windows[context];
    Window w{};
    std::uint64_t page = 0;
    if (!paged()) {
        if (!atomic && dice.percent(4)) return dice.pick(holes);
        page = dice.below(data_pages);
        w = {data_base + page * page_size, true, true, page >= 4};
    } else {
        if (dice.percent(3))
            return dice.percent(50) ? 0x0000'5a5a'0000'0000 + dice.below(4096) * 8 : 0x0100'0000'0000'0000;
        for (unsigned n = 0; n < 3; ++n) {
            w = dice.pick(reachable);
            if (w.usual || dice.percent(25)) break;
        }
    }
    std::uint64_t offset = 0;
    switch (dice.below(5)) {
    case 0: offset = page_size - 1 - dice.below(16); break;
    case 1: offset = 64 * dice.below(64) + 64 - 1 - dice.below(8); break;
    case 2: offset = dice.below(32); break;
    default: offset = dice.below(page_size); break;
    }
    if (aligned || w.aligned) offset &= ~static_cast<std::uint64_t>(size - 1);
    // The last window's end must not be crossed into what is no data.
    if (w.va + offset + size > data_base + data_pages * page_size && !paged()) offset = page_size - size;
    return w.va + offset;
}

void memory_block(Scene& scene) {
    Dice& dice = scene.dice;
    if (scene.plan.wild_bases && !scene.machine() && dice.percent(10)) {
        scene.code.i(dice.pick(loads), dice.destination(), dice.below(32), dice.imm12());
        return;
    }
    const Reg base = dice.temporary();
    const std::int32_t displacement = dice.percent(50) ? 0 : dice.imm12();
    std::uint64_t target = scene.address(8, false);
    scene.code.li(base, target - static_cast<std::uint64_t>(static_cast<std::int64_t>(displacement)));
    for (unsigned n = 1 + dice.below(3); n > 0; --n) {
        const unsigned size = dice.below(4);
        // Alignment of the doubleword is kept where the window asks for it.
        if (dice.percent(55)) {
            const std::uint32_t load = dice.pick(loads);
            const Reg rd = n == 1 ? dice.destination() : dice.temporary(base);
            scene.code.i(load, rd, base, displacement);
        } else {
            scene.code.s(stores[size], dice.below(32), base, displacement);
        }
    }
}

void compressed_memory_block(Scene& scene) {
    Dice& dice = scene.dice;
    const bool by_sp = dice.percent(30);
    const Reg base = by_sp ? 2 : dice.compact();
    const std::uint32_t small = (base - 8) << 7;
    const bool wide = dice.percent(50);
    const unsigned scale = wide ? 8 : 4, slot = dice.below(by_sp ? 64 : 32), offset = slot * scale;
    scene.code.li(base, scene.address(8, false) - offset);
    if (by_sp) {
        const Reg rd = dice.temporary(2);
        const std::uint32_t load_imm = wide ? (offset >> 3 & 3) << 5 | (offset >> 5 & 1) << 12 | (offset >> 6 & 7) << 2
                                            : (offset >> 2 & 7) << 4 | (offset >> 5 & 1) << 12 | (offset >> 6 & 3) << 2;
        const std::uint32_t store_imm =
            wide ? (offset >> 3 & 7) << 10 | (offset >> 6 & 7) << 7 : (offset >> 2 & 15) << 9 | (offset >> 6 & 3) << 7;
        switch (dice.below(wide ? 4 : 2)) {
        case 0: return scene.code.half((wide ? 0x6002u : 0x4002u) | rd << 7 | load_imm);
        case 1: return scene.code.half((wide ? 0xe002u : 0xc002u) | dice.below(32) << 2 | store_imm);
        case 2: return scene.code.half(0x2002 | dice.below(32) << 7 | load_imm);   // c.fldsp
        default: return scene.code.half(0xa002 | dice.below(32) << 2 | store_imm); // c.fsdsp
        }
    }
    const std::uint32_t imm = wide ? (offset >> 3 & 7) << 10 | (offset >> 6 & 3) << 5
                                   : (offset >> 3 & 7) << 10 | (offset >> 2 & 1) << 6 | (offset >> 6 & 1) << 5;
    const std::uint32_t rd = (dice.compact() - 8) << 2;
    switch (dice.below(wide ? 4 : 2)) {
    case 0: return scene.code.half((wide ? 0x6000u : 0x4000u) | small | imm | rd);
    case 1: return scene.code.half((wide ? 0xe000u : 0xc000u) | small | imm | dice.below(8) << 2);
    case 2: return scene.code.half(0x2000 | small | imm | dice.below(8) << 2);  // c.fld
    default: return scene.code.half(0xa000 | small | imm | dice.below(8) << 2); // c.fsd
    }
}

void floating_memory_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg base = dice.temporary();
    const bool wide = dice.percent(60);
    scene.code.li(base, scene.address(8, false));
    for (unsigned n = 1 + dice.below(3); n > 0; --n) {
        if (dice.percent(60))
            scene.code.i(wide ? 0x3007 : 0x2007, dice.below(32), base, 0);
        else
            scene.code.s(wide ? 0x3027 : 0x2027, dice.below(32), base, 0);
        floating_instruction(scene);
        scene.code.li(base, scene.address(8, false));
    }
}

void fence_block(Scene& scene) {
    Dice& dice = scene.dice;
    switch (dice.below(4)) {
    case 0: return scene.code.word(0x0000000f | dice.below(256) << 20 | dice.below(32) << 7 | dice.below(32) << 15);
    case 1: return scene.code.word(0x8330000f); // fence.tso
    case 2: return scene.code.word(0x0100000f); // pause
    default: return scene.code.fence_i();
    }
}

} // namespace tollgate::judge
