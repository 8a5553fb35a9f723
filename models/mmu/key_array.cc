#include "mmu/key_array.hh"
#include <algorithm>
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
    if (ways_ > few_ways) tags_.assign(entries, 0);
    live_in_set_.assign(sets, 0);
}

int KeyArray::find_by_tag(std::uint64_t k, std::uint32_t first) const {
    const std::int16_t tag = tag_of(k);
    const std::int16_t* const tags = tags_.data() + first;
    // The last match, as a maximum over 16-bit words: that is what compilers vectorise well.
    constexpr std::uint32_t stretch = 1u << 14;
    for (std::uint32_t from = 0; from < ways_; from += stretch) {
        const std::uint32_t n = std::min(ways_ - from, stretch);
        std::int16_t last = 0;
        for (std::uint32_t i = 0; i < n; ++i) {
            const auto here = static_cast<std::int16_t>(tags[from + i] == tag ? i + 1 : 0);
            last = std::max(last, here);
        }
        if (last == 0) continue;
        const std::uint32_t likely = first + from + static_cast<std::uint32_t>(last) - 1;
        if (keys_[likely] == k) return static_cast<int>(likely);
        for (std::uint32_t i = first + from; i < likely; ++i)
            if (keys_[i] == k) return static_cast<int>(i);
    }
    return -1;
}

int KeyArray::free_in_set(std::uint64_t k) const {
    const std::uint32_t first = first_of_set(k);
    if (live_in_set_[first / ways_] == ways_) return -1;
    std::uint32_t i = first;
    while (keys_[i] != no_key) ++i;
    return static_cast<int>(i);
}

void KeyArray::put(std::uint32_t index, std::uint64_t k) {
    assert(keys_[index] == no_key && index - first_of_set(k) < ways_);
    keys_[index] = k;
    if (!tags_.empty()) tags_[index] = tag_of(k);
    ++live_;
    ++live_in_set_[index / ways_];
    const unsigned c = combination_of(k);
    if (in_group_[c]++ == 0) present_ |= 1u << c;
}

void KeyArray::drop(std::uint32_t index) {
    const unsigned c = combination_of(keys_[index]);
    if (--in_group_[c] == 0) present_ &= ~(1u << c);
    --live_;
    --live_in_set_[index / ways_];
    keys_[index] = no_key;
    if (!tags_.empty()) tags_[index] = 0;
}

void KeyArray::clear() {
    std::fill(keys_.begin(), keys_.end(), no_key);
    std::fill(tags_.begin(), tags_.end(), std::int16_t{0});
    std::fill(live_in_set_.begin(), live_in_set_.end(), 0u);
    in_group_.fill(0);
    present_ = live_ = 0;
}

} // namespace tollgate::mmu
