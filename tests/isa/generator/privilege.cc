// Traps, returns, interrupts and the modified privilege of loads and stores.
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

constexpr std::uint64_t mprv = 1u << 17;

void set_bits(Scene& scene, std::uint32_t csr, std::uint64_t bits, bool set, Reg t) {
    scene.code.li(t, bits);
    if (set)
        scene.code.csrrs(0, csr, t);
    else
        scene.code.csrrc(0, csr, t);
}

/// Software interrupt of this hart: raised with interrupts off, awaited in mip, then let in, so that the trap is
/// precise.
void machine_software_interrupt(Scene& scene) {
    const Reg address = scene.dice.temporary(), value = scene.dice.temporary(address);
    scene.code.word(0x30047073); // csrci mstatus, MIE
    scene.code.li(address, 0x200'0000);
    scene.code.li(value, 1);
    scene.code.s(0x2023, value, address, 0);
    const auto poll = scene.code.bound();
    scene.code.csrr(value, 0x344);
    scene.code.andi(value, value, 8);
    scene.code.beq(value, 0, poll);
    set_bits(scene, 0x304, 8, true, value);
    if (scene.dice.percent(30)) scene.code.word(0x10500073); // wfi: one is pending and enabled
    scene.code.word(0x30046073);                             // csrsi mstatus, MIE
}

} // namespace

void Scene::service(std::uint64_t number) {
    code.li(17, service_magic);
    code.li(16, number);
    code.ecall();
}

void environment_block(Scene& scene) {
    Dice& dice = scene.dice;
    switch (dice.below(9)) {
    case 0:
    case 1: scene.code.li(17, dice.below(4)); return scene.code.ecall();
    case 2: return scene.code.word(0x00100073); // ebreak
    case 3: return scene.code.half(0x9002);     // c.ebreak
    case 4:
        if (scene.machine()) return scene.code.word(0x00200073); // uret is not there
        return scene.code.word(0x30200073);                      // mret
    case 5:
        if (scene.user()) return scene.code.word(0x10200073); // sret
        return scene.code.word(0x7b200073);                   // dret outside debug mode
    case 6: { // sfence.vma and Svinval: legal, or not in user mode, or under TVM
        static constexpr std::array<std::uint32_t, 4> fences{0x12000073, 0x16000073, 0x18000073, 0x18100073};
        // Of Svinval QEMU lets user mode execute the last two, and forgets the bits of the first when it traps.
        const bool all = scene.machine() || (scene.supervisor() && !scene.plan.traps_virtual_memory);
        const std::uint32_t f = all ? dice.pick(fences) : fences[0];
        return scene.code.word(f >= 0x18000000 ? f : f | dice.below(32) << 15 | dice.below(32) << 20);
    }
    case 7: { // hypervisor instructions without the hypervisor
        static constexpr std::array<std::uint32_t, 4> hyper{0x22000073, 0x62000073, 0x26000073, 0x60004073};
        return scene.code.word(dice.pick(hyper) | dice.below(32) << 15);
    }
    default: return reserved_block(scene);
    }
}

void return_block(Scene& scene) {
    Dice& dice = scene.dice;
    if (scene.user()) return environment_block(scene);
    const Reg t = dice.temporary(), v = dice.temporary(t);
    const auto there = scene.code.label();
    scene.code.la(t, there);
    if (scene.machine()) {
        static constexpr std::array<std::uint64_t, 3> modes{0, 1, 3};
        std::uint64_t mode = dice.pick(modes);
        const Context& c = scene.now();
        // A supervisor whose stub is not mapped would trap for ever if it took its own fetch faults.
        if (c.satp >> 60 != 0) mode = 3;
        scene.code.csrw(0x341, t);
        set_bits(scene, 0x300, 3u << 11, false, v);
        set_bits(scene, 0x300, mode << 11 | (dice.percent(30) ? 0x80 : 0), true, v);
        scene.code.mret();
    } else {
        scene.code.csrw(0x141, t);
        set_bits(scene, 0x100, 0x100, dice.percent(40), v);
        if (dice.percent(30)) set_bits(scene, 0x100, 0x20, true, v);
        scene.code.word(0x10200073);
    }
    scene.code.bind(there);
    for (unsigned n = 1 + dice.below(3); n > 0; --n) plain_instruction(scene);
    if (dice.percent(30)) csr_block(scene);
    scene.mark_resume();
    scene.service(scene.context);
}

void interrupt_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg t = dice.temporary();
    if (scene.user()) return environment_block(scene);
    const std::uint64_t allowed = scene.plan.interrupts;
    if (scene.supervisor()) {
        if ((allowed & 2) != 0 && dice.percent(70)) set_bits(scene, 0x144, 2, true, t);
        if ((allowed & 0x20) != 0 && dice.percent(40)) scene.code.csrw(0x14d, 0); // stimecmp: at once
        set_bits(scene, 0x104, 0x222, dice.percent(80), t);
        scene.code.word(0x10016073); // csrsi sstatus, SIE
        for (unsigned n = dice.below(3); n > 0; --n) plain_instruction(scene);
        if (dice.percent(50)) scene.code.word(0x10017073);
        return;
    }
    if ((allowed & 8) != 0 && dice.percent(60)) return machine_software_interrupt(scene);
    if (dice.percent(20)) set_bits(scene, 0x303, dice.next() & 0x222, dice.percent(50), t);
    if ((allowed & 0x202) != 0 && dice.percent(70)) set_bits(scene, 0x344, allowed & 0x202, true, t);
    if ((allowed & 0x20) != 0 && dice.percent(50)) scene.code.csrw(0x14d, 0);
    set_bits(scene, 0x304, 0x222, dice.percent(80), t);
    if (dice.percent(30)) return; // stays pending until the mode or the enables change
    scene.code.word(0x30046073);
    for (unsigned n = dice.below(3); n > 0; --n) plain_instruction(scene);
    if (dice.percent(50)) scene.code.word(0x30047073);
}

void modified_privilege_block(Scene& scene) {
    if (!scene.machine()) return status_block(scene);
    Dice& dice = scene.dice;
    const Reg t = dice.temporary(), base = dice.temporary(t);
    // Addresses of the context whose page tables satp names now, if there is one.
    const unsigned home = scene.context;
    for (unsigned n = 0; n < contexts; ++n)
        if (n != home && scene.plan.descriptor.context[n].mode != 3
            && scene.plan.descriptor.context[n].satp == scene.now().satp)
            scene.context = n;
    std::array<std::uint64_t, 4> targets{};
    for (auto& a : targets) a = scene.address(8, dice.percent(60));
    scene.context = home;
    set_bits(scene, 0x300, 3u << 11 | 3u << 18, false, t);
    static constexpr std::array<std::uint64_t, 4> modes{0, 1, 1, 3};
    for (const std::uint64_t target : targets) {
        // As machine mode the address is physical: it must then be one that the program owns.
        const bool owned = target >= data_base && target < arena_limit - 8;
        const std::uint64_t mode = owned ? dice.pick(modes) : dice.below(2);
        set_bits(scene, 0x300, mprv | mode << 11 | static_cast<std::uint64_t>(dice.below(4)) << 18, true, t);
        scene.code.li(base, target);
        if (dice.percent(50))
            scene.code.ld(dice.temporary(base), base, 0);
        else
            scene.code.sd(dice.below(32), base, 0);
        set_bits(scene, 0x300, mprv | 3u << 11 | 3u << 18, false, t);
    }
}

} // namespace tollgate::judge
