#include "machine/side_table.hh"
#include <algorithm>
#include <cstring>

namespace tollgate::machine {

namespace {
PhysAddr line_of(PhysAddr a) { return PhysAddr{a.value() & ~(line_bytes - 1)}; }
} // namespace

SideTable::Line& SideTable::entry(PhysAddr line) {
    const auto [at, made] = lines_.try_emplace(line.value());
    if (made) {
        ++counters_.entries;
        std::memcpy(at->second.data(), bytes_(line), line_bytes);
    }
    return at->second;
}

void SideTable::written_down(PhysAddr line) {
    if (const auto at = lines_.find(line.value()); at != lines_.end())
        std::memcpy(at->second.data(), bytes_(line), line_bytes);
}

void SideTable::gone(PhysAddr line) {
    const auto at = lines_.find(line.value());
    if (at == lines_.end()) return;
    std::byte* const bytes = bytes_(line);
    const bool differs = std::memcmp(bytes, at->second.data(), line_bytes) != 0;
    if (differs) std::memcpy(bytes, at->second.data(), line_bytes);
    lines_.erase(at);
    if (!differs) return;
    ++counters_.revealed;
    changed_(line);
}

void SideTable::device_read(PhysAddr from, std::span<std::byte> to) {
    const PhysAddr line = line_of(from);
    const auto at = lines_.find(line.value());
    const std::byte* const bytes = bytes_(line);
    const std::byte* const memory = at == lines_.end() ? bytes : at->second.data();
    std::memcpy(to.data(), memory + (from - line), to.size());
    if (memory != bytes && std::memcmp(memory, bytes, line_bytes) != 0) ++counters_.stale_reads;
}

void SideTable::device_write(PhysAddr at, std::span<const std::byte> from, bool held) {
    const PhysAddr line = line_of(at);
    if (held) {
        std::memcpy(entry(line).data() + (at - line), from.data(), from.size());
        ++counters_.hidden_writes;
    } else {
        std::memcpy(bytes_(line) + (at - line), from.data(), from.size());
        changed_(line);
    }
}

void SideTable::poked(PhysAddr at, std::size_t length) {
    const std::uint64_t end = at.value() + length;
    for (std::uint64_t from = at.value(); from < end;) {
        const PhysAddr line = line_of(PhysAddr{from});
        const std::uint64_t to = std::min(end, line.value() + line_bytes);
        if (const auto e = lines_.find(line.value()); e != lines_.end()) {
            const std::uint64_t offset = from - line.value();
            std::memcpy(e->second.data() + offset, bytes_(line) + offset, to - from);
        }
        from = to;
    }
}

} // namespace tollgate::machine
