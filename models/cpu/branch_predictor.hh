/// Branch direction (gshare), branch target buffer and return-address stack of a hart. Plain tables; no time of their
/// own.
#pragma once
#include "cpu/hart_params.hh"
#include <cstdint>
#include <vector>

namespace tollgate::cpu {

class BranchPredictor {
  public:
    explicit BranchPredictor(const BranchParams& p)
        : gshare_(p.gshare_entries, weakly_not_taken),
          targets_(p.target_entries), gshare_mask_{p.gshare_entries - 1}, history_mask_{(1u << p.history_bits) - 1},
          ways_{p.target_ways < p.target_entries ? p.target_ways : p.target_entries}, set_mask_{p.target_entries / ways_
                                                                                                - 1},
          returns_(p.return_stack), depth_{p.return_stack} {}

    /// Predicts and trains the direction of the conditional branch at pc. Returns the prediction.
    [[gnu::always_inline]] bool direction(std::uint64_t pc, bool taken) {
        std::uint8_t& counter = gshare_[(static_cast<std::uint32_t>(pc >> 1) ^ history_) & gshare_mask_];
        const bool guess = counter >= weakly_taken;
        counter = static_cast<std::uint8_t>(taken ? counter + (counter < 3) : counter - (counter > 0));
        history_ = (history_ << 1 | (taken ? 1u : 0u)) & history_mask_;
        return guess;
    }

    /// Looks the taken transfer at pc up and trains it. Returns whether the buffer held this target. Cost: the ways.
    [[gnu::always_inline]] bool target(std::uint64_t pc, std::uint64_t to) {
        Target* const set = &targets_[((pc >> 1) & set_mask_) * ways_];
        if (set->pc == pc) [[likely]] { // most recent first: LRU order is the order in the set
            const bool hit = set->to == to;
            set->to = to;
            return hit;
        }
        return target_elsewhere(set, pc, to);
    }

    void push_return(std::uint64_t address) {
        top_ = top_ + 1 == depth_ ? 0 : top_ + 1;
        returns_[top_] = address;
    }
    /// Pops; returns whether the stack predicted `actual`. A circular stack: too deep a nest overwrites the oldest.
    bool pop_return(std::uint64_t actual) {
        const bool hit = returns_[top_] == actual;
        top_ = top_ == 0 ? depth_ - 1 : top_ - 1;
        return hit;
    }

  private:
    struct Target {
        std::uint64_t pc = ~0ull, to = 0;
    };
    [[gnu::noinline]] bool target_elsewhere(Target* set, std::uint64_t pc, std::uint64_t to) {
        std::uint64_t way = 1;
        while (way < ways_ && set[way].pc != pc) ++way;
        const bool hit = way < ways_ && set[way].to == to;
        for (std::uint64_t i = way < ways_ ? way : ways_ - 1; i > 0; --i) set[i] = set[i - 1];
        set[0] = {pc, to};
        return hit;
    }
    static constexpr std::uint8_t weakly_not_taken = 1, weakly_taken = 2;
    std::vector<std::uint8_t> gshare_; // [index], 0..3
    std::vector<Target> targets_;      // [set][way], most recently used first
    std::uint32_t gshare_mask_, history_mask_, history_ = 0;
    std::uint64_t ways_, set_mask_;
    std::vector<std::uint64_t> returns_; // [entry], circular
    std::uint32_t depth_, top_ = 0;
};

} // namespace tollgate::cpu
