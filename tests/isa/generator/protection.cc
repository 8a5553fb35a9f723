// Physical memory protection: all matching modes, permissions, order and locks (Priv §3.7).
#include "generator/scene.hh"

namespace tollgate::judge {
namespace {

constexpr unsigned random_entries = 6, lock_entry = 7;

/// An address register's value that matches something among the last three data pages, where accesses are aligned.
std::uint64_t region(Dice& dice, bool napot) {
    const std::uint64_t start =
        data_base + (5 + dice.below(3)) * page_size + (dice.percent(50) ? 0 : dice.below(512) * 8);
    if (!napot) return start >> 2;
    const unsigned log = 3 + dice.below(10); // 8 bytes to 4 KiB
    const std::uint64_t size = 1ull << log;
    return (start & ~(size - 1)) >> 2 | ((size >> 3) - 1);
}

struct Entry {
    std::uint64_t address, config;
};

Entry random_entry(Dice& dice) {
    static constexpr std::array<std::uint64_t, 6> permissions{0, 1, 3, 4, 5, 7}; // W without R is reserved
    // NA4 regions are smaller than a doubleword, whose access would match in part: left to unit tests.
    static constexpr std::array<std::uint64_t, 4> matching{0, 1, 3, 3};
    const std::uint64_t a = dice.pick(matching);
    return {a == 1 ? region(dice, false) & ~1ull : region(dice, a == 3), dice.pick(permissions) | a << 3};
}

} // namespace

void plan_protection(Plan& plan, Dice& dice) {
    Descriptor& d = plan.descriptor;
    // The last entry opens the arena to all modes; without it nothing below machine mode could run.
    d.pmpaddr[15] = arena_base >> 2 | (((arena_limit - arena_base) >> 3) - 1);
    d.pmpcfg2 = 0x1full << 56;
    if (dice.percent(50)) return;
    for (unsigned n = 0; n < random_entries; ++n) {
        const Entry e = random_entry(dice);
        d.pmpaddr[n] = e.address;
        // A TOR region at entry 0 starts at address 0 and would take the code away from all below machine mode.
        if (n > 0 || (e.config >> 3 & 3) != 1) d.pmpcfg0 |= e.config << (8 * n);
    }
    for (unsigned n = 1; n < random_entries; ++n) // a TOR region starts at the entry before; keep it off the code
        if ((d.pmpcfg0 >> (8 * n + 3) & 3) == 1 && d.pmpaddr[n - 1] < data_base >> 2) d.pmpaddr[n - 1] = data_base >> 2;
    if (plan.sticky) {
        d.pmpaddr[lock_entry] = lock_page >> 2 | 0x1ff;
        d.pmpcfg0 |= (0x98ull | (dice.percent(50) ? 1 : 0)) << (8 * lock_entry);
        d.hash_end = lock_page;
    }
}

void protection_block(Scene& scene) {
    if (!scene.machine()) return csr_block(scene);
    Dice& dice = scene.dice;
    const Reg t = dice.temporary();
    const unsigned n = dice.percent(20) ? lock_entry : 1 + dice.below(random_entries - 1);
    Entry e = random_entry(dice);
    if (n == lock_entry)
        e.config &= ~0x18ull;            // off, if it is not locked: TOR would start at entry 6
    else if ((e.config >> 3 & 3) == 1) { // the entry before may be anywhere: a page instead
        e.config = 0x18 | (e.config & 7);
        e.address = (e.address & ~0x3ffull) | 0x1ff;
    }
    scene.code.li(t, e.address);
    scene.code.csrrw(dice.destination(), 0x3b0 + n, t);
    scene.code.li(t, 0xffull << (8 * n));
    scene.code.csrrc(dice.destination(), 0x3a0, t);
    scene.code.li(t, e.config << (8 * n));
    scene.code.csrrs(0, 0x3a0, t);
    scene.code.sfence();
    for (unsigned k = 1 + dice.below(2); k > 0; --k) memory_block(scene);
}

} // namespace tollgate::judge
