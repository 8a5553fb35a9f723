/// What the writers of instructions share: where the program runs, what it can reach, and the dice.
#pragma once
#include "generator/assembler.hh"
#include "generator/dice.hh"
#include "generator/layout.hh"
#include <array>
#include <cstdint>
#include <vector>

namespace tollgate::judge {

/// A page of virtual addresses in a context, with some page of data behind it (or a fault).
struct Window {
    std::uint64_t va;
    bool usual;      ///< meant to be readable and writable
    bool executable; ///< code may be fetched from it: never a target of a wild jump
    bool aligned;    ///< PMP entries may divide it: only naturally aligned accesses (Priv §3.7.1 leaves others open)
};

/// The choices that hold for a whole program.
struct Plan {
    Descriptor descriptor;
    std::vector<PteWord> ptes;
    std::array<std::vector<Window>, contexts> windows;
    /// Words that a program may rewrite to change its own translation: physical addresses of leaf entries.
    std::array<std::vector<std::uint64_t>, contexts> leaves;
    std::uint64_t tables_used = 0;
    bool wild_bases = false;           ///< accesses through whatever a register holds (only below machine mode)
    bool traps_virtual_memory = false; ///< mstatus.TVM may be set
    /// Page-based memory types are on. Off, their bits are reserved; QEMU then must be without Svpbmt to agree.
    bool memory_types = false;
    /// Interrupts that are ever pending together, in mip: QEMU takes the lowest number first (Priv §3.1.9).
    std::uint64_t interrupts = 0x22;
    bool sticky = false; ///< may lock PMP entries, which only a reset undoes (Priv §3.7.1)
};

/// The program in the making.
struct Scene {
    Plan& plan;
    Assembler& code;
    Dice dice;
    unsigned context = 0;

    const Context& now() const { return plan.descriptor.context[context]; }
    bool machine() const { return now().mode == 3; }
    bool supervisor() const { return now().mode == 1; }
    bool user() const { return now().mode == 0; }
    bool paged() const { return !machine() && now().satp >> 60 != 0; }
    /// An address of `size` bytes that the current context most likely reaches; for atomics never one without memory.
    std::uint64_t address(unsigned size, bool aligned, bool atomic = false);
    /// A service call into another context, or to the end of the program.
    void service(std::uint64_t number);
    /// Points at which recovery from a failed fetch may go on.
    void mark_resume() { resumes.push_back(code.offset()); }
    std::vector<std::uint64_t> resumes;
};

/// One instruction, any of the group, in place; no control flow, no trap handling needed by the caller.
void integer_instruction(Scene& scene);
void compressed_instruction(Scene& scene);
void floating_instruction(Scene& scene);
/// A mix of the three above.
void plain_instruction(Scene& scene);

// A few instructions with one idea.
void constants_block(Scene& scene);
void reserved_block(Scene& scene);
void floating_constants_block(Scene& scene);
void fresh_floating_block(Scene& scene);
void floating_csr_block(Scene& scene);
void memory_block(Scene& scene);
void compressed_memory_block(Scene& scene);
void floating_memory_block(Scene& scene);
void atomic_block(Scene& scene);
void reservation_block(Scene& scene);
void branch_block(Scene& scene);
void loop_block(Scene& scene);
void call_block(Scene& scene);
void wild_jump_block(Scene& scene);
void page_crossing_block(Scene& scene);
void self_modifying_block(Scene& scene);
void csr_block(Scene& scene);
void counter_block(Scene& scene);
void scratch_csr_block(Scene& scene);
void status_block(Scene& scene);
void environment_block(Scene& scene);
void return_block(Scene& scene);
void interrupt_block(Scene& scene);
void modified_privilege_block(Scene& scene);
void fence_block(Scene& scene);
void translation_block(Scene& scene);
void protection_block(Scene& scene);

/// Page tables of all contexts, PMP, delegation: the plan's share of a program.
void plan_paging(Plan& plan, Dice& dice);
void plan_protection(Plan& plan, Dice& dice);

} // namespace tollgate::judge
