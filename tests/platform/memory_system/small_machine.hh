/// A memory system small enough that everything happens often, with harts that are an L1D and nothing else, and an
/// oracle that moves values as the protocol moves data.
#pragma once
#include "base/random.hh"
#include "machine/memory_system.hh"
#include <map>
#include <string>
#include <vector>

namespace tollgate::machine::test {

using cache::Claim;
using cache::Given;
using cache::LineState;
using cache::Place;
using cache::TagArray;
using Source = mmu::Source;

constexpr PhysAddr base{0x8000'0000};
using namespace literals;

/// Memory of a given latency, without contention; counts.
class FixedMemory final : public LineMemory {
  public:
    Picoseconds latency = 60_ns, accept = 0_ns;
    Picoseconds reads_have_place{}; ///< devices' reads; before, the queue is full
    Count reads = 0, writes = 0;
    Picoseconds last_read_at{};
    Picoseconds read(PhysAddr, AccessKind, Picoseconds at) override {
        ++reads;
        last_read_at = at;
        return at + latency;
    }
    Picoseconds device_place_from(PhysAddr, bool write, Picoseconds at) override {
        return write ? at : std::max(at, reads_have_place);
    }
    Picoseconds write(PhysAddr, AccessKind, Picoseconds at) override {
        ++writes;
        return at + accept;
    }
};

/// Versions of lines wherever copies can be.
class Oracle final : public cache::MoveObserver {
  public:
    bool has_l2 = true;
    std::uint64_t& at(Place p, PhysAddr line) {
        const bool l1 = p.level == Place::Level::l1 || (p.level == Place::Level::hart && !has_l2);
        return values_[{l1 ? 0 : static_cast<int>(p.level), p.unit, line.value()}];
    }
    void moved(PhysAddr line, Place from, Place to) override { at(to, line) = at(from, line); }

  private:
    std::map<std::tuple<int, std::uint32_t, std::uint64_t>, std::uint64_t> values_;
};

struct Shape {
    std::uint32_t nodes = 2, harts = 4; ///< harts: of a node
    bool l2 = true;
    cache::L1dParams l1d{};
    cache::L2Params l2_params{};
    cache::LlcParams llc{};
    cache::DirectoryParams directory{};
    bus::CrossbarParams crossbar{};
    bus::LinkParams link{};
    Hertz clock = 2_GHz;
    Bytes memory = 64_KiB; ///< of a node
    /// Caches of a few lines, without prefetchers.
    static Shape tiny() {
        Shape s;
        s.l1d.size = 256_B;
        s.l1d.ways = 2;
        s.l2_params.size = 512_B;
        s.l2_params.ways = 2;
        s.llc.size = 2_KiB;
        s.llc.ways = 4;
        s.memory = 4_KiB;
        s.l2_params.prefetch = cache::Prefetch::none;
        return s;
    }
};

/// A hart's L1D, as the hart's author would write it.
class SmallHart final : public cache::Holder {
  public:
    SmallHart(const Shape& s, std::uint32_t number, const cache::CachedMemory& memory, Oracle& oracle)
        : level{cache::shape_of(s.l1d), memory}, number_{number}, oracle_{&oracle} {}

    Given give(PhysAddr line, Claim claim) override {
        ++asked;
        const std::uint32_t i = level.tags().find(line);
        if (i == TagArray::none) return {};
        const bool dirty = level.tags().state(i) == LineState::modified;
        if (dirty) ++level.count().write_backs;
        const Given g{true, dirty, last_write};
        if (claim == Claim::share)
            level.demote(i);
        else
            level.drop(i, claim == Claim::own ? cache::CacheLevel::Loss::snoop
                                              : cache::CacheLevel::Loss::back_invalidation);
        return g;
    }
    std::uint64_t& value(PhysAddr line) { return oracle_->at({Place::Level::l1, number_}, line); }

    cache::CacheLevel level;
    Picoseconds last_write{}; ///< of any line: later than that of the line asked for, if anything
    std::uint64_t asked = 0;

  private:
    std::uint32_t number_;
    Oracle* oracle_;
};

class SmallMachine {
  public:
    explicit SmallMachine(const Shape& shape, bool observed = true) : s{shape}, memories(shape.nodes) {
        const cache::CachedMemory all{base, s.memory * s.nodes};
        oracle.has_l2 = s.l2;
        std::vector<NodeMemorySystem> parts;
        for (std::uint32_t n = 0; n < s.nodes; ++n) {
            NodeMemorySystem p{{}, s.llc, s.directory, s.crossbar, &memories[n], base + n * s.memory.count(), s.memory};
            for (std::uint32_t i = 0; i < s.harts; ++i) {
                harts.push_back(std::make_unique<SmallHart>(s, static_cast<std::uint32_t>(harts.size()), all, oracle));
                cache::L2Params l2 = s.l2_params;
                l2.present = s.l2;
                p.harts.push_back({l2, s.clock, harts.back().get()});
            }
            parts.push_back(std::move(p));
        }
        system.emplace(parts, s.link, 1);
        if (observed) system->observe_with(oracle);
    }

    /// A load, or a store with a new value, by a hart: when it is served, and by whom. An exclusive access may do
    /// without writing, as an SC that fails.
    MemorySystem::Access go(std::uint32_t h, PhysAddr line, bool store, Picoseconds at,
                            AccessKind kind = AccessKind::load, bool writes = true) {
        SmallHart& hart = *harts[h];
        cache::CacheLevel& l1 = hart.level;
        const std::uint64_t stamp = ++uses_;
        const Picoseconds served = at + ClockDomain{s.clock}.time_of(s.l1d.latency);
        const cache::Look look = l1.look(line, kind, served, stamp);
        MemorySystem::Access r{look.done, look.state, Source::l1};
        std::uint32_t index = look.index;
        if (!look.hit() || (store && !may_write(look.state))) {
            if (look.hit()) ++l1.count().upgrades;
            r = system->access(h, line, kind, store, look.hit(), l1.begin_miss(at));
            if (look.hit()) {
                r.done = std::max(r.done, look.done);
                l1.tags().set_state(index, r.granted);
                l1.tags().data(index).ready = r.done.count();
            } else {
                if (s.l2) hart.value(line) = oracle.at({Place::Level::hart, h}, line);
                const auto [i, out] = l1.fill(line, r.granted, r.done, stamp);
                index = i;
                if (out.state == LineState::modified) {
                    ++l1.count().write_backs;
                    if (!s.l2) oracle.at({Place::Level::hart, h}, out.line) = hart.value(out.line);
                    system->write_back(h, out.line, hart.last_write);
                }
            }
            l1.registers().end(line, r.done);
        }
        if (store && writes) {
            l1.tags().set_state(index, LineState::modified);
            hart.last_write = std::max(hart.last_write, r.done);
            hart.value(line) = ++golden[line];
        }
        system->prefetch();
        return r;
    }
    PhysAddr line(std::uint64_t n) const { return base + n * line_bytes; }

    Shape s;
    std::vector<FixedMemory> memories;
    std::vector<std::unique_ptr<SmallHart>> harts;
    Oracle oracle;
    std::optional<MemorySystem> system;
    std::map<PhysAddr, std::uint64_t> golden;

  private:
    std::uint64_t uses_ = 0;
};

} // namespace tollgate::machine::test
