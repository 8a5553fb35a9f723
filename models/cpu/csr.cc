#include "cpu/csr.hh"
#include "cpu/hart.hh"

namespace tollgate::cpu {

using abi::Privilege;

/// The words in which csr_rows.inc is written.
struct CsrAccess {
    static bool fp_on(const Hart& h) { return h.fs_ != 0; }
    static std::uint64_t fflags(Hart& h) { return h.fp_.flags(); }
    static void write_fflags(Hart& h, std::uint64_t v) {
        h.fp_.set_flags(static_cast<fp::Flags>(v & 0x1f));
        h.fs_ = 3;
    }
    static void write_frm(Hart& h, std::uint64_t v) {
        h.csr_.frm = v & 7;
        h.fp_.set_rounding(h.csr_.frm);
        h.fs_ = 3;
    }
    static bool counter_visible(const Hart& h, unsigned index) { // Priv §3.1.11, §4.1.5
        if (!h.group_.code->enabled().contains(index < 3 ? isa::Extension::Zicntr : isa::Extension::Zihpm))
            return false;
        if (h.privilege_ == Privilege::machine) return true;
        if ((h.csr_.mcounteren >> index & 1) == 0) return false;
        return h.privilege_ == Privilege::supervisor || (h.csr_.scounteren >> index & 1) != 0;
    }
    static std::uint64_t read_counter(Hart& h, unsigned index) { return h.read_counter(index); }
    static void write_counter(Hart& h, unsigned index, std::uint64_t v) { h.write_counter(index, v); }
    static void write_event(Hart& h, unsigned index, std::uint64_t v) {
        const std::uint64_t keep = h.read_counter(index);
        h.csr_.event[index] = v;
        h.write_counter(index, keep);
    }
    static void write_inhibit(Hart& h, std::uint64_t v) {
        const auto to = static_cast<std::uint32_t>(v & ~2ull); // Priv §3.1.12: time cannot be inhibited
        for (unsigned i = 0; i < 32; ++i) {
            if (((h.csr_.mcountinhibit ^ to) >> i & 1) == 0) continue;
            const std::uint64_t keep = h.read_counter(i);
            h.csr_.mcountinhibit ^= 1u << i;
            h.write_counter(i, keep);
        }
    }
    static std::uint64_t mstatus(const Hart& h) {
        return (h.csr_.mstatus & ~status::fs) | static_cast<std::uint64_t>(h.fs_) << status::fs_shift
               | (h.fs_ == 3 ? status::sd : 0);
    }
    static void write_mstatus(Hart& h, std::uint64_t v) {
        std::uint64_t to = (h.csr_.mstatus & ~status::m_writable) | (v & status::m_writable);
        if ((v & status::mpp) == 2ull << status::mpp_shift)
            to = (to & ~status::mpp) | (h.csr_.mstatus & status::mpp); // WARL
        h.csr_.mstatus = to & ~status::fs;
        h.fs_ = has_fp(h) ? static_cast<std::uint8_t>(v >> status::fs_shift & 3) : 0;
        h.context_changed();
        h.request_attention();
    }
    static bool has_fp(const Hart& h) { return h.group_.code->enabled().contains(isa::Extension::F); }
    static void attention(Hart& h) { h.request_attention(); }
    static void timer_changed(Hart& h) { h.timer_changed(); }
    static void context(Hart& h) { h.context_changed(); }
    static mmu::Pmp& pmp(Hart& h) { return h.pmp_; }
    static std::uint64_t pending(Hart& h) { return h.pending(); }
    static void write_vector(std::uint64_t& vector, std::uint64_t v) { // Priv §3.1.7: modes 2 and 3 are reserved
        if ((v & 3) < 2) vector = v;
    }
    static std::uint64_t pc_mask(const Hart& h) {
        return h.group_.code->enabled().contains(isa::Extension::C) ? ~1ull : ~3ull;
    }
    static bool stimecmp_visible(const Hart& h) {
        if (!h.group_.code->enabled().contains(isa::Extension::Sstc)) return false;
        return h.privilege_ == Privilege::machine
               || ((h.csr_.menvcfg & envcfg::stce) != 0 && (h.csr_.mcounteren >> 1 & 1) != 0);
    }
    static bool satp_visible(const Hart& h) { // Priv §3.1.6.5
        return h.privilege_ != Privilege::supervisor || (h.csr_.mstatus & status::tvm) == 0;
    }
    static void write_satp(Hart& h, std::uint64_t v) { // Priv §4.1.11: an unsupported mode changes nothing
        const std::uint64_t mode = abi::satp::mode(v);
        if (mode != abi::satp::bare && (mode < abi::satp::sv39 || mode > abi::satp::sv57)) return;
        h.csr_.satp = v;
        h.context_changed();
    }
    static std::uint64_t cbo_mask(const Hart& h) {
        const isa::Extensions e = h.group_.code->enabled();
        return (e.contains(isa::Extension::Zicbom) ? envcfg::cbie | envcfg::cbcfe : 0)
               | (e.contains(isa::Extension::Zicboz) ? envcfg::cbze : 0);
    }
    /// CMO §2.5.3: CBIE 2 is reserved, a write of it keeps the field.
    static std::uint64_t legal_cbie(std::uint64_t old, std::uint64_t v) {
        return (v & envcfg::cbie) == 2ull << 4 ? (v & ~envcfg::cbie) | (old & envcfg::cbie) : v;
    }
    static void write_senvcfg(Hart& h, std::uint64_t v) {
        h.csr_.senvcfg = legal_cbie(h.csr_.senvcfg, v) & (envcfg::fiom | cbo_mask(h));
    }
    static void write_menvcfg(Hart& h, std::uint64_t v) {
        v = legal_cbie(h.csr_.menvcfg, v);
        const isa::Extensions e = h.group_.code->enabled();
        h.csr_.menvcfg = v
                         & (envcfg::fiom | cbo_mask(h) | (e.contains(isa::Extension::Svpbmt) ? envcfg::pbmte : 0)
                            | (e.contains(isa::Extension::Svadu) ? envcfg::adue : 0)
                            | (e.contains(isa::Extension::Sstc) ? envcfg::stce : 0));
        h.context_changed();
        h.timer_changed();
    }
    static void write_mip(Hart& h, std::uint64_t v) {
        std::uint64_t mask = irq::supervisor;
        if ((h.csr_.menvcfg & envcfg::stce) != 0) mask &= ~irq::sti; // Sstc §2.1
        h.csr_.mip_soft = (h.csr_.mip_soft & ~mask) | (v & mask);
        h.request_attention();
    }
    static std::uint64_t misa(const Hart& h) {
        return 2ull << 62 | h.group_.code->enabled().misa(); // MXL is 64
    }
    /// Priv §3.1.8: what can be delegated; an environment call from machine mode cannot.
    static constexpr std::uint64_t medeleg_mask = 0xb3ff;

#define CSR(number, name, cite, gate, read, write) CSR_BANK(number, 1, name, cite, gate, read, write)
#define CSR_BANK(number, count, name, cite, gate, read, write)                                                         \
    static std::uint64_t read_##name(Hart& h, [[maybe_unused]] unsigned n) {                                           \
        [[maybe_unused]] CsrState& s = h.csr_;                                                                         \
        return read;                                                                                                   \
    }                                                                                                                  \
    static void write_##name##_(Hart& h, [[maybe_unused]] unsigned n, [[maybe_unused]] std::uint64_t v) {              \
        [[maybe_unused]] CsrState& s = h.csr_;                                                                         \
        static_cast<void>(write);                                                                                      \
    }                                                                                                                  \
    static bool gate_##name([[maybe_unused]] const Hart& h, [[maybe_unused]] unsigned n) { return gate; }
