// Page tables of all modes and entries of all kinds, and instructions that change translations.
#include "generator/scene.hh"
#include <algorithm>

namespace tollgate::judge {
namespace {

constexpr std::uint64_t V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128;
constexpr std::uint64_t pbmt_nc = 1ull << 61, pbmt_io = 2ull << 61, napot = 1ull << 63;

/// Builds one context's tables in the arena's table pages.
class Tables {
  public:
    Tables(Plan& plan, unsigned levels, Dice& dice) : plan_{plan}, levels_{levels}, dice_{dice}, root_{page()} {}
    bool ok() const { return root_ != 0; }
    std::uint64_t satp() const { return (levels_ + 5ull) << 60 | (dice_.next() & 0xffff) << 44 | root_ >> 12; }
    /// Puts a leaf for `va` at a level (0: 4 KiB); its address, or 0 when no table page is left or it is taken.
    std::uint64_t leaf(std::uint64_t va, unsigned level, std::uint64_t entry) {
        std::uint64_t table = root_;
        for (unsigned l = levels_ - 1; l > level; --l) {
            PteWord* w = find(table + index(va, l) * 8);
            if (w != nullptr && (w->value & (R | W | X)) != 0) return 0;
            if (w == nullptr) {
                const std::uint64_t next = page();
                if (next == 0) return 0;
                plan_.ptes.push_back({table + index(va, l) * 8, next >> 12 << 10 | V});
                table = next;
            } else {
                table = w->value >> 10 << 12;
                if (table < table_base || table >= data_base) return 0; // an odd entry of ours, not a table
            }
        }
        const std::uint64_t at = table + index(va, level) * 8;
        if (find(at) != nullptr) return 0;
        plan_.ptes.push_back({at, entry});
        return at;
    }

