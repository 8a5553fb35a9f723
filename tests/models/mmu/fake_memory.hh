/// Page tables in a map, with a builder, fixed latencies, and a log of what the walker read.
#pragma once
#include "mmu/mmu.hh"
#include <functional>
#include <map>
#include <vector>

namespace tollgate::mmu::test {

namespace pte = abi::pte;
inline constexpr std::uint64_t rwx = pte::read | pte::write | pte::execute;
inline constexpr std::uint64_t ad = pte::accessed | pte::dirty;
inline constexpr std::uint64_t user_page = pte::valid | rwx | ad | pte::user;
inline constexpr std::uint64_t kernel_page = pte::valid | rwx | ad;

class FakeMemory : public PteMemory {
  public:
    struct Read {
        std::uint64_t address, at_cycle;
        bool timed;
    };
    std::map<std::uint64_t, std::uint64_t> words;
    std::vector<Read> reads;
    std::uint32_t latency = 10, update_latency = 7;
    Source source = Source::l2;
    std::uint64_t refused = ~0ull;        ///< this address answers with a bus error
    std::uint64_t refused_update = ~0ull; ///< an update here answers with a bus error
    int updates = 0;
    std::function<void(std::uint64_t)> before_update; ///< another hart, just before an update of this address

    PteRead read(PhysAddr at, std::uint64_t at_cycle, bool timed) override {
        reads.push_back({at.value(), at_cycle, timed});
        return {words[at.value()], at.value() != refused, source, latency};
    }
    bool update(PhysAddr at, std::uint64_t expected, std::uint64_t desired, std::uint64_t at_cycle, bool timed,
                PteRead& cost) override {
        reads.push_back({at.value(), at_cycle, timed});
        if (before_update) before_update(at.value());
        cost = {0, at.value() != refused_update, source, update_latency};
        if (!cost.ok || words[at.value()] != expected) return false;
        words[at.value()] = desired;
        ++updates;
        return true;
    }
};

/// An address space under construction. Tables are handed out from `next_table`.
class Space {
  public:
    Space(FakeMemory& memory, std::uint64_t mode, Asid asid, std::uint64_t root_ppn)
        : satp{abi::satp::make(mode, asid, root_ppn)}, memory_{memory}, root_{root_ppn}, next_table_{root_ppn + 1} {}

    const std::uint64_t satp;
    unsigned levels() const { return abi::satp::levels(satp); }

    /// The address of the entry for `va` at `level`; tables above it are made as needed, with `pointer_bits`.
    std::uint64_t entry(VirtAddr va, unsigned level, std::uint64_t pointer_bits = pte::valid) {
        std::uint64_t table = root_;
        for (unsigned l = levels() - 1;; --l) {
            const std::uint64_t at = (table << 12) + (va.value() >> abi::level_shift(l) & 511) * 8;
            if (l == level) return at;
            std::uint64_t& word = memory_.words[at];
            if ((word & pte::valid) == 0) word = pte::make(next_table_++, pointer_bits);
            table = pte::ppn(word);
        }
    }
    void map(VirtAddr va, std::uint64_t ppn, std::uint64_t bits, unsigned level = 0) {
        memory_.words[entry(va, level)] = pte::make(ppn, bits);
    }
    Context context(Privilege p = Privilege::supervisor) const {
        Context c;
        c.satp = satp;
        c.privilege = p;
        return c;
    }

  private:
    FakeMemory& memory_;
    std::uint64_t root_, next_table_;
};

/// A machine around an MMU, with time that passes by one from call to call.
struct Bench {
    explicit Bench(const MmuParams& params = {}, const PmpParams& pmp_params = {0})
        : pmp{pmp_params}, mmu{params, memory, pmp} {}
    FakeMemory memory;
    Pmp pmp;
    Mmu mmu;
    std::uint64_t stamp = 0;

    Translation go(VirtAddr va, Access a, const Context& c) { return mmu.translate(va, a, c, 1000, ++stamp); }
    Translation load(VirtAddr va, const Context& c) { return go(va, Access::load, c); }
    Translation store(VirtAddr va, const Context& c) { return go(va, Access::store, c); }
    Translation fetch(VirtAddr va, const Context& c) { return go(va, Access::fetch, c); }
    /// Reads that the walker made since the last call.
    std::size_t reads() {
        const std::size_t n = memory.reads.size();
        memory.reads.clear();
        return n;
    }
};

} // namespace tollgate::mmu::test
