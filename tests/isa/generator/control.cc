// Control flow: branches, bounded loops, calls, jumps to where no code is, code across pages, code that changes.
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

constexpr std::array<std::uint32_t, 6> branches{0x0063, 0x1063, 0x4063, 0x5063, 0x6063, 0x7063};

void body(Scene& scene, unsigned most) {
    for (unsigned n = 1 + scene.dice.below(most); n > 0; --n) {
        if (scene.dice.percent(15))
            memory_block(scene);
        else
            plain_instruction(scene);
    }
}

} // namespace

void branch_block(Scene& scene) {
    Dice& dice = scene.dice;
    const auto over = scene.code.label();
    switch (dice.below(4)) {
    case 0: scene.code.c_branch(dice.percent(50), 8 + dice.below(8), over); break;
    case 1: scene.code.c_j(over); break;
    case 2: scene.code.jal(dice.percent(70) ? 0 : dice.destination(), over); break;
    default: scene.code.branch(dice.pick(branches), dice.below(32), dice.below(32), over); break;
    }
    body(scene, 4);
    scene.code.bind(over);
}

void loop_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg counter = dice.temporary();
    scene.code.li(counter, 1 + dice.below(6));
    dice.reserve(counter);
    const auto again = scene.code.bound();
    body(scene, 5);
    scene.code.addi(counter, counter, -1);
    scene.code.branch(dice.percent(50) ? 0x1063 : 0x4063, dice.percent(50) ? counter : 0, counter, again);
    dice.release(counter);
}

void call_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg link = dice.percent(80) ? 1 : 5;
    dice.reserve(link);
    const auto function = scene.code.label(), over = scene.code.label();
    if (dice.percent(50)) {
        scene.code.jal(link, function);
    } else {
        const Reg t = dice.temporary(link);
        scene.code.la(t, function);
        if (link == 1 && dice.percent(50))
            scene.code.half(0x9002 | t << 7); // c.jalr
        else
            scene.code.i(0x67, link, t, dice.percent(50) ? 0 : 1); // bit 0 is cleared (Unpriv §2.5.1)
    }
    scene.code.j(over);
    scene.code.bind(function);
    body(scene, 4);
    if (dice.percent(50))
        scene.code.half(0x8002 | link << 7); // c.jr
    else
        scene.code.i(0x67, 0, link, 0);
    scene.code.bind(over);
    dice.release(link);
}

void wild_jump_block(Scene& scene) {
    Dice& dice = scene.dice;
    std::uint64_t target = 0;
    if (scene.paged()) {
        static constexpr std::array<std::uint64_t, 4> unmapped{0x5a5a'0000'0000, 0x0100'0000'0000'0000,
                                                               0x7fff'ffff'ffff'fffe, 0x8000'0000'0000'0000};
        target = dice.pick(unmapped);
        const auto& reachable = scene.plan.windows[scene.context];
        if (dice.percent(60)) {
            const Window& w = dice.pick(reachable);
            if (!w.executable) target = w.va + dice.below(2048) * 2;
        }
    } else {
        static constexpr std::array<std::uint64_t, 3> holes{0x20, 0x9'0000'0000, 0x40'0000'1000};
        target = dice.pick(holes);
    }
    const Reg t = dice.temporary(1);
    scene.code.li(t, target);
    if (dice.percent(30))
        scene.code.half(0x9002 | t << 7); // c.jalr
    else
        scene.code.i(0x67, 1, t, static_cast<std::int32_t>(dice.below(4)));
    scene.mark_resume();
    scene.code.li(1, 0);
}

void page_crossing_block(Scene& scene) {
    // The padding is never run: a jump leads to the last parcel of the page.
    const std::uint64_t left = page_size - 2 - scene.code.offset() % page_size;
    if (left < 8 || left > 700 || scene.code.offset() > code_size - 2048) return branch_block(scene);
    const auto last = scene.code.label();
    scene.code.j(last);
    scene.code.reserve(left - 4);
    scene.code.bind(last);
    integer_instruction(scene);
    integer_instruction(scene);
}

void self_modifying_block(Scene& scene) {
    // Only where the code window is writable: no translation, and PMP leaves the arena open.
    if (scene.paged()) return fence_block(scene);
    Dice& dice = scene.dice;
    const Reg at = dice.temporary(), value = dice.temporary(at), changed = dice.temporary(at, value);
    const auto slot = scene.code.label();
    scene.code.la(at, slot);
    scene.code.li(value, 0x13u | changed << 7 | changed << 15 | static_cast<std::uint32_t>(dice.imm12()) << 20);
    if (dice.percent(50)) { // run it first, so that it may be held decoded
        const auto twice = scene.code.label();
        scene.code.li(changed, 0);
        scene.code.bind(slot);
        scene.code.addi(changed, changed, 1);
        scene.code.bne(value, 0, twice);
        const auto out = scene.code.label();
        scene.code.j(out);
        scene.code.bind(twice);
        scene.code.s(0x2023, value, at, 0);
        scene.code.li(value, 0);
        scene.code.fence_i();
        scene.code.j(slot);
        scene.code.bind(out);
        return;
    }
    scene.code.s(0x2023, value, at, 0);
    scene.code.fence_i();
    scene.code.bind(slot);
    scene.code.word(0x00000013);
}

} // namespace tollgate::judge
