#include "cache/prefetcher.hh"
#include "base/equal_words.hh"
#include <algorithm>
#include <bit>

namespace tollgate::cache {

constexpr std::int32_t lines_per_page = page_bytes / line_bytes;

Ahead Prefetcher::ahead(PhysAddr line, std::int32_t stride) const {
    const auto at = static_cast<std::int32_t>(line.value() % page_bytes >> line_shift);
    const std::int32_t room = stride > 0 ? (lines_per_page - 1 - at) / stride : at / -stride;
    const std::int32_t step = stride * static_cast<std::int32_t>(line_bytes);
    return {line + static_cast<std::uint64_t>(static_cast<std::int64_t>(step)), step,
            std::min(depth_, static_cast<std::uint32_t>(room))};
}

Prefetcher::Prefetcher(Prefetch kind, std::uint32_t depth) : kind_{kind}, depth_{depth} {
    for (std::uint8_t i = 0; i <= streams; ++i) {
        newer_[i] = static_cast<std::uint8_t>(i == streams ? 0 : i + 1);
        older_[i] = static_cast<std::uint8_t>(i == 0 ? streams : i - 1);
    }
}

void Prefetcher::use(std::uint32_t stream) {
    const std::uint8_t newest = older_[streams];
    if (newest == stream) return;
    const std::uint8_t before = newer_[stream], behind = older_[stream];
    older_[before] = behind;
    newer_[behind] = before;
    newer_[stream] = streams;
    older_[stream] = newest;
    newer_[newest] = older_[streams] = static_cast<std::uint8_t>(stream);
}

Prefetcher::Stream& Prefetcher::stream_of(std::uint64_t page, std::uint32_t line, bool& fresh) {
    for (std::uint32_t left = equal_words(keys_, static_cast<std::uint32_t>(page)); left != 0; left &= left - 1) {
        const auto i = static_cast<std::uint32_t>(std::countr_zero(left));
        if (streams_[i].page != page) continue;
        fresh = false;
        use(i);
        return streams_[i];
    }
    fresh = true;
    const std::uint32_t oldest = newer_[streams];
    keys_[oldest] = static_cast<std::uint32_t>(page);
    streams_[oldest] = {page, line, 0, false};
    use(oldest);
    return streams_[oldest];
}

Ahead Prefetcher::learn(PhysAddr line) {
    if (kind_ == Prefetch::none) return {};
    if (kind_ == Prefetch::next_line) return ahead(line, 1);
    const auto at = static_cast<std::uint32_t>(line.value() % page_bytes >> line_shift);
    bool fresh = false;
    Stream& s = stream_of(line.value() >> page_shift, at, fresh);
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
