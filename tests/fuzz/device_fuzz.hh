/// Turns bytes into accesses of any kind to a device, at times that only rise, and checks what every device promises.
#pragma once
#include "tlm/device.hh"
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace tollgate::fuzz {

inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "device fuzz: %s\n", what);
    std::abort();
}

/// The input; at its end it gives zeros.
class Bytes {
  public:
    Bytes(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
    bool empty() const { return rest_.empty(); }
    std::uint64_t take(unsigned count) {
        std::uint64_t v = 0;
        for (unsigned i = 0; i < count && !rest_.empty(); ++i) {
            v |= std::uint64_t{rest_.front()} << (8 * i);
            rest_ = rest_.subspan(1);
        }
        return v;
    }

  private:
    std::span<const std::uint8_t> rest_;
};

/// The offsets of a map's registers, of their parts and of what is beside them.
template <class Map> std::vector<std::uint64_t> places() {
    std::vector<std::uint64_t> all{0, Map::end, ~0ull};
    Map::for_each([&]<class R>(R) {
        for (const unsigned index : {0u, 1u, R::count - 1})
            for (const unsigned within : {0u, 4u}) all.push_back(R::offset + std::uint64_t{index} * R::stride + within);
    });
    return all;
}

/// Drives the device as its shell does: every action that is due comes before an access.
class Driver {
  public:
    Driver(Device& device, std::vector<std::uint64_t> offsets) : device_(device), places_(std::move(offsets)) {}

    Picoseconds now() const { return now_; }

    /// One access or a pause, as the bytes say.
    void step(Bytes& bytes) {
        const auto what = static_cast<unsigned>(bytes.take(1));
        const unsigned size = 1u << (what >> 1 & 3);
        pass(Picoseconds{bytes.take(what >> 3 & 7)});
        std::uint64_t offset = what & 0x40 ? bytes.take(8) : places_[bytes.take(1) % places_.size()];
        offset &= ~std::uint64_t{size - 1}; // the shell sees to alignment
        if (what & 1) {
            device_.write(offset, size, now_, bytes.take(what & 0x80 ? 8 : 1));
        } else {
            std::uint64_t value = ~0ull;
            const Outcome outcome = device_.read(offset, size, now_, value);
            require(outcome == Outcome::ok || value == 0, "a refused read gives something");
            require(size == 8 || value >> (8 * size) == 0, "a read gives more than its width");
        }
        const auto next = device_.next_action();
        for (unsigned n = 0; n < device_.outputs(); ++n) static_cast<void>(device_.output(n));
        require(!next || *next >= now_, "an action is announced for the past");
    }

  private:
    void pass(Picoseconds span) {
        const Picoseconds until = now_ + Picoseconds{span.count() % longest};
        unsigned steps = 0;
        for (auto next = device_.next_action(); next && *next <= until; next = device_.next_action()) {
            if (++steps > most_steps) { // many actions in a long pause are fine, standing still is not
                require(*next > now_, "the device acts again and again at one time");
                steps = 0;
                now_ = *next;
            }
            device_.act(*next);
        }
        now_ = until > now_ ? until : now_;
    }

    static constexpr std::uint64_t longest = 1'000'000'000'000'000; // 1000 s
    static constexpr unsigned most_steps = 10'000;
    Device& device_;
    std::vector<std::uint64_t> places_;
    Picoseconds now_{};
};

} // namespace tollgate::fuzz
