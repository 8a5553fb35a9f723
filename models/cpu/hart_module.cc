#include "cpu/hart_module.hh"

namespace tollgate::cpu {

HartModule::HartModule(const sc_core::sc_module_name& name, unsigned number, unsigned node, const HartConfig& config,
                       HartGroup& group)
    : sc_module{name}, socket{"socket"}, lines{"lines"}, interrupts{"interrupts"}, timebase{"timebase"},
      line_{number, node}, access_{number, node}, hart_{number, config, *this, group} {
    line_.prepare(::tlm::TLM_IGNORE_COMMAND, AccessKind::load, 0, nullptr, line_bytes);
    line_.payload().set_extension<LineExtension>(&line_extension_);
    interrupts.bind(*this);
    group.harts.push_back(&hart_);
    SC_METHOD(follow_timebase);
}

void HartModule::set_level(unsigned line, bool high) {
    const Picoseconds now = to_picoseconds(sc_core::sc_time_stamp());
    const bool could_wake = hart_.can_wake();
    hart_.set_line(static_cast<abi::Interrupt>(line), high, now);
    if (!could_wake && hart_.can_wake()) hart_.sleep_until(now);
}

void HartModule::follow_timebase() {
    next_trigger(timebase->rebased());
    hart_.timer_changed();
}

std::byte* HartModule::memory_page(PhysAddr page) {
    ::tlm::tlm_dmi dmi;
    auto& payload = access_.prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, page.value(), nullptr, 0);
    if (!socket->get_direct_mem_ptr(payload, dmi)) return nullptr;
    const std::uint64_t first = dmi.get_start_address(), last = dmi.get_end_address();
    if (page.value() < first || page.value() + (page_bytes - 1) > last || !dmi.is_read_write_allowed()) return nullptr;
    return reinterpret_cast<std::byte*>(dmi.get_dmi_ptr()) + (page.value() - first);
}

bool HartModule::debug(PhysAddr pa, std::span<std::byte> data, bool write) {
    auto& payload = access_.prepare(write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND, AccessKind::load,
                                    pa.value(), data.data(), static_cast<unsigned>(data.size()));
    return socket->transport_dbg(payload) == data.size();
}

HartPort::Answer HartModule::transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind kind,
                                       Picoseconds at) {
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    const sc_core::sc_time ahead = to_sc_time(at) > now ? to_sc_time(at) - now : sc_core::SC_ZERO_TIME;
    sc_core::sc_time delay = ahead;
    auto& payload =
        access_.prepare(write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND, kind, pa.value(), data, size);
    socket->b_transport(payload, delay);
    return {payload.is_response_ok(), to_picoseconds(delay - ahead), mmu::Source::local};
}

Picoseconds HartModule::send_line(::tlm::tlm_command command, AccessKind kind, PhysAddr line, Picoseconds at) {
    line_extension_.at = line_extension_.done = at;
    sc_core::sc_time no_delay;
    lines->b_transport(line_.again(command, kind, line.value()), no_delay);
    return line_extension_.done;
}

HartPort::LineAnswer HartModule::request_line(const LineRequest& r) {
    line_extension_.exclusive = r.exclusive;
    line_extension_.has_line = r.has_line;
    const Picoseconds done = send_line(::tlm::TLM_READ_COMMAND, r.kind, r.line, r.at);
    more_ = line_extension_.more;
    return {done, line_extension_.granted, line_extension_.source};
}

void HartModule::write_back_line(PhysAddr line, Picoseconds last_write) {
    send_line(::tlm::TLM_WRITE_COMMAND, AccessKind::store, line, last_write);
}

void HartModule::line_placed() {
    if (!more_) return;
    more_ = false;
    send_line(::tlm::TLM_IGNORE_COMMAND, AccessKind::prefetch, PhysAddr{0}, Picoseconds{0});
}

Picoseconds HartModule::care_for_line(PhysAddr line, LineCare care, Picoseconds at) {
    line_extension_.care = care;
    const Picoseconds done = send_line(::tlm::TLM_IGNORE_COMMAND, AccessKind::store, line, at);
    line_extension_.care.reset();
    return done;
}

Picoseconds HartModule::time_of_mtime(std::uint64_t value) {
    return timebase->when_mtime(value, Picoseconds{0}).value_or(Picoseconds{~0ull});
}

} // namespace tollgate::cpu
