#include "mmu/pmp.hh"
#include <stdexcept>
#include <string>

namespace tollgate::mmu {

Pmp::Pmp(const PmpParams& params) : entries_{params.entries} {
    if (entries_ != 0 && entries_ != 16 && entries_ != 64)
        throw std::invalid_argument{"pmp.entries=" + std::to_string(entries_) + ": expected 0, 16 or 64"};
}

std::uint64_t Pmp::read_cfg(unsigned reg) const {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const unsigned entry = reg * 4 + i; // two RV32 registers of four entries make one of RV64
        if (entry < entries_) value |= static_cast<std::uint64_t>(cfg_[entry]) << 8 * i;
    }
    return value;
}

void Pmp::write_cfg(unsigned reg, std::uint64_t value) {
    bool changed = false;
    for (unsigned i = 0; i < 8; ++i) {
        const unsigned entry = reg * 4 + i;
        if (entry >= entries_ || (cfg_[entry] & locked) != 0) continue;
        auto c = static_cast<std::uint8_t>(value >> 8 * i & (locked | 0x18 | r | w | x));
        if ((c & r) == 0) c = static_cast<std::uint8_t>(c & ~w);
        changed |= c != cfg_[entry];
        cfg_[entry] = c;
    }
    if (changed) rebuild();
}

void Pmp::write_addr(unsigned entry, std::uint64_t value) {
    if (entry >= entries_ || (cfg_[entry] & locked) != 0) return;
    if (entry + 1 < entries_ && (cfg_[entry + 1] & locked) != 0 && match(entry + 1) == Match::tor) return;
    value &= addr_mask;
    if (value == addr_[entry]) return;
    addr_[entry] = value;
    rebuild();
}

void Pmp::reset() {
    cfg_.fill(0);
    addr_.fill(0);
    rebuild();
}

void Pmp::rebuild() {
    ++epoch_;
    active_count_ = 0;
    for (unsigned i = 0; i < entries_; ++i) {
        Range e{};
        switch (match(i)) {
        case Match::off: continue;
        case Match::tor:
            e.first = i == 0 ? 0 : addr_[i - 1] << 2;
            if (e.first >= addr_[i] << 2) continue;
            e.last = (addr_[i] << 2) - 1;
            break;
        case Match::na4:
            e.first = addr_[i] << 2;
            e.last = e.first + 3;
            break;
        case Match::napot: {
            // yyy...y01..1 with n ones: 2^(n+3) bytes; adding one carries through the ones.
            const std::uint64_t inside = addr_[i] ^ (addr_[i] + 1);
            e.first = (addr_[i] & ~inside) << 2;
            e.last = e.first + (inside << 2 | 3);
            break;
        }
        }
        const auto rwx = static_cast<std::uint8_t>(cfg_[i] & (r | w | x));
        e.user = rwx;
        e.machine = (cfg_[i] & locked) != 0 ? rwx : r | w | x;
        active_[active_count_++] = e;
    }
}

Uniform Pmp::page_permissions(PhysAddr pa, std::uint64_t size) const {
    const std::uint64_t first = pa.value() & ~(size - 1), last = first + (size - 1);
    for (unsigned i = 0; i < active_count_; ++i) {
        const Range& e = active_[i];
        if (last < e.first || first > e.last) continue;
        if (first < e.first || last > e.last) return {};
        return {true, e.user, e.machine};
    }
    constexpr std::uint8_t all = r | w | x;
    return {true, entries_ == 0 ? all : std::uint8_t{0}, all};
}

} // namespace tollgate::mmu
