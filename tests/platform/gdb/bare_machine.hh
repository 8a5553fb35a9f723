/// Harts with memory and nothing else, in the order of time, and the few instructions that its programs are made of.
#pragma once
#include "cpu/hart.hh"
#include "models/support/lines_at_once.hh"
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

namespace tollgate::gdb_test {

/// Encodings of the base formats, Unpriv §2.2.
namespace code {
constexpr std::uint32_t r(unsigned op, unsigned f3, unsigned f7, unsigned rd, unsigned a, unsigned b) {
    return op | rd << 7 | f3 << 12 | a << 15 | b << 20 | f7 << 25;
}
constexpr std::uint32_t i(unsigned op, unsigned f3, unsigned rd, unsigned a, int imm) {
    return op | rd << 7 | f3 << 12 | a << 15 | static_cast<std::uint32_t>(imm) << 20;
}
constexpr std::uint32_t addi(unsigned rd, unsigned a, int imm) { return i(0x13, 0, rd, a, imm); }
constexpr std::uint32_t add(unsigned rd, unsigned a, unsigned b) { return r(0x33, 0, 0, rd, a, b); }
constexpr std::uint32_t mul(unsigned rd, unsigned a, unsigned b) { return r(0x33, 0, 1, rd, a, b); }
constexpr std::uint32_t div(unsigned rd, unsigned a, unsigned b) { return r(0x33, 4, 1, rd, a, b); }
constexpr std::uint32_t ld(unsigned rd, unsigned a, int imm) { return i(0x03, 3, rd, a, imm); }
constexpr std::uint32_t sd(unsigned b, unsigned a, int imm) {
    const auto u = static_cast<std::uint32_t>(imm);
    return r(0x23, 3, u >> 5 & 0x7f, u & 31, a, b);
}
constexpr std::uint32_t bne(unsigned a, unsigned b, int to) {
    const auto u = static_cast<std::uint32_t>(to);
    return r(0x63, 1, (u >> 12 & 1) << 6 | (u >> 5 & 0x3f), (u >> 1 & 15) << 1 | (u >> 11 & 1), a, b);
}
constexpr std::uint32_t jal(unsigned rd, int to) {
    const auto u = static_cast<std::uint32_t>(to);
    return 0x6f | rd << 7 | (u >> 12 & 0xff) << 12 | (u >> 11 & 1) << 20 | (u >> 1 & 0x3ff) << 21 | (u >> 20 & 1) << 31;
}
constexpr std::uint32_t csrr(unsigned rd, unsigned csr) { return i(0x73, 2, rd, 0, static_cast<int>(csr)); }
constexpr std::uint32_t csrw(unsigned csr, unsigned a) { return i(0x73, 1, 0, a, static_cast<int>(csr)); }
constexpr std::uint32_t mret = 0x30200073, wfi = 0x10500073, ecall = 0x73;
} // namespace code

class BareMachine final : private cpu::LinesAtOnce {
  public:
    static constexpr std::uint64_t base = 0x8000'0000, memory_bytes = 1 << 20;
    static constexpr Picoseconds quantum{100'000};

    explicit BareMachine(unsigned harts, bool timed = true)
        : memory_(memory_bytes + page_bytes), lines_{PhysAddr{base}, Bytes{memory_bytes}} {
        cpu::HartConfig config;
        config.timed = timed;
        config.memory = {PhysAddr{base}, Bytes{memory_bytes}};
        code_ = std::make_unique<cpu::DecodeCache>(cpu::isa::Extensions::parse(config.hart.isa));
        group_.code = code_.get();
        if (harts > 1) group_.lines = &lines_;
        for (unsigned n = 0; n < harts; ++n) {
            harts_.emplace_back(new cpu::Hart{n, config, *this, group_});
            group_.harts.push_back(harts_.back().get());
            harts_.back()->reset(base, n, 0);
        }
    }

    cpu::Hart& hart(unsigned n = 0) { return *harts_[n]; }
    std::vector<cpu::Hart*> harts() { return group_.harts; }

    std::byte* host(std::uint64_t pa) {
        const auto first = reinterpret_cast<std::uintptr_t>(memory_.data());
        return memory_.data() + (page_bytes - first % page_bytes) % page_bytes + (pa - base);
    }
    void put(std::uint64_t pa, const std::vector<std::uint32_t>& words) {
        std::memcpy(host(pa), words.data(), words.size() * sizeof(std::uint32_t));
    }
    std::uint64_t word(std::uint64_t pa) {
        std::uint64_t v;
        std::memcpy(&v, host(pa), sizeof v);
        return v;
    }
    void set_word(std::uint64_t pa, std::uint64_t v) { std::memcpy(host(pa), &v, sizeof v); }

    /// Runs until all harts have passed `end` or sleep, as HartScheduler does; at a debugger's stop calls `stopped`
    /// with the hart's number, and goes on with that hart to the same horizon; false ends the run.
    template <class F> void run(Picoseconds end, F&& stopped) {
        for (;;) {
            cpu::Hart* next = nullptr;
            Picoseconds horizon = end;
            for (const auto& h : harts_)
                if (!h->asleep() && (next == nullptr || h->now() < next->now())) next = h.get();
            if (next == nullptr || next->now() >= end) return;
            for (const auto& h : harts_)
                if (h.get() != next && !h->asleep()) horizon = std::min(horizon, h->now() + quantum);
            while (next->run(horizon) == cpu::Stop::debugger)
                if (!stopped(next->number())) return;
        }
    }

  private:
    std::byte* memory_page(PhysAddr page) override {
        return page.value() - base < memory_bytes ? host(page.value()) : nullptr;
    }
    Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind, Picoseconds) override {
        ++transports;
        constexpr Picoseconds answer{1000};
        if (pa.value() - base < memory_bytes)
            std::memcpy(write ? host(pa.value()) : data, write ? data : host(pa.value()), size);
        else if (!write)
            std::memset(data, 0, size);
        return {true, answer, mmu::Source::local};
    }
    static constexpr std::uint64_t tick = 10'000; ///< ps
    std::uint64_t mtime(Picoseconds at) override { return at.count() / tick; }
    Picoseconds time_of_mtime(std::uint64_t v) override { return Picoseconds{v > ~0ull / tick ? ~0ull : v * tick}; }

  public:
    std::uint64_t transports = 0;

  private:
    std::vector<std::byte> memory_;
    std::unique_ptr<cpu::DecodeCache> code_;
    cache::LineTable lines_;
    cpu::HartGroup group_;
    std::vector<std::unique_ptr<cpu::Hart>> harts_;
};

} // namespace tollgate::gdb_test
