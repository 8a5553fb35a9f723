#include "mem/blocked_clocks.hh"
#include <cassert>

namespace tollgate::mem {

void BlockedClocks::Pattern::add(std::uint32_t of_class, std::uint32_t before, std::uint32_t after) {
    assert(of_class >= first_ && of_class < first_ + count_ && before < bias);
    if (before > back_ + 1) { // all move behind the new beginning
        Pattern moved{first_, count_};
        moved.back_ = before - 1;
        moved.length_ = length_ + moved.back_ - back_;
        moved.bits_.resize((moved.length_ + 63) / 64 * count_);
        for (std::uint32_t t = 0; t < length_; ++t)
            for (std::uint32_t c = 0; c < count_; ++c) {
                const std::uint32_t to = t + moved.back_ - back_;
                moved.bits_[to / 64 * count_ + c] |= (bits_[t / 64 * count_ + c] >> t % 64 & 1) << to % 64;
            }
        *this = moved;
    }
    length_ = std::max({length_, back_ + after, back_ + 1});
    bits_.resize((length_ + 63) / 64 * count_);
    for (std::uint32_t t = before > 0 ? back_ + 1 - before : back_; t < back_ + after || t < back_; ++t)
        bits_[t / 64 * count_ + of_class - first_] |= std::uint64_t{1} << t % 64;
}

void BlockedClocks::begin(Clock n) {
    const std::size_t at = n % words;
    numbers_[at] = n;
    std::fill_n(bits_.begin() + static_cast<std::ptrdiff_t>(at * classes_), classes_, 0);
}

} // namespace tollgate::mem
