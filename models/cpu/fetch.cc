// Instruction fetch: from an address to a decoded block.
#include "cpu/hart.hh"
#include <array>
#include <tuple>

namespace tollgate::cpu {

using abi::Exception;

void Hart::retire_partly(const Block& block, unsigned done) {
    const isa::Insn* const insns = block.insns.get();
    instructions_ -= block.count - done;
    if (done == 0) { // by the block's sums: a stale block's first instruction is not what was counted
        loads_ -= block.loads;
        stores_ -= block.stores;
        atomics_ -= block.atomics;
        branches_ -= block.branches;
        markers_ -= block.markers;
        return;
    }
    for (unsigned i = done; i < block.count; ++i) {
        const isa::Timing timing = timing_of(insns[i].op);
        loads_ -= timing == isa::Timing::load;
        stores_ -= timing == isa::Timing::store;
        atomics_ -= timing == isa::Timing::amo;
        branches_ -= timing == isa::Timing::branch;
        markers_ -= insns[i].op == isa::Op::marker_begin || insns[i].op == isa::Op::marker_end;
    }
}

void Hart::retire_one(const isa::Insn& d) {
    ++instructions_;
    const isa::Timing timing = timing_of(d.op);
    loads_ += timing == isa::Timing::load;
    stores_ += timing == isa::Timing::store;
    atomics_ += timing == isa::Timing::amo;
    branches_ += timing == isa::Timing::branch;
    markers_ += d.op == isa::Op::marker_begin || d.op == isa::Op::marker_end;
}

const Block* Hart::fetch_slow(BlockEntry& entry) {
    ++host_.block_misses;
    const std::uint64_t va = at_ = pc_;
    // The bytes from va to the end of its line, and the two behind it for an instruction that crosses.
    const auto in_line = static_cast<unsigned>(line_bytes - (va & (line_bytes - 1)));
    Stamp t = stamp_;
    const auto fault = [&](Exception cause, std::uint64_t tval) -> const Block* {
        except(cause, tval);
        return nullptr;
    };
    const auto reach = [&](std::uint64_t at, unsigned size, mmu::Translation& r) {
        r = translate(at, mmu::Access::fetch, fetch_context_, t, stamp_);
        if (r.fault) return fault(r.cause, at), false;
        if (!pmp_.allows(r.pa, size, mmu::Access::fetch, fetch_context_.privilege))
            return fault(Exception::fetch_access_fault, at), false;
        return true;
    };
    if ((va & 2) != 0 && !group_.code->enabled().contains(isa::Extension::C))
        return fault(Exception::fetch_misaligned, va);
    mmu::Translation r;
    if (!reach(va, 2, r)) return nullptr;

    std::array<std::byte, line_bytes> line; // of code outside memory: the reset ROM
    const std::byte* bytes = host_page(r.pa);
    const bool in_memory = bytes != nullptr;
    if (in_memory) {
        bytes += r.pa.value() & (page_bytes - 1);
    } else {
        const PhysAddr first{r.pa.value() & ~(line_bytes - 1)};
        csr_.fflags = fp_.leave();
        const HartPort::Answer answer =
            port_.transport(first, line.data(), line_bytes, false, AccessKind::fetch, time_at(t));
        fp_.enter(csr_.frm, csr_.fflags);
        if (!answer.ok) return fault(Exception::fetch_access_fault, va);
        bytes = line.data() + (r.pa.value() & (line_bytes - 1));
        if (config_.timed)
            pipeline_.wait(Cause::fetch_miss, t + pipeline_.span(clock_.span(answer.latency)), t, stamp_);
    }
    const bool uniform = pmp_.page_permissions(PhysAddr{r.pa.value() & ~(line_bytes - 1)}, line_bytes)
                             .allows(mmu::Access::fetch, fetch_context_.privilege);
    const bool keep = in_memory && uniform && config_.decode_cache;

    const bool wide = (std::to_integer<unsigned>(bytes[0]) & 3) == 3;
    const bool crosses_line = wide && in_line == 2, crosses_page = crosses_line && ((va + 2) & (page_bytes - 1)) == 0;
    // Blocks are shared by all harts, protection is this hart's: both halves of an instruction are asked for.
    if (wide && !crosses_page && (crosses_line || !uniform)
        && !pmp_.allows(r.pa + 2, 2, mmu::Access::fetch, fetch_context_.privilege))
        return fault(Exception::fetch_access_fault, va + 2);

    std::optional<PhysAddr> second_pa; // of the other line of an instruction that crosses
    const Block* block = keep ? group_.code->find(r.pa.value()) : nullptr;
    if (block != nullptr) {
        ++host_.blocks_found;
    } else {
        unsigned take = in_line;
        std::array<std::byte, 2> high;
        const std::byte* beyond = nullptr;
        if (crosses_line) {
            mmu::Translation second;
            second.pa = r.pa + 2;
            if (crosses_page && !reach(va + 2, 2, second)) return nullptr;
            const std::byte* const page = host_page(second.pa);
            if (page != nullptr) {
                second_pa = second.pa;
                beyond = page + (second.pa.value() & (page_bytes - 1));
            } else {
                if (!port_.transport(second.pa, high.data(), 2, false, AccessKind::fetch, time_at(t)).ok)
                    return fault(Exception::fetch_access_fault, va + 2);
                beyond = high.data();
            }
        } else if (!uniform) { // a border of PMP inside the line: one instruction at a time
            take = wide ? 4 : 2;
        }
        auto fresh = DecodeCache::decode(bytes, take, beyond, group_.code->enabled());
        ++host_.decoded;
        if (!keep || crosses_page) {
            if (config_.timed) { // not kept, but fetched all the same
                uncached_fetches_ += fresh->lines;
                for (const auto& [in, pa, at] : {std::tuple{in_memory, r.pa, va},
                                                 std::tuple{second_pa.has_value(), second_pa.value_or(r.pa), va + 2}}) {
                    if (!in) continue;
                    fetch_line(pa, at, t, stamp_);
                    --uncached_fetches_;
                }
            }
            scratch_ = std::move(fresh);
            return scratch_.get();
        }
        code_begins(r.pa, fresh->bytes);
        block = group_.code->keep(r.pa.value(), std::move(fresh));
    }
    mmu::TlbEntry* const page = r.entry != nullptr ? r.entry : &no_entry_;
    std::uint64_t *used = nullptr, *second = nullptr;
    if (config_.timed) {
        used = second = fetch_line(r.pa, va, t, stamp_);
        if (crosses_line) {
            second = fetch_line(r.pa + 2, va + 2, t, stamp_);
            // It may have taken the first one's way.
            if (l1i_.tags().find(PhysAddr{r.pa.value() & ~(line_bytes - 1)}) == cache::TagArray::none) used = nullptr;
        }
        if (used == nullptr || second == nullptr) return block;
    }
    entry = {va, block, page, used, second, page->generation};
    return block;
}

void Hart::code_begins(PhysAddr pa, unsigned bytes) {
    for (std::uint64_t at = pa.value(); at <= pa.value() + bytes - 1; at = (at | (line_bytes - 1)) + 1) {
        const bool known = config_.timed ? group_.code->line_has_code(at) : group_.code->page_has_code(at);
        if (known) continue;
        for (Hart* h : group_.harts) {
            if (config_.timed)
                h->give_up(PhysAddr{at & ~(line_bytes - 1)}, true);
            else
                h->flush_tables();
        }
    }
}

} // namespace tollgate::cpu
