/// A machine around harts without SystemC: memory, scripted devices, page tables, and the order in which harts run.
#pragma once
#include "abi/page_table.hh"
#include "cpu/hart.hh"
#include "models/support/hart_program.hh"
#include "models/support/lines_at_once.hh"
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <span>

namespace tollgate::cpu::test {

using namespace literals;

inline constexpr std::uint64_t ram = 0x8000'0000, ram_bytes = 4 << 20;
inline constexpr std::uint64_t devices = 0x1000'0000;  ///< 64 KiB that answer
inline constexpr std::uint64_t ipi = devices + 0x8000; ///< a word per hart: its machine software interrupt
inline constexpr std::uint64_t nothing = 0x4000'0000;  ///< the bus answers with an error here

/// Flat memory that all harts share.
class FlatMemory {
  public:
    std::byte* at(std::uint64_t pa) { return bytes().data() + (pa - ram); }
    /// All of it; aligned to a page, as lines and pages of the host stand for those of the guest.
    std::span<std::byte> bytes() {
        const auto unaligned = reinterpret_cast<std::uintptr_t>(storage_.data());
        return {storage_.data() + (page_bytes - unaligned % page_bytes) % page_bytes, ram_bytes};
    }
    bool covers(std::uint64_t pa, std::uint64_t size) const { return pa >= ram && pa - ram + size <= ram_bytes; }
    std::uint64_t read(std::uint64_t pa, unsigned size = 8) {
        std::uint64_t v = 0;
        std::memcpy(&v, at(pa), size);
        return v;
    }
    void write(std::uint64_t pa, std::uint64_t v, unsigned size = 8) { std::memcpy(at(pa), &v, size); }
    void write(std::uint64_t pa, const std::vector<std::uint8_t>& from) {
        std::memcpy(at(pa), from.data(), from.size());
    }

  private:
    std::vector<std::byte> storage_ = std::vector<std::byte>(ram_bytes + page_bytes);
};

struct Transaction {
    unsigned hart;
    std::uint64_t pa, data;
    unsigned size;
    bool write;
    AccessKind kind;
    Picoseconds at;
};

/// What the ports share: memory, the log of transactions, latencies, the time base.
struct World {
    FlatMemory memory;
    std::vector<Transaction> log; ///< device accesses
    Picoseconds device_latency = 50_ns;
    Picoseconds mtime_period = 100_ns;
    std::function<std::uint64_t(std::uint64_t pa, unsigned size)> device_value = [](std::uint64_t pa, unsigned) {
        return pa;
    };
    std::function<void(unsigned to, bool high, Picoseconds at)> on_ipi;
    std::vector<HartPort*> lines; ///< [hart]; serve what the L1s miss; empty: all is there at once
};

class FakePort final : public HartPort {
  public:
    FakePort(World& world, unsigned hart) : world_{world}, hart_{hart} {}
    std::byte* memory_page(PhysAddr page) override {
        return world_.memory.covers(page.value(), page_bytes) ? world_.memory.at(page.value()) : nullptr;
    }
    Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind kind,
                     Picoseconds at) override {
        const std::uint64_t a = pa.value();
        if (a < devices || a - devices + size > 0x10000) return {};
        std::uint64_t v = 0;
        if (write)
            std::memcpy(&v, data, size);
        else if (size <= 8)
            v = world_.device_value(a, size), std::memcpy(data, &v, size);
        else
            std::memset(data, 0, size);
        world_.log.push_back({hart_, a, v, size, write, kind, at});
        if (write && a >= ipi && world_.on_ipi) world_.on_ipi(static_cast<unsigned>((a - ipi) / 4), v != 0, at);
        return {true, world_.device_latency, mmu::Source::local};
    }
    LineAnswer request_line(const LineRequest& r) override { return lines().request_line(r); }
    void write_back_line(PhysAddr line, Picoseconds at) override { lines().write_back_line(line, at); }
    void line_placed() override { lines().line_placed(); }
    Picoseconds care_for_line(PhysAddr line, LineCare care, Picoseconds at) override {
        return lines().care_for_line(line, care, at);
    }
    std::uint64_t mtime(Picoseconds at) override { return at / world_.mtime_period; }
    Picoseconds time_of_mtime(std::uint64_t value) override {
        return value > (~0ull >> 1) / world_.mtime_period.count() ? Picoseconds{~0ull} : world_.mtime_period * value;
    }

  private:
    HartPort& lines() { return world_.lines.empty() ? at_once_ : *world_.lines[hart_]; }
    World& world_;
    unsigned hart_;
    LinesAtOnce at_once_;
};

/// Sv39 page tables in the last 256 KiB of memory.
class PageTables {
  public:
    explicit PageTables(FlatMemory& memory, std::uint64_t at = ram + ram_bytes - (256 << 10))
        : memory_{memory}, root_{at}, next_{at + page_bytes} {}
    std::uint64_t satp(std::uint16_t asid = 0) const {
        return abi::satp::make(abi::satp::sv39, asid, root_ >> page_shift);
    }
    /// Where the entry for `va` at `level` stands; tables above it are made.
    std::uint64_t entry(std::uint64_t va, unsigned level = 0) {
        std::uint64_t table = root_;
        for (unsigned l = 2;; --l) {
            const std::uint64_t at = table + (va >> abi::level_shift(l) & 511) * 8;
            if (l == level) return at;
            if ((memory_.read(at) & abi::pte::valid) == 0) {
                memory_.write(at, abi::pte::make(next_ >> page_shift, abi::pte::valid));
                next_ += page_bytes;
            }
            table = abi::pte::ppn(memory_.read(at)) << page_shift;
        }
    }
    void map(std::uint64_t va, std::uint64_t pa, std::uint64_t bits, unsigned level = 0) {
        memory_.write(entry(va, level), abi::pte::make(pa >> page_shift, bits));
    }

