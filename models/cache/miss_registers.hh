/// Misses under way: how many at once, and when the next one may begin. Plain class; time is an argument.
#pragma once
#include "base/address.hh"
#include "base/units.hh"
#include "cache/cache_params.hh"
#include <array>
#include <cassert>
#include <cstdint>

namespace tollgate::cache {

/// A miss takes a register from begin() to the time it names in end(). Misses to a line under way merge: its tag is
/// filled at the miss with the time at which it is ready, and find() knows it also when the tag has left since.
class MissRegisters {
  public:
    explicit MissRegisters(std::uint32_t count) : count_{count} { assert(count != 0 && count <= max_miss_registers); }

    /// The first time, not before `at`, at which a register is free.
    Picoseconds free_at(Picoseconds at) const {
        if (used_ < count_) return at;
        const Picoseconds first{slots_[head_].until};
        return first < at ? at : first;
    }
    bool free(Picoseconds at) const { return free_at(at) == at; }

    /// Takes the register that is free first; the miss starts at the returned time. Each begin() is followed by its
    /// end() before the next one.
    Picoseconds begin(Picoseconds at) {
        const Picoseconds start = free_at(at);
        if (used_ == count_) {
            head_ = (head_ + 1) % size;
            --used_;
        }
        return start;
    }
    /// The register is busy with `line` until `until`. Constant when misses end in their order.
    void end(PhysAddr line, Picoseconds until) {
        assert(used_ < count_);
        std::uint32_t i = used_++;
        for (; i != 0; --i) { // by time, the first to end at the head
            const Slot& before = slots_[(head_ + i - 1) % size];
            if (before.until <= until.count()) break;
            slots_[(head_ + i) % size] = before;
        }
        slots_[(head_ + i) % size] = {line.value(), until.count()};
    }
    /// When a line under way at `at` will be there; `at` itself if it is not under way.
    Picoseconds find(PhysAddr line, Picoseconds at) const {
        for (std::uint32_t i = used_; i-- != 0;) {
            const Slot& s = slots_[(head_ + i) % size];
            if (s.until <= at.count()) break;
            if (s.line == line.value()) return Picoseconds{s.until};
        }
        return at;
    }
    /// Misses under way at a time.
    std::uint32_t busy(Picoseconds at) const {
        std::uint32_t n = 0;
        for (std::uint32_t i = used_; i-- != 0 && slots_[(head_ + i) % size].until > at.count();) ++n;
        return n;
    }
    std::uint32_t count() const { return count_; }
    void clear() { head_ = used_ = 0; }

  private:
    static constexpr std::uint32_t size = max_miss_registers;
    struct Slot {
        std::uint64_t line = 0, until = 0;
    };
    std::uint32_t count_, head_ = 0, used_ = 0;
    std::array<Slot, size> slots_{}; ///< a ring, sorted by `until`
};

} // namespace tollgate::cache
