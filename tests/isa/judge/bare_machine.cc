#include "judge/bare_machine.hh"
#include <cstring>
#include <stdexcept>

namespace tollgate::judge {
namespace {

constexpr std::uint64_t memory_base = 0x8000'0000, memory_size = 128ull << 20;
constexpr std::uint64_t msip = 0x200'0000, mtimecmp = 0x200'4000, uart_data = 0x1000'0000,
                        uart_line_status = 0x1000'0005, finisher = 0x10'0000;
constexpr std::uint64_t picoseconds_per_tick = 100'000; // 10 MHz

cpu::HartConfig config_of(const BareOptions& o) {
    cpu::HartConfig c;
    c.timed = o.timed;
    c.memory = {PhysAddr{memory_base}, Bytes{memory_size}};
    c.look_aside = o.look_aside;
    c.decode_cache = o.decode_cache;
    return c;
}

std::uint64_t word_at(const std::vector<std::uint8_t>& bytes, std::uint64_t at, unsigned size) {
    std::uint64_t w = 0;
    if (at > bytes.size() || bytes.size() - at < size) throw std::runtime_error("the ELF file is cut short");
    std::memcpy(&w, bytes.data() + at, size);
    return w;
}

} // namespace

BareMachine::BareMachine(const BareOptions& options)
    : memory_{Bytes{memory_size}, mem::Initial::noise, 1}, code_{cpu::isa::Extensions::parse(cpu::HartParams{}.isa)},
      hart_{0, config_of(options), *this, (group_.code = &code_, group_)} {
    group_.harts.push_back(&hart_);
}

void BareMachine::load(const std::vector<std::uint8_t>& elf) {
    if (word_at(elf, 0, 4) != 0x464c457f) throw std::runtime_error("not an ELF file");
    entry_ = word_at(elf, 24, 8);
    const std::uint64_t headers = word_at(elf, 32, 8), count = word_at(elf, 56, 2);
    for (std::uint64_t n = 0; n < count; ++n) {
        const std::uint64_t at = headers + 56 * n, from = word_at(elf, at + 8, 8),
                            to = word_at(elf, at + 24, 8) - memory_base, size = word_at(elf, at + 32, 8);
        if (word_at(elf, at, 4) != 1) continue;
        if (!memory_.contains(to, size) || from > elf.size() || elf.size() - from < size)
            throw std::runtime_error("a segment does not fit");
        memory_.write(to, std::as_bytes(std::span{elf}.subspan(from, size)));
    }
}

bool BareMachine::run(std::uint64_t instructions) {
    hart_.reset(entry_, 0, 0);
    while (!finished_ && hart_.counters().instructions < instructions) {
        const cpu::Stop why = hart_.run(hart_.now() + Picoseconds{1'000'000'000});
        if (why != cpu::Stop::asleep) continue;
        const Picoseconds timer = hart_.timer_deadline();
        if (timer == Picoseconds{~0ull}) break;
        hart_.sleep_until(timer);
    }
    return passed_;
}

std::byte* BareMachine::memory_page(PhysAddr page) {
    const std::uint64_t offset = page.value() - memory_base;
    return memory_.contains(offset, 4096) ? memory_.page(offset) : nullptr;
}

cpu::HartPort::Answer BareMachine::transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind,
                                             Picoseconds at) {
    const std::uint64_t address = pa.value();
    if (memory_.contains(address - memory_base, size)) { // timed walks ask here
        std::byte* const bytes = memory_.at(address - memory_base);
        if (write)
            std::memcpy(bytes, data, size);
        else
            std::memcpy(data, bytes, size);
        return {true, Picoseconds{0}, mmu::Source::local};
    }
    std::uint64_t value = 0;
    if (write) {
        std::memcpy(&value, data, size);
        return {device_write(address, value, at), Picoseconds{0}, mmu::Source::local};
    }
    if (address == uart_line_status)
        value = 0x60;
    else if (address == msip)
        value = software_interrupt_;
    else
        return {};
    std::memcpy(data, &value, size);
    return {true, Picoseconds{0}, mmu::Source::local};
}

bool BareMachine::device_write(std::uint64_t address, std::uint64_t value, Picoseconds at) {
    switch (address) {
    case uart_data: console_ += static_cast<char>(value); return true;
    case mtimecmp: return true; // the harness only ever switches it off
    case msip:
        software_interrupt_ = value & 1;
        hart_.set_line(abi::Interrupt::machine_software, software_interrupt_ != 0, at);
        return true;
    case finisher:
        finished_ = true;
        passed_ = value == 0x5555;
        hart_.stop_soon();
        return true;
    default: return false;
    }
}

std::uint64_t BareMachine::mtime(Picoseconds at) { return at.count() / picoseconds_per_tick; }

Picoseconds BareMachine::time_of_mtime(std::uint64_t value) {
    constexpr std::uint64_t never = ~0ull;
    return Picoseconds{value > never / picoseconds_per_tick ? never : value * picoseconds_per_tick};
}

} // namespace tollgate::judge
