#include "generator/program.hh"
#include "generator/scene.hh"
#include <cstring>

namespace tollgate::judge {
namespace {

struct BlockKind {
    const char* name;
    void (*write)(Scene&);
    unsigned weight;
};

void integer_run(Scene& s) {
    for (unsigned n = 2 + s.dice.below(6); n > 0; --n) integer_instruction(s);
}
void compressed_run(Scene& s) {
    for (unsigned n = 2 + s.dice.below(5); n > 0; --n) compressed_instruction(s);
}
void floating_run(Scene& s) {
    for (unsigned n = 2 + s.dice.below(6); n > 0; --n) floating_instruction(s);
}

constexpr BlockKind kinds[] = {{"integer", integer_run, 14},
                               {"compressed", compressed_run, 8},
                               {"floating", floating_run, 8},
                               {"constants", constants_block, 6},
                               {"reserved", reserved_block, 3},
                               {"floating constants", floating_constants_block, 8},
                               {"fresh floating", fresh_floating_block, 12},
                               {"floating csr", floating_csr_block, 4},
                               {"memory", memory_block, 14},
                               {"compressed memory", compressed_memory_block, 6},
                               {"floating memory", floating_memory_block, 4},
                               {"atomic", atomic_block, 7},
                               {"reservation", reservation_block, 4},
                               {"branch", branch_block, 7},
                               {"loop", loop_block, 4},
                               {"call", call_block, 4},
                               {"wild jump", wild_jump_block, 2},
                               {"page crossing", page_crossing_block, 2},
                               {"self-modifying", self_modifying_block, 1},
                               {"csr", csr_block, 6},
                               {"counter", counter_block, 1},
                               {"scratch csr", scratch_csr_block, 1},
                               {"status", status_block, 4},
                               {"environment", environment_block, 3},
                               {"return", return_block, 2},
                               {"interrupt", interrupt_block, 3},
                               {"modified privilege", modified_privilege_block, 3},
                               {"fence", fence_block, 1},
                               {"translation", translation_block, 4},
                               {"protection", protection_block, 3}};

const BlockKind& pick_kind(Dice& dice) {
    unsigned sum = 0;
    for (const BlockKind& k : kinds) sum += k.weight;
    unsigned n = dice.below(sum);
    for (const BlockKind& k : kinds) {
        if (n < k.weight) return k;
        n -= k.weight;
    }
    return kinds[0];
}

Plan make_plan(std::uint64_t seed, Dice& dice) {
    Plan plan{};
    Descriptor& d = plan.descriptor;
    d.seed = seed;
    plan.sticky = seed % 16 == 15;
    plan.wild_bases = dice.percent(30);
    plan.traps_virtual_memory = dice.percent(50);
    plan.memory_types = seed / 16 % 2 == 0;
    static constexpr std::array<std::uint64_t, 4> together{0x22, 0x28, 0x200, 0x22}; // SSI and STI, MSI and STI, SEI
    plan.interrupts = dice.pick(together);
    d.context[0].mode = 3;
    for (unsigned n = 1; n < contexts; ++n) d.context[n].mode = dice.percent(60) ? 1 : 0;
    plan_paging(plan, dice);
    plan_protection(plan, dice);
    d.first_context = dice.below(contexts);
    d.mtvec_mode = dice.below(2);
    d.stvec_mode = dice.below(2);
    d.escape_illegal = dice.below(2);
    // The stub's way out must not lead back into it, and misaligned fetch cannot happen with compressed instructions.
    d.medeleg = dice.percent(30) ? 0 : dice.next() & 0xb3fe & ~(d.escape_illegal != 0 ? 4ull : 0x200ull);
    d.mideleg = dice.next() & 0x222;
    d.mie = dice.percent(50) ? 0 : dice.next() & 0x2aa;
    d.mstatus = 0xa'0000'0000;
    if (dice.percent(90)) d.mstatus |= 3u << 13;
    d.mstatus |= dice.next() & (3u << 18 | 0x22);
    if (dice.percent(20)) d.mstatus |= dice.next() & (7u << 20);
    if (!plan.traps_virtual_memory) d.mstatus &= ~(1ull << 20);
    d.mcounteren = dice.next() & 7;
    d.scounteren = dice.next() & 7;
    // Sstc on; A and D by the walker, which is not a bit of QEMU's: it has no other way.
    d.menvcfg = 5ull << 61 | (plan.memory_types ? 1ull << 62 : 0);
    d.fcsr = dice.percent(30) ? dice.next() & 0x1f : 0;
    d.fcsr |= static_cast<std::uint64_t>(dice.below(5)) << 5;
    for (auto& x : d.x) x = dice.integer();
    for (auto& f : d.f) f = dice.floating();
    for (auto& w : d.fill) w = dice.percent(50) ? dice.floating() : dice.integer();
    return plan;
}

void set_bit(std::array<std::uint64_t, code_size / 128>& map, std::uint64_t offset) {
    if (offset < code_size) map[offset / 128] |= 1ull << (offset / 2 % 64);
}

} // namespace

Program make_program(std::uint64_t seed, const std::set<unsigned>& dropped) {
    Dice dice{seed};
    Plan plan = make_plan(seed, dice);
    Assembler code{code_base};
    Scene scene{plan, code, Dice{0}, static_cast<unsigned>(plan.descriptor.first_context), {}};
    Program program;
    program.seed = seed;
    program.sticky = plan.sticky;
    program.memory_types = plan.memory_types;
    if (dice.percent(40)) { // so that the code runs over the end of a page
        const auto start = code.label();
        code.j(start);
        code.reserve(page_size - 8 - 4 * dice.below(300));
        code.bind(start);
    }
    const unsigned segments = 1 + dice.below(4);
    unsigned number = 0;
    for (unsigned s = 0; s < segments; ++s) {
        if (s > 0) {
            scene.mark_resume();
            const unsigned next = dice.below(contexts);
            scene.service(next);
            scene.context = next;
        }
        for (unsigned n = 8 + dice.below(20); n > 0; --n, ++number) {
            const BlockKind& kind = pick_kind(dice);
            if (code.offset() > code_size - 3072) break;
            program.blocks.push_back({code.offset(), kind.name});
            if (dropped.contains(number)) continue;
            scene.dice = Dice{scatter(seed) ^ scatter(number)};
            scene.mark_resume();
            kind.write(scene);
        }
    }
    scene.mark_resume();
    scene.service(service_finish);
    code.align(8);
    code.resolve();
    program.code = code.bytes();
    Descriptor& d = plan.descriptor;
    d.code_words = program.code.size() / 8;
    d.pte_count = plan.ptes.size();
    for (std::uint64_t at : code.long_starts()) set_bit(d.long_map, at);
    for (std::uint64_t at : scene.resumes) set_bit(d.resume_map, at);
    auto append = [&](const void* bytes, std::size_t size) {
        if (size == 0) return; // nothing has no address
        const std::size_t at = program.image.size();
        program.image.resize(at + size / 8);
        std::memcpy(&program.image[at], bytes, size);
    };
    append(&d, sizeof d);
    append(plan.ptes.data(), plan.ptes.size() * sizeof(PteWord));
    append(program.code.data(), program.code.size());
    return program;
}

} // namespace tollgate::judge
