/// The machine that is measured: two nodes with two harts each, `server`'s parameters, and harts that are an L1D and a
/// clock.
#pragma once
#include "base/random.hh"
#include "machine/memory_system.hh"
#include "mem/dram_controller.hh"
#include <array>
#include <cassert>
#include <memory>
#include <optional>
#include <vector>

namespace tollgate::machine::bench {

using namespace literals;

/// Memory without contention: what remains is the caches' cost.
class FixedMemory final : public LineMemory {
  public:
    Picoseconds read(PhysAddr, AccessKind, Picoseconds at) override { return at + 50_ns; }
    Picoseconds write(PhysAddr, AccessKind, Picoseconds at) override { return at; }
};
/// A node's DDR4.
class DramMemory final : public LineMemory {
  public:
    explicit DramMemory(PhysAddr base) : base_{base} {}
    Picoseconds read(PhysAddr line, AccessKind kind, Picoseconds at) override {
        return controller_.read(PhysAddr{line - base_}, at, kind).at;
    }
    Picoseconds write(PhysAddr line, AccessKind kind, Picoseconds at) override {
        return controller_.write(PhysAddr{line - base_}, at, kind);
    }

  private:
    PhysAddr base_;
    mem::DramController controller_{{}, {}, {}};
};

/// 32 KiB, direct-mapped, in front of everything; it knows what it has written.
class SmallL1 final : public cache::Holder {
  public:
    struct Way {
        PhysAddr line{~0ull};
        bool writable = false, dirty = false;
        Picoseconds last_write{};
    };
    Way& way(PhysAddr line) { return ways_[(line.value() >> line_shift) % ways_.size()]; }
    cache::Given give(PhysAddr line, cache::Claim claim) override {
        Way& w = way(line);
        if (w.line != line) return {};
        const cache::Given g{true, w.dirty, w.last_write};
        w.writable = w.dirty = false;
        if (claim != cache::Claim::share) w = {};
        return g;
    }

  private:
    std::array<Way, 512> ways_{};
};

constexpr std::uint64_t node_bytes = 64u << 20;
constexpr PhysAddr local{0x8000'0000}, remote{local.value() + node_bytes};

class Machine {
  public:
    enum class Memory : std::uint8_t { fixed, dram };
    static constexpr std::uint32_t harts = 4;

    Machine(Memory memory, cache::Prefetch prefetch) {
        std::vector<NodeMemorySystem> parts;
        for (std::uint32_t n = 0; n < 2; ++n) {
            const PhysAddr base = local + n * node_bytes;
            drams_.push_back(std::make_unique<DramMemory>(base));
            LineMemory* m = memory == Memory::dram ? static_cast<LineMemory*>(drams_[n].get()) : &fixed_;
            NodeMemorySystem p{{}, {}, {}, {}, m, base, Bytes{node_bytes}};
            for (std::uint32_t h = 0; h < 2; ++h) {
                cache::L2Params l2;
                l2.prefetch = prefetch;
                p.harts.push_back({l2, 2_GHz, &l1s_[2 * n + h]});
            }
            parts.push_back(p);
        }
        system_.emplace(parts, bus::LinkParams{}, 1);
    }

    MemorySystem& system() { return *system_; }

    /// A load or store of a hart at `at` as a hart makes it, its L1D in front: when it is done.
    Picoseconds access(std::uint32_t hart, PhysAddr line, bool store, Picoseconds at) {
        SmallL1::Way& w = l1s_[hart].way(line);
        if (w.line != line || (store && !w.writable)) {
            const bool has = w.line == line;
            const auto r = system_->access(hart, line, store ? AccessKind::store : AccessKind::load, store, has, at);
            if (!has && w.dirty) system_->write_back(hart, w.line, w.last_write);
            w = {line, cache::may_write(r.granted), r.granted == cache::LineState::modified, r.done};
            system_->prefetch();
            at = r.done;
        }
        if (store) {
            w.dirty = true;
            w.last_write = at;
        }
        return at;
    }

  private:
    FixedMemory fixed_;
    std::vector<std::unique_ptr<DramMemory>> drams_;
    std::array<SmallL1, harts> l1s_;
    std::optional<MemorySystem> system_;
};

/// What a hart does when it copies memory line by line: a load and a store, twelve accesses under way at a time.
class Copier {
  public:
    Copier(std::uint32_t hart, PhysAddr from, PhysAddr to, std::uint64_t lines)
        : hart_{hart}, from_{from}, to_{to}, lines_{lines} {}

    Picoseconds now() const { return now_; }
    /// The next line.
    void step(Machine& m) {
        const std::uint64_t offset = next_++ % lines_ * line_bytes;
        one(m, from_ + offset, false);
        one(m, to_ + offset, true);
    }

  private:
    void one(Machine& m, PhysAddr line, bool store) {
        Picoseconds& slot = under_way_[issued_++ % under_way_.size()];
        now_ = std::max(now_ + 4_ns, slot);
        slot = m.access(hart_, line, store, now_);
    }
    std::uint32_t hart_;
    PhysAddr from_, to_;
    std::uint64_t lines_, next_ = 0, issued_ = 0;
    Picoseconds now_{};
    std::array<Picoseconds, 12> under_way_{};
};

} // namespace tollgate::machine::bench
