#include "dev/dma_script.hh"
#include <algorithm>
#include <cstring>

namespace tollgate::dev {

namespace {
__extension__ using Wide = unsigned __int128;

/// An exponential variate of mean 1, times 2^32: von Neumann's comparison of uniform numbers, which needs no logarithm
/// and so gives the same on every host.
std::uint64_t exponential(Random& random) {
    const auto uniform = [&] { return random.next() >> 32; };
    for (std::uint64_t whole = 0;; ++whole) {
        const std::uint64_t first = uniform();
        std::uint64_t last = first;
        bool falls = true;
        for (;;) { // how long do they fall? With an odd number of them `first` stands.
            const std::uint64_t u = uniform();
            if (u >= last) break;
            last = u;
            falls = !falls;
        }
        if (falls) return whole << 32 | first;
    }
}
} // namespace

ScriptPlayer::ScriptPlayer(DmaScript script) : transfers_{std::move(script.transfers)} {
    for (ScriptedLoad& l : script.loads) {
        Load load{l, Random{scatter(l.seed)}, l.from};
        if (l.arrivals == Arrivals::poisson) advance(load);
        loads_.push_back(load);
    }
}

void ScriptPlayer::advance(Load& load) {
    const std::uint64_t interval = load.of.interval.count();
    const std::uint64_t gap = load.of.arrivals == Arrivals::fixed
                                  ? interval
                                  : static_cast<std::uint64_t>(Wide{interval} * exponential(load.random) >> 32);
    // Behind the end of time there is nothing.
    load.at = gap < ~0ull - load.at.count() ? load.at + Picoseconds{gap} : Picoseconds{~0ull};
}

std::optional<Picoseconds> ScriptPlayer::next() const {
    std::optional<Picoseconds> first;
    if (done_ < transfers_.size()) first = transfers_[done_].at;
    for (const Load& l : loads_)
        if (due(l) && (!first || l.at < *first)) first = l.at;
    return first;
}

ScriptedTransfer ScriptPlayer::take() {
    const Picoseconds at = *next();
    ScriptedTransfer t;
    if (done_ < transfers_.size() && transfers_[done_].at == at) {
        t = std::move(transfers_[done_++]);
    } else {
        Load& l = *std::find_if(loads_.begin(), loads_.end(), [at](const Load& x) { return due(x) && x.at == at; });
        t.at = at;
        t.bytes = l.of.bytes;
        t.address = l.of.base + l.random.below(l.of.size.count() / l.of.bytes) * l.of.bytes;
        t.write = l.random.below(std::uint64_t{l.of.reads} + l.of.writes) >= l.of.reads;
        advance(l);
    }
    if (!t.write) return t;
    ++writes_;
    if (t.data.empty()) {
        t.data.resize(t.bytes);
        for (std::size_t i = 0; i < t.data.size(); i += sizeof writes_)
            std::memcpy(&t.data[i], &writes_, std::min(sizeof writes_, t.data.size() - i));
    }
    return t;
}

} // namespace tollgate::dev
