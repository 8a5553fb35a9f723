#include "cache/prefetcher.hh"
#include <algorithm>

namespace tollgate::cache {

constexpr std::int32_t lines_per_page = page_bytes / line_bytes;

Ahead Prefetcher::ahead(PhysAddr line, std::int32_t stride) const {
    const auto at = static_cast<std::int32_t>(line.value() % page_bytes >> line_shift);
    const std::int32_t room = stride > 0 ? (lines_per_page - 1 - at) / stride : at / -stride;
    const std::int32_t step = stride * static_cast<std::int32_t>(line_bytes);
    return {line + static_cast<std::uint64_t>(static_cast<std::int64_t>(step)), step,
            std::min(depth_, static_cast<std::uint32_t>(room))};
}

Prefetcher::Stream& Prefetcher::stream_of(std::uint64_t page, std::uint32_t line, bool& fresh) {
    Stream* oldest = &streams_[0];
    for (Stream& s : streams_) {
        if (s.page == page) {
            fresh = false;
            return s;
        }
        if (s.used < oldest->used) oldest = &s;
    }
    fresh = true;
    *oldest = {page, 0, line, 0, false};
    return *oldest;
}

Ahead Prefetcher::learn(PhysAddr line) {
    if (kind_ == Prefetch::none) return {};
    if (kind_ == Prefetch::next_line) return ahead(line, 1);
    const auto at = static_cast<std::uint32_t>(line.value() % page_bytes >> line_shift);
    bool fresh = false;
    Stream& s = stream_of(line.value() >> page_shift, at, fresh);
    s.used = ++clock_;
    if (fresh) return {};
    const auto delta = static_cast<std::int32_t>(at) - static_cast<std::int32_t>(s.last);
    if (delta == 0) return {};
    s.last = at;
    // A miss or a first hit a few strides on belongs to the stream as well: what lay between was here.
    if (s.confirmed && delta % s.stride == 0 && delta / s.stride > 0) return ahead(line, s.stride);
    s.confirmed = delta == s.stride;
    s.stride = delta;
    return s.confirmed ? ahead(line, delta) : Ahead{};
}

} // namespace tollgate::cache
