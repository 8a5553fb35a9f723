/// The parameters of a hart, declared once.
#pragma once
#include "base/param.hh"
#include <string>

namespace tollgate::cpu {

using namespace literals;

/// node[i].hart[j]
struct HartParams {
    TOLLGATE_DESCRIBED(HartParams);
    TOLLGATE_PARAM(Hertz, clock, 2_GHz, Unit::hertz, {1'000'000, 10'000'000'000}, Kind::timing,
                   {"machine.time", Moves::down}, "Clock frequency of the hart.")
    TOLLGATE_PARAM(std::uint32_t, issue_width, 2, Unit::entries, {1, 2, true}, Kind::timing,
                   {"hart.cycles", Moves::down}, "Instructions issued a cycle, in order.")
    TOLLGATE_PARAM(
        std::string, isa,
        "rv64imafdc_zicsr_zifencei_zicntr_zihpm_zba_zbb_zbs_zicbom_zicboz_zihintpause_sstc_svinval_svpbmt_svadu",
        Unit::none, {}, Kind::visible, {"hart.traps", Moves::changes}, "Extensions, as an ISA string.")
    TOLLGATE_PARAM(Cycles, misaligned, Cycles{4}, Unit::cycles, {0, 1000}, Kind::timing,
                   {"slots.misaligned", Moves::up}, "Extra cycles of a load or store that crosses its natural border.")
    TOLLGATE_PARAM(Cycles, trap_entry, Cycles{6}, Unit::cycles, {0, 1000}, Kind::timing, {"slots.trap", Moves::up},
                   "Cycles from the trapping instruction's slot until its handler can issue.")
    TOLLGATE_PARAM(Cycles, trap_return, Cycles{6}, Unit::cycles, {0, 1000}, Kind::timing, {"slots.trap", Moves::up},
                   "Cycles from mret or sret until the next instruction can issue.")
    TOLLGATE_PARAM(Cycles, serialise, Cycles{2}, Unit::cycles, {0, 1000}, Kind::timing, {"slots.serialise", Moves::up},
                   "Cycles that a CSR access, fence or sfence.vma holds issue after its own.")
    TOLLGATE_PARAM(std::uint32_t, device_stores, 4, Unit::entries, {1, 64}, Kind::timing, {"slots.device", Moves::down},
                   "Posted stores to devices under way before issue waits.")
    TOLLGATE_END;
};

/// node[i].hart[j].latency: cycles from issue until a dependent instruction can issue.
struct LatencyParams {
    TOLLGATE_DESCRIBED(LatencyParams);
    TOLLGATE_PARAM(Cycles, alu, Cycles{1}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Simple integer operations.")
    TOLLGATE_PARAM(Cycles, mul, Cycles{3}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Integer multiply, pipelined.")
    TOLLGATE_PARAM(Cycles, div, Cycles{20}, Unit::cycles, {1, 200}, Kind::timing, {"hart.cycles", Moves::up},
                   "Integer divide and remainder, not pipelined.")
    TOLLGATE_PARAM(Cycles, amo, Cycles{6}, Unit::cycles, {1, 1000}, Kind::timing, {"hart.cycles", Moves::up},
                   "LR, SC and AMO, after the store buffer has drained.")
    TOLLGATE_PARAM(Cycles, fp_add, Cycles{4}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Floating-point add, subtract and conversions, pipelined.")
    TOLLGATE_PARAM(Cycles, fp_mul, Cycles{4}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Floating-point multiply, pipelined.")
    TOLLGATE_PARAM(Cycles, fp_fma, Cycles{5}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Fused multiply-add, pipelined.")
    TOLLGATE_PARAM(Cycles, fp_div_s, Cycles{11}, Unit::cycles, {1, 200}, Kind::timing, {"hart.cycles", Moves::up},
                   "Single-precision divide, not pipelined.")
    TOLLGATE_PARAM(Cycles, fp_div_d, Cycles{18}, Unit::cycles, {1, 200}, Kind::timing, {"hart.cycles", Moves::up},
                   "Double-precision divide, not pipelined.")
    TOLLGATE_PARAM(Cycles, fp_sqrt_s, Cycles{12}, Unit::cycles, {1, 200}, Kind::timing, {"hart.cycles", Moves::up},
                   "Single-precision square root, not pipelined.")
    TOLLGATE_PARAM(Cycles, fp_sqrt_d, Cycles{20}, Unit::cycles, {1, 200}, Kind::timing, {"hart.cycles", Moves::up},
                   "Double-precision square root, not pipelined.")
    TOLLGATE_PARAM(Cycles, fp_move, Cycles{2}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Moves, sign injection, compare, classify, min and max, pipelined.")
    TOLLGATE_END;
};

/// node[i].hart[j].branch
struct BranchParams {
    TOLLGATE_DESCRIBED(BranchParams);
    TOLLGATE_PARAM(Cycles, mispredict, Cycles{9}, Unit::cycles, {0, 100}, Kind::timing, {"slots.branch", Moves::up},
                   "Cycles lost by a wrong prediction, after the branch's own.")
    TOLLGATE_PARAM(Cycles, late_target, Cycles{2}, Unit::cycles, {0, 100}, Kind::timing, {"slots.branch", Moves::up},
                   "Cycles lost when a taken direct branch is not in the target buffer.")
    TOLLGATE_PARAM(std::uint32_t, gshare_entries, 4096, Unit::entries, {1, 1 << 20, true}, Kind::timing,
                   {"hart.mispredicts", Moves::changes}, "Two-bit counters of the direction predictor.")
    TOLLGATE_PARAM(std::uint32_t, history_bits, 10, Unit::entries, {0, 20}, Kind::timing,
                   {"hart.mispredicts", Moves::changes}, "Outcomes that gshare folds into its index.")
    TOLLGATE_PARAM(std::uint32_t, target_entries, 512, Unit::entries, {1, 1 << 16, true}, Kind::timing,
                   {"hart.late_targets", Moves::down}, "Entries of the branch target buffer.")
    TOLLGATE_PARAM(std::uint32_t, target_ways, 2, Unit::entries, {1, 16, true}, Kind::timing,
                   {"hart.late_targets", Moves::changes}, "Associativity of the branch target buffer, LRU.")
    TOLLGATE_PARAM(std::uint32_t, return_stack, 8, Unit::entries, {1, 64}, Kind::timing,
                   {"hart.return_mispredicts", Moves::down}, "Entries of the return-address stack.")
    TOLLGATE_END;
};

/// node[i].hart[j].store_buffer
struct StoreBufferParams {
    TOLLGATE_DESCRIBED(StoreBufferParams);
    TOLLGATE_PARAM(std::uint32_t, entries, 8, Unit::entries, {1, 64}, Kind::timing, {"slots.store_buffer", Moves::down},
                   "Lines that wait for their ownership; stores to a waiting line merge.")
    TOLLGATE_PARAM(Cycles, latency, Cycles{8}, Unit::cycles, {0, 1000}, Kind::timing, {"slots.store_buffer", Moves::up},
                   "Cycles until the ownership of a line in the L1D is confirmed.")
    TOLLGATE_END;
};

} // namespace tollgate::cpu