  private:
    static std::uint64_t index(std::uint64_t va, unsigned level) { return va >> (12 + 9 * level) & 511; }
    PteWord* find(std::uint64_t address) {
        for (PteWord& w : plan_.ptes)
            if (w.address == address) return &w;
        return nullptr;
    }
    std::uint64_t page() {
        if (plan_.tables_used >= table_pages) return 0;
        return table_base + page_size * plan_.tables_used++;
    }
    Plan& plan_;
    unsigned levels_;
    Dice& dice_;
    std::uint64_t root_;
};

std::uint64_t leaf_entry(std::uint64_t physical, std::uint64_t flags) { return physical >> 12 << 10 | flags; }

/// Flags of a page that the mode can read and write; A and D are sometimes left for the walker to set.
std::uint64_t usual_flags(Dice& dice, bool user, bool memory_types) {
    std::uint64_t f = V | R | W | (user ? U : 0);
    if (dice.percent(70)) f |= A;
    if (dice.percent(60)) f |= D;
    if (dice.percent(20)) f |= G;
    if (memory_types && dice.percent(10)) f |= dice.percent(50) ? pbmt_nc : pbmt_io;
    return f;
}

/// Flags of any kind, good and bad.
std::uint64_t any_flags(Dice& dice, bool memory_types) {
    std::uint64_t f = dice.next() & 0xff;
    if (dice.percent(85)) f |= V;
    if (dice.percent(70)) f |= A | D;
    if (dice.percent(30)) f |= (dice.next() & 3) << 8;                        // for software: ignored
    if (!memory_types && dice.percent(10)) f |= 1ull << (54 + dice.below(7)); // reserved (Priv §4.4.1)
    if (!memory_types && dice.percent(4)) f |= napot;                         // Svnapot is not there
    if (dice.percent(10)) f |= dice.percent(50) ? pbmt_nc : pbmt_io;
    return f;
}

void add_aliases(Plan& plan, Tables& tables, unsigned context, Dice& dice, std::uint64_t base, unsigned levels) {
    auto& windows = plan.windows[context];
    for (unsigned n = 0; n < 10; ++n) {
        const std::uint64_t flags = any_flags(dice, plan.memory_types), va = base + 0x3'0000 + n * page_size;
        const unsigned page = dice.below(data_pages);
        const std::uint64_t at = tables.leaf(va, 0, leaf_entry(data_base + page * page_size, flags));
        if (at == 0) continue;
        windows.push_back({va, false, (flags & X) != 0, true});
        plan.leaves[context].push_back(at);
    }
    // Superpages: right, or with physical bits below their size, which is a fault (Priv §4.4.1).
    for (unsigned level = 1; level < levels; ++level) {
        const std::uint64_t size = page_size << (9 * level);
        for (unsigned n = 1; n < 3; ++n) {
            const std::uint64_t start = ((base & ~(size - 1)) + n * size);
            const std::uint64_t physical = data_base & ~(size - 1);
            const bool misplaced = dice.percent(20);
            std::uint64_t flags =
                (dice.percent(70) ? usual_flags(dice, plan.descriptor.context[context].mode == 0, plan.memory_types)
                                  : any_flags(dice, plan.memory_types))
                & ~X;
            if (misplaced) flags |= 1ull << (10 + dice.below(9 * level));
            const std::uint64_t at = tables.leaf(start, level, leaf_entry(physical, flags));
            if (at == 0) continue;
            const unsigned page = dice.below(data_pages);
            windows.push_back({start + (data_base - physical) + page * page_size, false, false, true});
        }
    }
    // Entries that should point to a table and do not, or with bits that only leaves may have.
    const std::uint64_t odd = (base & ~0x3fff'ffffull) + 0x4000'0000ull * 4;
    std::uint64_t bits = dice.percent(50) ? 1ull << dice.below(64) : (A | D | U) & dice.next();
    if (plan.memory_types) bits &= A | D | U;
    if (tables.leaf(odd, 2 < levels ? 2 : 1, leaf_entry(table_base, V | (bits & ~(R | W | X)))) != 0)
        windows.push_back({odd + dice.below(512) * page_size, false, false, true});
}

void plan_context(Plan& plan, unsigned context, Dice& dice, std::uint64_t base) {
    Context& c = plan.descriptor.context[context];
    const unsigned levels = 3 + dice.below(3);
    const bool user = c.mode == 0;
    Tables tables{plan, levels, dice};
    if (!tables.ok()) return;
    const std::size_t before = plan.ptes.size();
    const std::uint64_t code_flags = V | R | X | A | (user ? U : 0) | (dice.percent(30) ? D : 0);
    bool whole = true;
    for (unsigned n = 0; n < code_size / page_size; ++n) {
        std::uint64_t flags = code_flags;
        if (dice.percent(30)) flags &= ~R; // execute only
        if (dice.percent(20)) flags &= ~A;
        if (n == 1 && dice.percent(8)) flags &= ~V; // code runs into a page that is not there
        whole &= tables.leaf(base + n * page_size, 0, leaf_entry(code_base + n * page_size, flags)) != 0;
    }
    whole &= tables.leaf(base + 0x4000, 0, leaf_entry(stub_base, V | R | X | A)) != 0;
    if (!whole) { // out of table pages: this context stays without translation
        plan.ptes.resize(before);
        return;
    }
    for (unsigned n = 0; n < data_pages; ++n) {
        const std::uint64_t va = base + 0x2'0000 + n * page_size;
        const bool usual = n < 4 || dice.percent(50);
        const std::uint64_t flags =
            usual ? usual_flags(dice, user, plan.memory_types) : any_flags(dice, plan.memory_types) & ~X;
        const std::uint64_t at = tables.leaf(va, 0, leaf_entry(data_base + n * page_size, flags));
        plan.windows[context].push_back({va, usual, false, n >= 4});
        if (at != 0) plan.leaves[context].push_back(at);
    }
    add_aliases(plan, tables, context, dice, base, levels);
    c.satp = tables.satp();
    c.code = base;
    c.stub = base + 0x4000;
}

} // namespace

void plan_paging(Plan& plan, Dice& dice) {
    // Below 2^38, so that Sv39 reaches it, or in the upper half; the low bits as the physical ones.
    const std::uint64_t identity = code_base;
    const std::uint64_t low = (dice.next() & 0x1f'ffc0'0000) | 0x10'0000,
                        high = 0xffff'ffff'c010'0000 - (dice.next() & 0xf'c000'0000);
    const std::uint64_t base = dice.percent(40) ? identity : dice.percent(60) ? low : high;
    for (unsigned n = 1; n < contexts; ++n) {
        if (dice.percent(15)) continue; // bare
        plan_context(plan, n, dice, dice.percent(80) ? base : identity);
    }
    // Machine mode keeps somebody's satp, for MPRV.
    Context& machine = plan.descriptor.context[0];
    if (dice.percent(60)) machine.satp = plan.descriptor.context[1 + dice.below(contexts - 1)].satp;
}

void translation_block(Scene& scene) {
    Dice& dice = scene.dice;
    const Reg t = dice.temporary(), v = dice.temporary(t);
    if (scene.user()) return environment_block(scene);
    if (scene.paged()) {
        // Another context's tables, when they map this code at the same place.
        std::uint64_t satp = scene.now().satp;
        for (unsigned n = 1; n < contexts; ++n) {
            const Context& c = scene.plan.descriptor.context[n];
            if (c.code == scene.now().code && c.mode == 1 && dice.percent(60)) satp = c.satp;
        }
        if (dice.percent(30)) satp = (satp & ~(0xfull << 60)) | static_cast<std::uint64_t>(11 + dice.below(5)) << 60;
        // A reserved mode: the whole write has no effect (Priv §4.1.11).
        if (dice.percent(30))
            satp = ((satp ^ 1ull << 43) & ~(0xfull << 60)) | static_cast<std::uint64_t>(2 + dice.below(5)) << 60;
        scene.code.li(t, satp);
        scene.code.csrrw(dice.destination(), 0x180, t);
        scene.code.sfence();
        for (unsigned n = 1 + dice.below(2); n > 0; --n) memory_block(scene);
        scene.code.li(t, scene.now().satp);
        scene.code.csrw(0x180, t);
        return scene.code.sfence();
    }
    // By physical address: change a leaf, then fence by one of the four forms (Priv §4.2.1).
    const unsigned other = 1 + dice.below(contexts - 1);
    const auto& leaves = scene.plan.leaves[other];
    if (leaves.empty()) return fence_block(scene);
    std::uint64_t flip = dice.next() & (R | W | U | A | D | V | G);
    if (dice.percent(60)) flip &= 1ull << dice.below(8);
    scene.code.li(t, dice.pick(leaves));
    scene.code.li(v, flip & ~X);
    scene.code.r(0x2000302f, dice.destination(), t, v); // amoxor.d
    scene.code.sfence();
}

} // namespace tollgate::judge
