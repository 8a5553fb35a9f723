#include "cpu/decode_cache.hh"
#include <algorithm>
#include <array>
#include <cstring>

namespace tollgate::cpu {

namespace {
/// Without C targets must be multiples of four (Unpriv §2.5): with C nothing has to be asked, so here it is settled.
isa::Op without_c(const isa::Insn& d) {
    if (d.op == isa::Op::jalr) return isa::Op::checked_jalr;
    if ((d.imm & 2) == 0 || d.op >= isa::Op::illegal) return d.op;
    const isa::Timing t = isa::row(d.op).timing;
    return t == isa::Timing::jump     ? isa::Op::misaligned_jal
           : t == isa::Timing::branch ? isa::Op::misaligned_branch
                                      : d.op;
}
bool ends_block(const isa::Insn& d) {
    // Whoever watches markers finds the counters as they are there.
    if (d.op == isa::Op::marker_begin || d.op == isa::Op::marker_end) return true;
    const isa::Timing t = timing_of(d.op);
    return t == isa::Timing::branch || t == isa::Timing::jump || t == isa::Timing::indirect || t == isa::Timing::system;
}
void tally(Block& b, const isa::Insn& d) {
    if (d.op == isa::Op::marker_begin || d.op == isa::Op::marker_end) ++b.markers;
    switch (timing_of(d.op)) {
    case isa::Timing::load: ++b.loads; break;
    case isa::Timing::store: ++b.stores; break;
    case isa::Timing::amo: ++b.atomics; break;
    case isa::Timing::branch: ++b.branches; break;
    default: break;
    }
}
} // namespace

isa::Timing timing_of(isa::Op op) {
    switch (op) {
    case isa::Op::misaligned_jal: return isa::Timing::jump;
    case isa::Op::misaligned_branch: return isa::Timing::branch;
    case isa::Op::checked_jalr: return isa::Timing::indirect;
    case isa::Op::illegal:
    case isa::Op::refetch: return isa::Timing::system;
    default: return isa::row(op).timing;
    }
}

std::unique_ptr<Block> DecodeCache::decode(const std::byte* bytes, unsigned in_line, const std::byte* beyond,
                                           isa::Extensions enabled) {
    auto block = std::make_unique<Block>();
    std::array<isa::Insn, Block::max_insns> insns;
    std::array<std::uint8_t, Block::max_insns> offsets{};
    unsigned n = 0, at = 0;
    while (at < in_line) {
        std::uint16_t low, high = 0;
        std::memcpy(&low, bytes + at, 2);
        const bool wide = (low & 3) == 3;
        if (wide) {
            const bool crosses = at + 4 > in_line;
            if (crosses && (beyond == nullptr || n != 0)) break; // alone in its block: it needs the next line, too
            std::memcpy(&high, crosses ? beyond : bytes + at + 2, 2);
        }
        isa::Insn d = isa::decode(static_cast<std::uint32_t>(high) << 16 | low, enabled);
        if (!enabled.contains(isa::Extension::C)) d.op = without_c(d);
        offsets[n] = static_cast<std::uint8_t>(at);
        insns[n++] = d;
        tally(*block, d);
        at += d.length;
        if (ends_block(d)) break;
    }
    block->count = static_cast<std::uint16_t>(n);
    block->lines = at > in_line ? 2 : 1;
    block->bytes = static_cast<std::uint16_t>(at);
    block->insns = std::make_unique<isa::Insn[]>(n);
    block->offset = std::make_unique<std::uint8_t[]>(n);
    std::copy_n(insns.begin(), n, block->insns.get());
    std::copy_n(offsets.begin(), n, block->offset.get());
    return block;
}

const Block* DecodeCache::keep(std::uint64_t pa, std::unique_ptr<Block> block) {
    for (std::uint64_t line = pa >> 6; line <= (pa + block->bytes - 1) >> 6; ++line) {
        code_pages_[line >> 6] |= 1ull << (line & 63);
        maybe_code_[line >> 6 & (known_pages - 1)] = true;
    }
    auto& place = blocks_[pa];
    if (place) stale_.push_back(std::move(place));
    place = std::move(block);
    return place.get();
}

bool DecodeCache::has_code(std::uint64_t pa) const {
    const auto it = code_pages_.find(pa >> 12);
    return it != code_pages_.end() && (it->second >> (pa >> 6 & 63) & 1) != 0;
}

void DecodeCache::written(std::uint64_t pa) {
    const std::uint64_t line = pa & ~63ull;
    // The instruction two bytes before the line may reach into it.
    for (std::uint64_t at = line - 2; at < line + 64; at += 2) {
        const auto it = blocks_.find(at);
        if (it == blocks_.end() || at + it->second->bytes <= line) continue;
        it->second->insns[0].op = isa::Op::refetch;
        stale_.push_back(std::move(it->second));
        blocks_.erase(it);
    }
    const auto page = code_pages_.find(line >> 12);
    if (page != code_pages_.end() && (page->second &= ~(1ull << (line >> 6 & 63))) == 0) code_pages_.erase(page);
}

} // namespace tollgate::cpu
