/// The bytes of a memory bank, in host order. What was never touched costs no host memory and reads as noise.
#pragma once
#include "base/address.hh"
#include "base/counter.hh"
#include "base/param.hh"
#include "base/units.hh"
#include <cstddef>
#include <cstdint>
#include <span>

namespace tollgate::mem {

/// What memory holds at power-on.
enum class Initial : std::uint8_t { noise, zero };

struct StoreCounters {
    TOLLGATE_DESCRIBED(StoreCounters);
    TOLLGATE_COUNTER(pages_touched, "pages", "Pages of 4 KiB that were accessed at least once.")
    TOLLGATE_COUNTER(pages_of_noise, "pages", "Of these, those that held noise at first.")
    TOLLGATE_END;
};

/// A sparse array of bytes. Noise is a function of seed and offset alone, so it does not matter in which order, and by
/// whom, pages are touched: a kernel that forgets to clear a page is found out, and the same way each time.
class BackingStore {
  public:
    /// Reserves address space only. Throws std::invalid_argument unless size is a positive number of whole pages, and
    /// std::system_error if the host has no such address space.
    BackingStore(Bytes size, Initial initial, std::uint64_t seed);
    ~BackingStore();
    BackingStore(const BackingStore&) = delete;
    BackingStore& operator=(const BackingStore&) = delete;

    Bytes size() const { return Bytes{size_}; }
    /// All of [offset, offset + length) lies inside.
    bool contains(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_ && length <= size_ - offset;
    }

    /// The first host byte of the page that holds `offset` (inside), filled at its first touch. Stays valid.
    std::byte* page(std::uint64_t offset) {
        const std::uint64_t number = offset >> page_shift;
        if (!(touched_[number / 64] >> (number % 64) & 1)) [[unlikely]]
            touch(number);
        return bytes_ + (number << page_shift);
    }
    /// The host byte of `offset`, with its page touched.
    std::byte* at(std::uint64_t offset) { return page(offset) + offset % page_bytes; }

    /// Copies from and to it; the range must lie inside.
    void read(std::uint64_t offset, std::span<std::byte> to);
    void write(std::uint64_t offset, std::span<const std::byte> from);
    /// What `read` would give, without touching anything: for debuggers and dumps.
    void peek(std::uint64_t offset, std::span<std::byte> to) const;

    const StoreCounters& counters() const { return counters_; }

  private:
    [[gnu::noinline]] void touch(std::uint64_t number);
    std::uint64_t noise(std::uint64_t word) const;

    std::uint64_t size_;
    Initial initial_;
    std::uint64_t seed_;
    std::byte* bytes_ = nullptr;
    std::uint64_t* touched_ = nullptr; // a bit a page; the host fills it lazily as well
    StoreCounters counters_;
};

} // namespace tollgate::mem

namespace tollgate {
template <> struct Choice<mem::Initial> { static constexpr std::string_view names[] = {"noise", "zero"}; };
} // namespace tollgate