  private:
    FlatMemory& memory_;
    std::uint64_t root_, next_;
};

namespace page {
using namespace abi::pte;
inline constexpr std::uint64_t ad = accessed | dirty, rw = valid | read | write | ad, rx = valid | read | execute | ad,
                               rwx = rw | execute, user_rw = rw | user, user_rwx = rwx | user;
} // namespace page

/// Counters of every kind by name, for a comparison that says which one differs.
inline void list_counters(Hart& h, std::vector<std::pair<std::string, std::uint64_t>>& out) {
    const auto add = [&](const std::string& group, const auto& counters) {
        for_each_field<std::remove_cvref_t<decltype(counters)>>(
            [&](const auto& d) { out.emplace_back(group + std::string(d.name), counters.*(d.member)); });
    };
    add("", h.counters());
    const mmu::MmuCounters& m = h.mmu_counters();
    add("itlb.", m.itlb), add("dtlb.", m.dtlb), add("l2tlb.", m.l2tlb), add("walker.", m.walker),
        add("faults.", m.faults);
    add("fences.", m.fences);
    add("l1i.", h.l1i_counters()), add("l1d.", h.l1d_counters());
    const auto by = h.slots_by_cause();
    for (std::size_t c = 0; c < causes; ++c) out.emplace_back("slots." + std::string(cause_texts[c].name), by[c]);
    out.emplace_back("slots", h.slots());
}

/// Harts, their code cache and what they share.
class Bench {
  public:
    explicit Bench(HartConfig config = {}, unsigned count = 1) : code{isa::Extensions::parse(config.hart.isa)} {
        config.memory = {PhysAddr{ram}, Bytes{ram_bytes}};
        group.code = &code;
        if (count > 1) {
            lines.emplace(PhysAddr{ram}, Bytes{ram_bytes});
            group.lines = &*lines;
        }
        for (unsigned n = 0; n < count; ++n) {
            ports_.push_back(std::make_unique<FakePort>(world, n));
            harts_.push_back(std::make_unique<Hart>(n, config, *ports_.back(), group));
            group.harts.push_back(harts_.back().get());
            harts_.back()->reset(ram, n, 0);
        }
        world.on_ipi = [this](unsigned to, bool high, Picoseconds at) {
            if (to >= harts_.size()) return;
            Hart& h = *harts_[to];
            const bool could = h.can_wake();
            h.set_line(abi::Interrupt::machine_software, high, at);
            if (!could && h.can_wake()) h.sleep_until(at);
        };
    }
    Bench(const Bench&) = delete;

    World world;
    HartGroup group;
    DecodeCache code;
    std::optional<cache::LineTable> lines;

    FlatMemory& memory() { return world.memory; }
    Hart& hart(unsigned n = 0) { return *harts_[n]; }
    /// Puts code into memory behind the harts' back, so they are told.
    void load(Program& p) {
        memory().write(p.origin(), p.bytes());
        for (std::uint64_t at = p.origin() & ~63ull; at < p.here(); at += 64) code.written(at);
    }
    std::uint64_t csr(unsigned number, unsigned n = 0) { return hart(n).peek_csr(number).value(); }
    std::uint64_t x(unsigned r, unsigned n = 0) { return hart(n).x(r); }

    /// Runs all harts by the rule of HartScheduler until all sleep for ever or `limit` is reached. False: the limit.
    bool run(Picoseconds quantum = 100_ns, Picoseconds limit = 100_ms) {
        while (step(quantum, limit))
            if (stopped_at_limit_) return false;
        return true;
    }
    /// The next hart's turn. False: all sleep for ever.
    bool step(Picoseconds quantum, Picoseconds limit) {
        Hart* next = nullptr;
        Picoseconds when{~0ull};
        for (auto& h : harts_)
            if (const Picoseconds t = ready_at(*h); t < when) next = h.get(), when = t;
        if (next == nullptr) return false;
        stopped_at_limit_ = when >= limit;
        if (stopped_at_limit_) return true;
        Picoseconds horizon = limit;
        for (auto& h : harts_) {
            const Picoseconds t = ready_at(*h);
            if (h.get() != next && t != Picoseconds{~0ull}) horizon = std::min(horizon, std::max(t, when) + quantum);
        }
        next->sleep_until(when);
        next->run(horizon);
        return true;
    }

  private:
    static Picoseconds ready_at(Hart& h) {
        if (!h.asleep() || h.can_wake()) return h.now();
        const Picoseconds timer = h.timer_deadline();
        return timer == Picoseconds{~0ull} ? timer : std::max(timer, h.now());
    }
    bool stopped_at_limit_ = false;
    std::vector<std::unique_ptr<FakePort>> ports_;
    std::vector<std::unique_ptr<Hart>> harts_;
};

/// The end of a program in machine mode: sleeps for ever.
inline void finish(Program& p) {
    p.csr(Op::csrrwi, 0, 0x304, 0);
    const auto again = p.bound();
    p.put(Op::wfi);
    p.j(again);
}

} // namespace tollgate::cpu::test
