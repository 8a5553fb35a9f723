#include "cache/cache_params.hh"
#include "base/address.hh"
#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::cache {
namespace {

[[noreturn]] void refuse(const std::string& text) { throw std::invalid_argument{text}; }

void check_latency(const char* above, Picoseconds a, const char* below, Picoseconds b) {
    if (b <= a)
        refuse(fmt::format("{}.latency is {} ps, {}.latency {} ps: a level must be slower than the one above it", below,
                           b.count(), above, a.count()));
}

void check_reach(const char* above, Bytes a, const char* below, Bytes b) {
    if (b < a)
        refuse(fmt::format("{}.size={} is less than {}.size={}: a level must hold what it includes", below, b.count(),
                           above, a.count()));
}

} // namespace

std::uint32_t sets_of(const char* cache, Bytes size, std::uint32_t ways) {
    const std::uint64_t lines = size.count() / line_bytes;
    const std::string name = fmt::format("{}: size={}, ways={}", cache, size.count(), ways);
    if (ways == 0 || ways > max_ways) refuse(fmt::format("{}: ways must be 1 to {}", name, max_ways));
    if (lines == 0 || size.count() % line_bytes != 0)
        refuse(fmt::format("{}: the size must be a number of {}-byte lines", name, line_bytes));
    if (ways > lines) refuse(fmt::format("{}: more ways than its {} lines", name, lines));
    if (lines % ways != 0) refuse(fmt::format("{}: its {} lines do not fill sets of {} ways", name, lines, ways));
    const std::uint64_t sets = lines / ways;
    if ((sets & (sets - 1)) != 0) refuse(fmt::format("{}: {} sets, which must be a power of two", name, sets));
    if (sets > 1u << 24) refuse(fmt::format("{}: {} sets, which must be at most 2^24", name, sets));
    return static_cast<std::uint32_t>(sets);
}

void check(const L1iParams& l1i, const L1dParams& l1d, const L2Params& l2, const LlcParams& llc, Hertz hart_clock) {
    sets_of("l1i", l1i.size, l1i.ways);
    sets_of("l1d", l1d.size, l1d.ways);
    sets_of("llc", llc.size, llc.ways);
    const ClockDomain hart{hart_clock};
    const Picoseconds last = ClockDomain{llc.clock}.time_of(llc.latency);
    if (l2.present) {
        sets_of("l2", l2.size, l2.ways);
        check_reach("l1i", l1i.size, "l2", l2.size);
        check_reach("l1d", l1d.size, "l2", l2.size);
        check_latency("l1d", hart.time_of(l1d.latency), "l2", hart.time_of(l2.latency));
        check_latency("l2", hart.time_of(l2.latency), "llc", last);
    } else {
        check_latency("l1d", hart.time_of(l1d.latency), "llc", last);
    }
    if (llc.inclusive) {
        if (l2.present) check_reach("l2", l2.size, "llc", llc.size);
        check_reach("l1i", l1i.size, "llc", llc.size);
        check_reach("l1d", l1d.size, "llc", llc.size);
    }
    if (llc.inject_ways > llc.ways)
        refuse(fmt::format("llc.inject_ways={} of llc.ways={}: more ways than there are", llc.inject_ways, llc.ways));
}

} // namespace tollgate::cache
