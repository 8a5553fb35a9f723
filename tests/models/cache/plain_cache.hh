/// A cache as a textbook has it: sets as lists of lines, every policy's own bookkeeping done at every access, the
/// prefetchers by their definitions. Slow, and shares nothing with the model but numbers.
#pragma once
#include "base/random.hh"
#include "cache/policies.hh"
#include <algorithm>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

namespace tollgate::cache {

class PlainCache {
  public:
    struct Shape {
        std::uint64_t sets, ways; ///< ways a power of two under tree-PLRU
        Replacement replacement;
        Prefetch prefetch;
        std::int64_t depth;
        std::uint64_t degree, seed;
    };
    explicit PlainCache(const Shape& shape) : shape_{shape}, draw_{shape.seed}, sets_(shape.sets) {
        for (Set& s : sets_) {
            s.ways.resize(shape.ways);
            s.right.resize(2 * shape.ways);
        }
    }

    /// An access to a line, by its number; whether it hits.
    bool access(std::int64_t line) {
        Set& set = set_of(line);
        const auto at = find(set, line);
        const bool hit = at != set.ways.end();
        bool learns = !hit;
        if (hit) {
            learns = at->ahead;
            used_ += at->ahead;
            at->ahead = false;
            touch(set, static_cast<std::size_t>(at - set.ways.begin()), true);
        } else {
            place(line, false);
        }
        if (learns) fetch_ahead(line);
        return hit;
    }

    std::uint64_t issued() const { return issued_; } ///< lines fetched ahead
    std::uint64_t used() const { return used_; }     ///< of these

  private:
    struct Way {
        std::optional<std::int64_t> line;
        bool ahead = false;
        int distance = 3; ///< SRRIP: re-reference prediction value of two bits
    };
    struct Set {
        std::vector<Way> ways;
        std::list<std::size_t> order; ///< LRU: the one that waits longest is in front
        std::vector<bool> right;      ///< tree-PLRU: where the node's victim lies; node 1 is the root
    };
    struct Stream {
        std::int64_t page, last;
        std::optional<std::int64_t> stride;
        bool twice = false;
    };

    Set& set_of(std::int64_t line) { return sets_[static_cast<std::uint64_t>(line) % shape_.sets]; }
    static std::vector<Way>::iterator find(Set& set, std::int64_t line) {
        return std::find_if(set.ways.begin(), set.ways.end(), [line](const Way& w) { return w.line == line; });
    }
    void touch(Set& set, std::size_t way, bool hit) {
        set.order.remove(way);
        set.order.push_back(way);
        for (std::size_t node = way + shape_.ways; node > 1; node /= 2) set.right[node / 2] = node % 2 == 0;
        set.ways[way].distance = hit ? 0 : 2;
    }
    std::size_t victim(Set& set) {
        switch (shape_.replacement) {
        case Replacement::lru: return set.order.front();
        case Replacement::random: return draw_.below(shape_.ways);
        case Replacement::tree_plru: {
            std::size_t node = 1;
            while (node < shape_.ways) node = 2 * node + (set.right[node] ? 1 : 0);
            return node - shape_.ways;
        }
        case Replacement::srrip: break;
        }
        for (;;) {
            for (std::size_t i = 0; i < shape_.ways; ++i)
                if (set.ways[i].distance == 3) return i;
            for (Way& w : set.ways) ++w.distance;
        }
    }
    void place(std::int64_t line, bool ahead) {
        Set& set = set_of(line);
        const auto free = std::find_if(set.ways.begin(), set.ways.end(), [](const Way& w) { return !w.line; });
        const std::size_t way =
            free != set.ways.end() ? static_cast<std::size_t>(free - set.ways.begin()) : victim(set);
        set.ways[way].line = line;
        set.ways[way].ahead = ahead;
        touch(set, way, false);
    }

    static std::int64_t page_of(std::int64_t line) { return line >> 6; }
    void fetch_ahead(std::int64_t line) {
        std::optional<std::int64_t> step;
        if (shape_.prefetch == Prefetch::next_line) step = 1;
        if (shape_.prefetch == Prefetch::stride) step = stride_after(line);
        if (!step) return;
        std::uint64_t asked = 0;
        for (std::int64_t k = 1; k <= shape_.depth && asked < shape_.degree; ++k) {
            const std::int64_t wanted = line + k * *step;
            if (page_of(wanted) != page_of(line)) return;
            if (find(set_of(wanted), wanted) != set_of(wanted).ways.end()) continue;
            place(wanted, true);
            ++issued_;
            ++asked;
        }
    }
    /// The stride in whose steps a page is read, once it has been seen twice in a row; later a whole number of steps in
    /// its direction will do. Sixteen pages are remembered.
    std::optional<std::int64_t> stride_after(std::int64_t line) {
        const auto at =
            std::find_if(streams_.begin(), streams_.end(), [&](const Stream& s) { return s.page == page_of(line); });
        if (at == streams_.end()) {
            if (streams_.size() == 16) streams_.pop_front();
            streams_.push_back({page_of(line), line, {}});
            return {};
        }
        streams_.splice(streams_.end(), streams_, at);
        Stream& s = streams_.back();
        const std::int64_t moved = line - s.last;
        if (moved == 0) return {};
        s.last = line;
        if (s.twice && moved % *s.stride == 0 && moved / *s.stride > 0) return s.stride;
        s.twice = s.stride == moved;
        s.stride = moved;
        return s.twice ? s.stride : std::nullopt;
    }

    Shape shape_;
    Random draw_;
    std::vector<Set> sets_;
    std::list<Stream> streams_; // the one that waits longest is in front
    std::uint64_t issued_ = 0, used_ = 0;
};

} // namespace tollgate::cache
