#include "mmu/key_array.hh"
#include <algorithm>
#include <bit>
#include <cassert>
#include <stdexcept>
#include <string>

namespace tollgate::mmu {

KeyArray::KeyArray(std::uint32_t entries, std::uint32_t ways) : ways_{ways == 0 ? entries : ways} {
    if (entries == 0) return;
    const std::uint32_t sets = entries / ways_;
    if (sets == 0 || entries % ways_ != 0 || (sets & (sets - 1)) != 0)
        throw std::invalid_argument{"entries=" + std::to_string(entries) + ", ways=" + std::to_string(ways)
                                    + ": expected entries / ways to be a power of two"};
    set_mask_ = sets - 1;
    keys_.assign(entries, no_key);
    if (ways_ > few_ways) {
        blocks_ = (ways_ + tags_per_block - 1) / tags_per_block;
        tags_.assign(static_cast<std::size_t>(sets) * blocks_, TagBlock{});
    }
    live_in_set_.assign(sets, 0);
}

/// A block of tags as two words.
using Halves [[gnu::vector_size(16)]] = std::uint64_t;

int KeyArray::find_by_tag(std::uint64_t k, std::uint32_t set) const {
    const std::uint16_t tag = tag_of(k);
    const TagBlock wanted = {tag, tag, tag, tag, tag, tag, tag, tag};
    const TagBlock* const blocks = tags_.data() + static_cast<std::size_t>(set) * blocks_;
    const std::uint32_t first = set * ways_;
    for (std::uint32_t from = 0; from < blocks_; from += 8) {
        // Bit b of lane l tells about block b's tag l, so that 64 tags are decided by a single branch.
        TagBlock equal = {};
        TagBlock bit = {1, 1, 1, 1, 1, 1, 1, 1};
        const std::uint32_t to = std::min(blocks_, from + 8);
        for (std::uint32_t b = from; b < to; ++b, bit += bit)
            equal |= std::bit_cast<TagBlock>(blocks[b] == wanted) & bit;
        const auto lanes = std::bit_cast<Halves>(equal); // the high byte of each lane is free
        for (std::uint64_t left = lanes[0] | lanes[1] << 8; left != 0; left &= left - 1) {
            const auto at = static_cast<std::uint32_t>(std::countr_zero(left));
            const std::uint32_t lane = at / 16 + (at & 8) / 2;
            const std::uint32_t i = first + (from + at % 8) * tags_per_block + lane;
            if (keys_[i] == k) return static_cast<int>(i);
        }
    }
    return -1;
}

int KeyArray::free_in_set(std::uint64_t k) const {
    const std::uint32_t set = set_of(k);
    if (live_in_set_[set] == ways_) return -1;
    std::uint32_t i = set * ways_;
    while (keys_[i] != no_key) ++i;
    return static_cast<int>(i);
}

void KeyArray::set_tag(std::uint32_t set, std::uint32_t way, std::uint16_t tag) {
    if (blocks_ == 0) return;
    tags_[static_cast<std::size_t>(set) * blocks_ + way / tags_per_block][way % tags_per_block] = tag;
}

void KeyArray::put(std::uint32_t index, std::uint64_t k) {
    const std::uint32_t set = set_of(k);
    assert(keys_[index] == no_key && index - set * ways_ < ways_);
    keys_[index] = k;
    set_tag(set, index - set * ways_, tag_of(k));
    ++live_;
    ++live_in_set_[set];
    const unsigned c = combination_of(k);
    if (in_group_[c]++ == 0) present_ |= 1u << c;
}

void KeyArray::drop(std::uint32_t index) {
    const std::uint64_t k = keys_[index];
    const std::uint32_t set = set_of(k);
    const unsigned c = combination_of(k);
    if (--in_group_[c] == 0) present_ &= ~(1u << c);
    --live_;
    --live_in_set_[set];
    keys_[index] = no_key;
    set_tag(set, index - set * ways_, 0);
}

void KeyArray::clear() {
    std::fill(keys_.begin(), keys_.end(), no_key);
    std::fill(tags_.begin(), tags_.end(), TagBlock{});
    std::fill(live_in_set_.begin(), live_in_set_.end(), 0u);
    in_group_.fill(0);
    present_ = live_ = 0;
}

} // namespace tollgate::mmu
