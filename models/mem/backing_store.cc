#include "mem/backing_store.hh"
#include "base/random.hh"
#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <sys/mman.h>
#include <system_error>

namespace tollgate::mem {

static void* reserve(std::uint64_t size) {
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        throw std::system_error(errno, std::generic_category(),
                                fmt::format("reserving {} bytes of address space for modelled memory", size));
    return p;
}

static std::uint64_t bitmap_bytes(std::uint64_t size) {
    return ((size >> page_shift) + 63) / 64 * sizeof(std::uint64_t);
}

BackingStore::BackingStore(Bytes size, Initial initial, std::uint64_t seed)
    : size_(size.count()), initial_(initial), seed_(scatter(seed)) {
    if (size_ == 0 || size_ % page_bytes != 0)
        throw std::invalid_argument(
            fmt::format("memory of {} bytes: expected a positive multiple of {}", size_, page_bytes));
    touched_ = static_cast<std::uint64_t*>(reserve(bitmap_bytes(size_)));
    try {
        bytes_ = static_cast<std::byte*>(reserve(size_));
    } catch (...) {
        munmap(touched_, bitmap_bytes(size_));
        throw;
    }
}

BackingStore::~BackingStore() {
    munmap(bytes_, size_);
    munmap(touched_, bitmap_bytes(size_));
}

std::uint64_t BackingStore::noise(std::uint64_t word) const { return scatter(seed_ ^ word); }

void BackingStore::touch(std::uint64_t number) {
    assert(number < size_ >> page_shift);
    touched_[number / 64] |= 1ull << (number % 64);
    ++counters_.pages_touched;
    if (initial_ == Initial::zero) return; // as the host gives it
    ++counters_.pages_of_noise;
    constexpr std::uint64_t words = page_bytes / sizeof(std::uint64_t);
    auto* to = reinterpret_cast<std::uint64_t*>(bytes_ + (number << page_shift));
    for (std::uint64_t i = 0; i < words; ++i) to[i] = noise(number * words + i);
}

// Calls f(offset, piece) for each page's part of a range.
template <class Span, class F> static void by_page(std::uint64_t offset, Span range, F&& f) {
    while (!range.empty()) {
        const std::size_t n = std::min<std::size_t>(range.size(), page_bytes - offset % page_bytes);
        f(offset, range.first(n));
        offset += n;
        range = range.subspan(n);
    }
}

void BackingStore::read(std::uint64_t offset, std::span<std::byte> to) {
    assert(contains(offset, to.size()));
    by_page(offset, to, [this](std::uint64_t o, auto piece) { std::memcpy(piece.data(), at(o), piece.size()); });
}

void BackingStore::write(std::uint64_t offset, std::span<const std::byte> from) {
    assert(contains(offset, from.size()));
    by_page(offset, from, [this](std::uint64_t o, auto piece) { std::memcpy(at(o), piece.data(), piece.size()); });
}

void BackingStore::peek(std::uint64_t offset, std::span<std::byte> to) const {
    assert(contains(offset, to.size()));
    by_page(offset, to, [this](std::uint64_t o, auto piece) {
        const std::uint64_t number = o >> page_shift;
        if (touched_[number / 64] >> (number % 64) & 1) {
            std::memcpy(piece.data(), bytes_ + o, piece.size());
        } else if (initial_ == Initial::zero) {
            std::memset(piece.data(), 0, piece.size());
        } else {
            for (std::size_t i = 0; i < piece.size(); ++i)
                piece[i] = static_cast<std::byte>(noise((o + i) / 8) >> (8 * ((o + i) % 8)));
        }
    });
}

} // namespace tollgate::mem