#define CSR_ARRAY(number, count, name, cite, gate, read)                                                               \
    static std::uint64_t read_##name(Hart& h, [[maybe_unused]] unsigned n) { return static_cast<void>(h), read; }      \
    static bool gate_##name([[maybe_unused]] const Hart& h, [[maybe_unused]] unsigned n) { return gate; }
#include "cpu/csr_rows.inc"
#undef CSR
#undef CSR_BANK
#undef CSR_ARRAY
};

const std::array<const CsrRow*, 4096>& csr_table() {
    static const auto rows = std::to_array<CsrRow>({
#define CSR(number, name, cite, gate, read, write) CSR_BANK(number, 1, name, cite, gate, read, write)
#define CSR_BANK(number, count, name, cite, gate, read, write)                                                         \
    {number, count, #name, cite, CsrAccess::read_##name, CsrAccess::write_##name##_, CsrAccess::gate_##name},
#define CSR_ARRAY(number, count, name, cite, gate, read)                                                               \
    {number, count, #name, cite, CsrAccess::read_##name, nullptr, CsrAccess::gate_##name},
#include "cpu/csr_rows.inc"
#undef CSR
#undef CSR_BANK
#undef CSR_ARRAY
    });
    static const auto table = [] {
        std::array<const CsrRow*, 4096> t{};
        for (const CsrRow& r : rows)
            for (unsigned i = 0; i < r.count; ++i) t[r.number + i] = &r;
        return t;
    }();
    return table;
}

const CsrRow* csr_row(unsigned number) { return csr_table()[number & 0xfff]; }

bool Hart::csr_access(unsigned number, bool write, std::uint64_t (*combine)(std::uint64_t, std::uint64_t),
                      std::uint64_t operand, unsigned rd) {
    // Priv §2.1: bits 9 and 8 are the lowest privilege, 11 and 10 both set mean read-only.
    const CsrRow* const row = csr_row(number);
    if (row == nullptr || static_cast<unsigned>(privilege_) < (number >> 8 & 3) || !row->gate(*this, number))
        return false;
    if (write && row->write == nullptr) return false;
    const std::uint64_t old = row->read(*this, number);
    if (write) {
        // A set or clear of mip must not turn what the lines drive into what software wrote.
        const std::uint64_t base = number == 0x344 || number == 0x144 ? csr_.mip_soft | (old & ~irq::supervisor) : old;
        row->write(*this, number, combine(base, operand));
    }
    x_[rd] = old;
    x_[0] = 0;
    return true;
}

std::optional<std::uint64_t> Hart::peek_csr(unsigned number) {
    const CsrRow* const row = csr_row(number);
    if (row == nullptr) return {};
    fp_.enter(csr_.frm, csr_.fflags);
    csr_stamp_ = stamp_;
    csr_counts_itself_ = false;
    const std::uint64_t v = row->read(*this, number);
    csr_.fflags = fp_.leave();
    return v;
}

bool Hart::poke_csr(unsigned number, std::uint64_t value) {
    const CsrRow* const row = csr_row(number);
    if (row == nullptr || row->write == nullptr) return false;
    fp_.enter(csr_.frm, csr_.fflags);
    csr_stamp_ = stamp_;
    csr_counts_itself_ = false;
    row->write(*this, number, value);
    csr_.fflags = fp_.leave();
    return true;
}

std::uint64_t Hart::raw_counter(unsigned index) {
    switch (index) {
    case 0: return config_.timed ? pipeline_.cycles_of(csr_stamp_) : csr_stamp_ >> stamp_shift;
    case 2: return instructions_ - (csr_counts_itself_ ? 1 : 0);
    default: return event_count(csr_.event[index]);
    }
}

std::uint64_t Hart::read_counter(unsigned index) {
    if (index == 1) return port_.mtime(time_at(csr_stamp_));
    const bool stands = (csr_.mcountinhibit >> index & 1) != 0;
    return csr_.counter_offset[index] + (stands ? 0 : raw_counter(index));
}

void Hart::write_counter(unsigned index, std::uint64_t value) {
    const bool stands = (csr_.mcountinhibit >> index & 1) != 0;
    // A write of minstret takes the place of the writer's own increment (Priv §3.1.10).
    const std::uint64_t own = index == 2 && csr_counts_itself_ ? 1 : 0;
    csr_.counter_offset[index] = stands ? value : value - raw_counter(index) - own;
}

std::uint64_t Hart::event_count(std::uint64_t event) {
    const mmu::MmuCounters& m = mmu_.counters();
    if (event >= first_cause_event && event < first_cause_event + causes)
        return slots_by_cause()[event - first_cause_event];
    switch (static_cast<HpmEvent>(event)) {
    case HpmEvent::none: return 0;
    case HpmEvent::cycles: return raw_counter(0);
    case HpmEvent::instructions: return raw_counter(2);
    case HpmEvent::loads: return loads_;
    case HpmEvent::stores: return stores_;
    case HpmEvent::branches: return branches_;
    case HpmEvent::mispredicts: return counters_.mispredicts;
    case HpmEvent::dtlb_misses: return m.dtlb.misses;
    case HpmEvent::itlb_misses: return m.itlb.misses;
    case HpmEvent::l2tlb_misses: return m.l2tlb.misses;
    case HpmEvent::walks: return m.walker.walks;
    case HpmEvent::traps: return counters_.traps + counters_.interrupts;
    case HpmEvent::l1i_misses: return l1i_.counters().misses();
    case HpmEvent::l1d_misses: return l1d_.counters().misses();
    case HpmEvent::l1d_write_backs: return l1d_.counters().write_backs;
    }
    return 0;
}

} // namespace tollgate::cpu
