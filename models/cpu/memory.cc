// The slow way of loads, stores and atomics: translation, protection, order among harts, devices.
#include "cpu/hart.hh"
#include <algorithm>
#include <cstring>

namespace tollgate::cpu {

using abi::Exception;
using abi::Privilege;
using mmu::Access;

namespace {
Exception refused(Access a) {
    return a == Access::fetch  ? Exception::fetch_access_fault
           : a == Access::load ? Exception::load_access_fault
                               : Exception::store_access_fault;
}
std::uint64_t read_bytes(const std::byte* from, unsigned size) {
    std::uint64_t v = 0;
    std::memcpy(&v, from, size);
    return v;
}
} // namespace

std::byte* Hart::host_page(PhysAddr pa) {
    const std::uint64_t page = pa.value() >> page_shift;
    HostPage& h = host_pages_[page % host_pages_.size()];
    if (h.page != page) {
        std::byte* const host = port_.memory_page(PhysAddr{page << page_shift});
        if (host == nullptr) return nullptr;
        h = {page, host};
    }
    return h.host;
}

void Hart::charge_walk(const mmu::WalkCost& cost, Stamp& t, Stamp& s) {
    if (cost.l2_tlb != 0) pipeline_.delay(Cause::tlb_l2, pipeline_.span(Cycles{cost.l2_tlb}), t, s);
    for (std::size_t i = 0; i < mmu::source_count; ++i)
        if (cost.by_source[i] != 0)
            pipeline_.delay(static_cast<Cause>(static_cast<std::size_t>(Cause::walk_l1) + i),
                            pipeline_.span(Cycles{cost.by_source[i]}), t, s);
}

mmu::Translation Hart::translate(std::uint64_t va, Access access, const mmu::Context& c, Stamp& t, Stamp& s) {
    if (c.privilege == Privilege::machine || abi::satp::mode(c.satp) == abi::satp::bare) {
        mmu::Translation bare;
        bare.pa = PhysAddr{va};
        return bare;
    }
    if (!config_.timed) return mmu_.translate_untimed(VirtAddr{va}, access, c);
    const mmu::Translation r = mmu_.translate(VirtAddr{va}, access, c, pipeline_.cycles_of(t), t);
    if (trace_ && r.cost.total() != 0) [[unlikely]] {
        const Picoseconds from = time_at(t);
        charge_walk(r.cost, t, s);
        trace_->refill(VirtAddr{va}, access, r, from, time_at(t));
        return r;
    }
    charge_walk(r.cost, t, s);
    return r;
}

Hart::Place Hart::place(std::uint64_t va, unsigned size, Access access, Stamp& t, Stamp& s, mmu::TlbEntry** entry) {
    DataPage& known = data_->pages[(va >> page_shift) % DataTable::pages_known];
    const auto right = static_cast<std::uint8_t>(1u << static_cast<unsigned>(access));
    const bool same = known.page == va >> page_shift && known.entry->generation == known.generation;
    if (same && (known.rights & right) != 0) {
        known.entry->stamp = t;
        if (entry != nullptr) *entry = known.entry;
        page_is_new_ = false;
        page_is_uniform_ = true;
        const std::uint64_t offset = va & (page_bytes - 1);
        return {known.host + offset, PhysAddr{known.frame + offset}, true};
    }
    const mmu::Translation r = translate(va, access, data_context_, t, s);
    stamp_ = s;
    if (r.fault) {
        raise(r.cause, va);
        s = stamp_;
        return {};
    }
    if (!pmp_.allows(r.pa, size, access, data_context_.privilege)) {
        raise(refused(access), va);
        s = stamp_;
        return {};
    }
    if (entry != nullptr) *entry = r.entry;
    page_is_new_ = r.cost.total() != 0;
    page_is_uniform_ = false;
    std::byte* host = nullptr;
    if (r.entry != nullptr && r.entry->level == 0) {
        if (r.entry->host == nullptr) r.entry->host = host_page(r.pa);
        host = r.entry->host;
    } else {
        host = host_page(r.pa);
    }
    if (host == nullptr) return {nullptr, r.pa, true};
    if (r.entry != nullptr && config_.timed && config_.look_aside) {
        const PhysAddr frame{r.pa.value() & ~(page_bytes - 1)};
        page_is_uniform_ = pmp_.page_permissions(frame, page_bytes).allows(access, data_context_.privilege);
        if (page_is_uniform_)
            known = {va >> page_shift,
                     r.entry,
                     host,
                     frame.value(),
                     r.entry->generation,
                     static_cast<std::uint8_t>(right | (same ? known.rights : 0))};
    }
    return {host + (r.pa.value() & (page_bytes - 1)), r.pa, true};
}

bool Hart::order(PhysAddr pa, bool store, Stamp& t, Stamp& s, bool& keep_entry) {
    keep_entry = true;
    if (!config_.timed) return true;
    // Blocks end at the horizon, but one of misses may take microseconds: a miss past the horizon waits for its turn.
    if (t >= run_until_ && !synced_
        && l1d_.tags().find(PhysAddr{pa.value() & ~(line_bytes - 1)}) == cache::TagArray::none) {
        sync_ = true;
        sync_device_ = false;
        return false;
    }
    if (group_.lines == nullptr || !group_.lines->covers(pa)) return true;
    cache::LineTable::Line& line = group_.lines->line(pa);
    const bool holds = cache::LineTable::holds(line, number_, store);
    if (!line.contended && holds) return true;
    const auto me = static_cast<std::uint16_t>(1u << number_);
    const bool others =
        store ? (line.sharers & ~me) != 0 : line.writer != cache::LineTable::nobody && line.writer != number_;
    if ((line.contended || others || (line.awaited && !holds)) && !synced_) {
        sync_ = true;
        sync_device_ = false;
        return false;
    }
    const std::uint16_t told = cache::LineTable::take(line, number_, store);
    for (unsigned n = 0; n < group_.harts.size(); ++n)
        if ((told >> n & 1) != 0) group_.harts[n]->give_up(PhysAddr{pa.value() & ~(line_bytes - 1)}, !store);
    if (told != 0) ++counters_.handed_over;
    if (!holds || line.contended) pipeline_.wait(Cause::coherence, stamp_at(Picoseconds{line.last_write}), t, s);
    keep_entry = !line.contended;
    if (line.contended) { // an entry from calmer times would pass by the line's order
        HeldLine& held = held_[(pa.value() >> line_shift) % held_.size()];
        if (held.table != nullptr && held.line == pa.value() >> line_shift) drop_held(held);
    }
    return true;
}

void Hart::drop_data_entry(DataTable& table, std::size_t index, bool load, bool store) {
    if (load) table.load[index].tag = no_tag;
    DataEntry& e = table.store[index];
    if (!store || e.tag == no_tag) return;
    e.tag = no_tag;
    if (group_.lines == nullptr || !config_.timed) return;
    cache::LineTable::Line& line = group_.lines->line(PhysAddr{e.line << line_shift});
    line.last_write = std::max(line.last_write, time_at(e.wrote).count());
}

void Hart::install(std::uint64_t va, PhysAddr pa, std::byte* host, mmu::TlbEntry* entry, bool store, Stamp t,
                   const LineUse& use) {
    // A page that is touched once and leaves the TLB again is not worth an entry that must be dropped with it.
    if (!config_.look_aside || page_is_new_) return;
    if (config_.timed && use.index == cache::TagArray::none) return;
    const std::uint64_t granule = 1ull << granule_shift_;
    const auto access = store ? Access::store : Access::load;
    if (!page_is_uniform_
        && !pmp_.page_permissions(PhysAddr{pa.value() & ~(granule - 1)}, granule)
                .allows(access, data_context_.privilege))
        return;
    if (store && (config_.timed ? group_.code->line_has_code(pa.value()) : group_.code->page_has_code(pa.value())))
        return;
    const std::size_t index = data_index(va);
    if (config_.timed) {
        const std::uint64_t line = pa.value() >> line_shift;
        HeldLine& held = held_[line % held_.size()];
        if (held.line != line || held.table != data_ || held.index != index || held.va_line != va >> line_shift) {
            if (held.table != nullptr) drop_held(held);
            held = {line, data_, index, va >> line_shift};
        }
        if (entry != nullptr) entry->lines |= 1ull << (va >> line_shift & 63);
        const DataEntry& old = (store ? data_->store : data_->load)[index];
        if (old.tag != no_tag && old.tag != (va & ~(granule - 1))) drop_data_entry(*data_, index, !store, store);
    }
    const std::uint64_t bias = reinterpret_cast<std::uint64_t>(host) - va;
    (store ? data_->store : data_->load)[index] = {(va & ~(granule - 1)) + data_epoch_,
                                                   bias,
                                                   entry != nullptr ? &entry->stamp : &no_entry_.stamp,
                                                   t,
                                                   pa.value() >> line_shift,
                                                   config_.timed ? l1d_.tags().stamp(use.index) : nullptr,
                                                   use.ready};
}

void Hart::drop_held(HeldLine& held) {
    const std::uint64_t tag = held.va_line << line_shift;
    drop_data_entry(*held.table, held.index, held.table->load[held.index].tag == tag,
                    held.table->store[held.index].tag == tag);
    held.table = nullptr;
}

void Hart::give_up(PhysAddr line, bool keep_reading) {
    HeldLine& held = held_[(line.value() >> line_shift) % held_.size()];
    if (held.table != nullptr && held.line == line.value() >> line_shift) {
        const std::uint64_t tag = held.va_line << line_shift;
        if (held.table->store[held.index].tag == tag) drop_data_entry(*held.table, held.index, false, true);
        if (!keep_reading && held.table->load[held.index].tag == tag) held.table->load[held.index].tag = no_tag;
    }
    if (!keep_reading && reserves(line)) break_reservation();
}

bool Hart::load_slow(std::uint64_t va, unsigned size, Stamp& t, Stamp& s) {
    ++host_.slow_loads;
    std::uint64_t& hint = host_hints_[(va >> page_shift) % host_hints_.size()];
    __builtin_prefetch(reinterpret_cast<const void*>(hint + (va & (page_bytes - 1))));
    const bool misaligned = (va & (size - 1)) != 0;
    const auto to_page_end = static_cast<unsigned>(page_bytes - (va & (page_bytes - 1)));
    const unsigned first = std::min(size, to_page_end);
    mmu::TlbEntry* entry = nullptr;
    const Place a = place(va, first, Access::load, t, s, &entry);
    if (!a.ok) return false;
    Place b;
    if (first < size) {
        b = place(va + first, size - first, Access::load, t, s, nullptr);
        if (!b.ok) return false;
    }
    if (a.host == nullptr || (first < size && b.host == nullptr)) {
        if (misaligned) { // devices take no misaligned access: Priv §3.6.3
            stamp_ = s;
            raise(Exception::load_access_fault, va);
            s = stamp_;
            return false;
        }
        std::uint64_t v = 0;
        if (!device_access(a.pa, reinterpret_cast<std::byte*>(&v), size, false, t, s)) {
            if (!sync_) {
                stamp_ = s;
                raise(Exception::load_access_fault, va);
                s = stamp_;
            }
            return false;
        }
        value_ = v;
        load_ready_ = t;
        ++counters_.device_loads;
        return true;
    }
    hint = reinterpret_cast<std::uint64_t>(a.host) - (va & (page_bytes - 1));
    bool keep = true, keep_next = true;
    std::optional<PhysAddr> second; // the other line of a misaligned access
    if (!order(a.pa, false, t, s, keep)) return false;
    if (misaligned) {
        const PhysAddr last = first < size ? b.pa : a.pa + (size - 1);
        if (last.value() >> line_shift != a.pa.value() >> line_shift) second = last;
        if (second && !order(last, false, t, s, keep_next)) return false;
        ++counters_.misaligned;
        if (config_.timed) pipeline_.delay(Cause::misaligned, pipeline_.span(config_.hart.misaligned), t, s);
    }
    value_ = read_bytes(a.host, first);
    if (first < size) value_ |= read_bytes(b.host, size - first) << (8 * first);
    LineUse use;
    if (config_.timed) {
        const auto load_line = [&](PhysAddr pa, const std::byte* host, unsigned bytes) {
            const LineUse u = use_line(pa, AccessKind::load, false, t);
            pipeline_.wait(Cause::miss_registers, u.start, t, s);
            const Stamp hit = t + pipeline_.latency(isa::Timing::load);
            const auto at = reinterpret_cast<std::uint64_t>(host);
            load_ready_ = std::max(load_ready_, u.ready > (hit | 15) ? load_early(at, bytes, t, u.ready) : hit);
            return u;
        };
        load_ready_ = 0;
        const auto to_line_end = static_cast<unsigned>(line_bytes - (va & (line_bytes - 1)));
        use = load_line(a.pa, a.host, std::min(size, to_line_end));
        if (second) {
            ++split_loads_;
            load_line(*second, first < size ? b.host : a.host + to_line_end, size - to_line_end);
            keep = false; // its way may have gone to the second line
        }
    }
    if (keep) install(va & ~7ull, PhysAddr{a.pa.value() & ~7ull}, a.host - (va & 7), entry, false, t, use);
    return true;
}

bool Hart::store_slow(std::uint64_t va, unsigned size, std::uint64_t value, Stamp& t, Stamp& s) {
    ++host_.slow_stores;
    const bool misaligned = (va & (size - 1)) != 0;
    const auto to_page_end = static_cast<unsigned>(page_bytes - (va & (page_bytes - 1)));
    const unsigned first = std::min(size, to_page_end);
    mmu::TlbEntry* entry = nullptr;
    const Place a = place(va, first, Access::store, t, s, &entry);
    if (!a.ok) return false;
    Place b;
    if (first < size) {
        b = place(va + first, size - first, Access::store, t, s, nullptr);
        if (!b.ok) return false;
    }
    if (a.host == nullptr || (first < size && b.host == nullptr)) {
        if (misaligned || !device_access(a.pa, reinterpret_cast<std::byte*>(&value), size, true, t, s)) {
            if (!sync_) {
                stamp_ = s;
                raise(Exception::store_access_fault, va);
                s = stamp_;
            }
            return false;
        }
        ++counters_.device_stores;
        return true;
    }
    bool keep = true, keep_next = true;
    const PhysAddr last = first < size ? b.pa : a.pa + (size - 1);
    const bool two_lines = last.value() >> line_shift != a.pa.value() >> line_shift;
    if (!order(a.pa, true, t, s, keep)) return false;
    if (two_lines && !order(last, true, t, s, keep_next)) return false;
    if (misaligned) {
        ++counters_.misaligned;
        if (config_.timed) pipeline_.delay(Cause::misaligned, pipeline_.span(config_.hart.misaligned), t, s);
    }
    LineUse use;
    if (config_.timed) {
        const auto to_line_end = static_cast<unsigned>(line_bytes - (va & (line_bytes - 1)));
        use = store_line(a.pa, a.host, std::min(size, to_line_end), t, s);
        if (two_lines) {
            ++split_stores_;
            store_line(last, first < size ? b.host : a.host + to_line_end, size - to_line_end, t, s);
        }
    }
    std::memcpy(a.host, &value, first);
    if (first < size) {
        const std::uint64_t rest = value >> (8 * first);
        std::memcpy(b.host, &rest, size - first);
    }
    code_written(a.pa, first);
    if (first < size) code_written(b.pa, size - first);
    wrote_line(a.pa, t);
    if (two_lines) wrote_line(last, t);
    if (keep && (va & ~63ull) == ((va + size - 1) & ~63ull))
        install(va & ~7ull, PhysAddr{a.pa.value() & ~7ull}, a.host - (va & 7), entry, true, t, use);
    return true;
}

Hart::LineUse Hart::store_line(PhysAddr pa, const std::byte* host, unsigned size, Stamp& t, Stamp& s) {
    const auto at = reinterpret_cast<std::uint64_t>(host);
    const std::uint64_t line = at >> line_shift, mask = InOrder::byte_mask(at, size);
    const bool merges = pipeline_.store_merges(line, mask, t);
    if (!merges) pipeline_.store_room(t, s);
    const LineUse use = use_line(pa, AccessKind::store, true, t);
    if (!merges) pipeline_.store_begins(line, mask, use.ready, t);
    return use;
}

void Hart::wrote_line(PhysAddr pa, Stamp t) {
    if (group_.lines == nullptr || !config_.timed || !group_.lines->covers(pa)) return;
    cache::LineTable::Line& line = group_.lines->line(pa);
    line.last_write = std::max(line.last_write, time_at(t).count());
}

std::byte* Hart::atomic_place(std::uint64_t va, unsigned size, Access access, bool exclusive, bool conditional,
                              Stamp& t, Stamp& s, PhysAddr& pa) {
    const Place a = place(va, size, access, t, s, nullptr);
    if (!a.ok) return nullptr;
    pa = a.pa;
    bool keep;
    if (a.host == nullptr) { // devices take no atomics: Priv §3.6.3.2
        stamp_ = s;
        raise(refused(access), va);
        s = stamp_;
        return nullptr;
    }
    // An SC that fails leaves the line alone: else harts that fail would end each other's reservations for ever.
    if (conditional && !holds_reservation(a.pa)) return a.host;
    if (!order(a.pa, exclusive, t, s, keep)) return nullptr;
    if (config_.timed) { // the line itself, at once: an atomic's latency counts from there
        const LineUse use = use_line(a.pa, AccessKind::atomic, exclusive, t);
        pipeline_.wait(Cause::miss_registers, use.start, t, s);
        pipeline_.wait(static_cast<Cause>(use.ready & 15), use.ready & ~Stamp{15}, t, s);
    }
    if (exclusive) wrote_line(a.pa, t);
    return a.host;
}

bool Hart::cbo(std::uint64_t va, LineCare care, Stamp& t, Stamp& s) {
    const bool zero = care == LineCare::zero;
    // CMO §2.5.1: management needs permission to read or to write, zero to write; all faults are those of a store.
    const Access access = zero ? Access::store : Access::load;
    const auto fault = [&](Exception cause) {
        stamp_ = s;
        raise(cause, va);
        s = stamp_;
        return false;
    };
    const mmu::Translation r = translate(va & ~(line_bytes - 1), access, data_context_, t, s);
    if (r.fault)
        return fault(r.cause == Exception::load_page_fault || r.cause == Exception::store_page_fault
                         ? Exception::store_page_fault
                         : Exception::store_access_fault);
    std::byte* const page = host_page(r.pa);
    if (page == nullptr || !pmp_.allows(r.pa, line_bytes, access, data_context_.privilege))
        return fault(Exception::store_access_fault);
    bool keep;
    if (!order(r.pa, true, t, s, keep)) return false;
    std::byte* const host = page + (r.pa.value() & (page_bytes - 1));
    if (!zero) { // behind the stores before it; fences wait for it as for a store
        if (!config_.timed) return true;
        pipeline_.store_room(t, s);
        const Stamp from = std::max(t, pipeline_.drained_at());
        const Picoseconds done = port_.care_for_line(r.pa, care, time_at(from));
        pipeline_.store_begins(reinterpret_cast<std::uint64_t>(host) >> line_shift, 0, stamp_at(done), t);
        return true;
    }
    if (config_.timed) store_line(r.pa, host, line_bytes, t, s);
    std::memset(host, 0, line_bytes);
    code_written(r.pa, line_bytes);
    wrote_line(r.pa, t);
    return true;
}

bool Hart::device_access(PhysAddr pa, std::byte* data, unsigned size, bool write, Stamp& t, Stamp& s) {
    if (!synced_) {
        sync_ = sync_device_ = true;
        return false;
    }
    if (config_.timed && write) {
        while (posted_count_ > 0 && (posted_[posted_head_] <= t || posted_count_ >= config_.hart.device_stores)) {
            pipeline_.wait(Cause::device, posted_[posted_head_], t, s);
            posted_head_ = (posted_head_ + 1) % static_cast<unsigned>(posted_.size());
            --posted_count_;
        }
    }
    // SystemC may compute in floating point: the unit is not the hart's meanwhile.
    csr_.fflags = fp_.leave();
    stamp_ = s;
    const HartPort::Answer answer =
        port_.transport(pa, data, size, write, write ? AccessKind::store : AccessKind::load, time_at(t));
    fp_.enter(csr_.frm, csr_.fflags);
    leave_soon_ = true;
    if (trace_) [[unlikely]]
        trace_->device({write ? AccessKind::store : AccessKind::load, pa, size, read_bytes(data, size), !answer.ok},
                       time_at(t), time_at(t) + answer.latency);
    if (!answer.ok) return false;
    if (config_.timed) {
        const Stamp end = t + pipeline_.span(clock_.span(answer.latency));
        if (write) {
            posted_[(posted_head_ + posted_count_++) % posted_.size()] = std::max(end, last_posted_);
            last_posted_ = std::max(end, last_posted_);
        } else {
            pipeline_.wait(Cause::device, end, t, s);
        }
    }
    return true;
}

void Hart::code_written(PhysAddr pa, unsigned size) {
    if (group_.code->line_has_code(pa.value())) group_.code->written(pa.value());
    const std::uint64_t last = pa.value() + size - 1;
    if (last >> line_shift != pa.value() >> line_shift && group_.code->line_has_code(last)) group_.code->written(last);
}

bool Hart::poke_memory(PhysAddr pa, std::span<std::byte> bytes) {
    if (!port_.debug(pa, bytes, true)) return false;
    for (std::uint64_t at = pa.value() & ~(line_bytes - 1); at < pa.value() + bytes.size(); at += line_bytes) {
        code_written(PhysAddr{at}, 1);
        for (Hart* h : group_.harts)
            if (h->reserves(PhysAddr{at})) h->break_reservation();
    }
    return true;
}

mmu::PteRead Hart::read(PhysAddr pte, std::uint64_t at_cycle, bool timed) {
    if (peeking_) {
        std::array<std::byte, 8> bytes;
        if (!port_.debug(pte, bytes, false)) return {};
        return {read_bytes(bytes.data(), 8), true, mmu::Source::local, 0};
    }
    if (!timed) {
        std::byte* const page = host_page(pte);
        if (page == nullptr) return {};
        return {read_bytes(page + (pte.value() & (page_bytes - 1)), 8), true, mmu::Source::local, 0};
    }
    std::byte* const page = host_page(pte);
    if (page == nullptr) return {}; // page tables lie in memory
    return walk_line(pte, page, at_cycle, false);
}

mmu::PteRead Hart::walk_line(PhysAddr pte, const std::byte* page, std::uint64_t at_cycle, bool exclusive) {
    const Stamp at = pipeline_.stamp_of_cycle(at_cycle);
    const std::uint64_t value = read_bytes(page + (pte.value() & (page_bytes - 1)), 8);
    if (config_.mmu.walker.start == mmu::WalkStart::below) {
        const PhysAddr line{pte.value() & ~(line_bytes - 1)};
        const HartPort::LineAnswer a = port_.request_line({line, AccessKind::walk, exclusive, false, time_at(at)});
        if (exclusive) port_.write_back_line(line, a.done);
        port_.line_placed();
        const Stamp took = std::max(stamp_at(a.done), at + pipeline_.cycle_stamp()) - at;
        return {value, true, a.source, static_cast<std::uint32_t>(pipeline_.cycles_of(took))};
    }
    const LineUse use = use_line(pte, AccessKind::walk, exclusive, at);
    const Stamp done = std::max(at + pipeline_.latency(isa::Timing::load), use.ready & ~Stamp{15});
    return {value, true, source_of(use.ready), static_cast<std::uint32_t>(pipeline_.cycles_of(done - at))};
}

bool Hart::update(PhysAddr pte, std::uint64_t expected, std::uint64_t desired, std::uint64_t at_cycle, bool timed,
                  mmu::PteRead& cost) {
    std::byte* const page = host_page(pte);
    if (page == nullptr) return cost.ok = false;
    cost = timed ? walk_line(pte, page, at_cycle, true) : read(pte, at_cycle, false);
    if (cost.value != expected) return false;
    std::memcpy(page + (pte.value() & (page_bytes - 1)), &desired, sizeof desired);
    code_written(pte, sizeof desired);
    for (Hart* h : group_.harts) h->give_up(PhysAddr{pte.value() & ~(line_bytes - 1)}, h == this);
    return true;
}

void Hart::dropped(mmu::TlbEntry& entry, Access tlb) {
    if (tlb == Access::fetch || entry.lines == 0) return;
    const std::uint64_t first = entry.base.value(), bytes = page_bytes << (9 * entry.level);
    const auto in_page = [&](std::uint64_t tag) { return tag != no_tag && tag - first < bytes; };
    for (std::uint64_t lines = entry.lines; lines != 0; lines &= lines - 1) {
        const auto bit = static_cast<unsigned>(std::countr_zero(lines));
        data_tables_.for_each([&](DataTable& table) {
            const auto drop = [&](std::size_t i) {
                drop_data_entry(table, i, in_page(table.load[i].tag), in_page(table.store[i].tag));
            };
            if (entry.level == 0) return drop(data_index(first + bit * line_bytes));
            for (std::size_t i = bit; i <= granule_mask_; i += 64) drop(i);
        });
    }
    entry.lines = 0;
}

} // namespace tollgate::cpu
