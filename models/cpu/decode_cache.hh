/// Decoded instructions, by physical address. Shared by the harts of a machine when they have the same extensions.
#pragma once
#include "cpu/isa/insn.hh"
#include "cpu/isa/table.hh"
#include <bitset>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tollgate::cpu {

/// Instructions that run in one go. It ends at a control transfer, at a system instruction or at the border of a
/// 64-byte line, wherever it was entered, so where decoding began changes nothing.
struct Block {
    static constexpr unsigned max_insns = 32; ///< 64 bytes of compressed instructions
    std::uint16_t count = 0;
    std::uint16_t bytes = 0;
    std::uint8_t lines = 1; ///< that its bytes touch: 2 when its only instruction crosses a border
    std::uint8_t loads = 0, stores = 0, atomics = 0, branches = 0, markers = 0;
    std::unique_ptr<isa::Insn[]> insns;     // [count]
    std::unique_ptr<std::uint8_t[]> offset; // [count], of each instruction from the block's start
};

/// The timing class of an instruction of a block, those without a row included.
isa::Timing timing_of(isa::Op op);

class DecodeCache {
  public:
    explicit DecodeCache(isa::Extensions enabled) : enabled_{enabled} {}

    /// Decodes from `bytes`, which hold the code from pa up to at least the line's end (`in_line` bytes). An
    /// instruction that crosses the line's border is taken into the block only with `beyond`, the two bytes behind the
    /// border.
    static std::unique_ptr<Block> decode(const std::byte* bytes, unsigned in_line, const std::byte* beyond,
                                         isa::Extensions enabled);

    /// The block at pa, or null.
    const Block* find(std::uint64_t pa) const {
        const auto it = blocks_.find(pa);
        return it == blocks_.end() ? nullptr : it->second.get();
    }
    /// Keeps a block. `lines` says how many lines its bytes touch (1 or 2).
    const Block* keep(std::uint64_t pa, std::unique_ptr<Block> block);
    /// Whether a line or a page holds decoded code, so that stores to it must tell `written`.
    bool line_has_code(std::uint64_t pa) const { return maybe_code_[pa >> 12 & (known_pages - 1)] && has_code(pa); }
    bool page_has_code(std::uint64_t pa) const {
        return maybe_code_[pa >> 12 & (known_pages - 1)] && code_pages_.contains(pa >> 12);
    }
    /// The bytes of the line around pa changed: its blocks turn into `refetch` wherever somebody still holds them.
    void written(std::uint64_t pa);
    /// Frees the blocks that turned stale. Nobody may hold a pointer to one: every block look-aside is empty.
    /// The memory goes with the next call, since the caller may still be inside such a block.
    void collect() { dying_ = std::exchange(stale_, {}); }
    std::size_t stale() const { return stale_.size(); }
    isa::Extensions enabled() const { return enabled_; }

  private:
    bool has_code(std::uint64_t pa) const;

    isa::Extensions enabled_;
    static constexpr std::size_t known_pages = 1 << 15;
    std::bitset<known_pages> maybe_code_; ///< by page number, wrapped: most stores are far from any code
    std::unordered_map<std::uint64_t, std::unique_ptr<Block>> blocks_; // by physical address; never iterated
    std::unordered_map<std::uint64_t, std::uint64_t> code_pages_;      // page number -> lines with code; never iterated
    std::vector<std::unique_ptr<Block>> stale_, dying_;
};

} // namespace tollgate::cpu
