#include "dev/uart.hh"
#include <algorithm>

namespace tollgate::dev {

using namespace abi::uart;

void Uart::reset(Picoseconds) {
    drain();
    registers_.reset();
    divisor_.reset();
    clear_received();
    to_send_.clear();
    sending_.reset();
    sent_at_.reset();
    arrives_at_.reset();
    fcr_ = 0;
    polls_ = 0;
    transmit_empty_ = false;
}

Outcome Uart::read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
    if (offset < DivisorMap::end && Lcr::Dlab::get(registers_.get<Lcr>()))
        return divisor_.read(*this, offset, size, now, value);
    return registers_.read(*this, offset, size, now, value);
}

Outcome Uart::write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
    if (offset < DivisorMap::end && Lcr::Dlab::get(registers_.get<Lcr>()))
        return divisor_.write(*this, offset, size, now, value);
    return registers_.write(*this, offset, size, now, value);
}

// The order is that of PC16550D table IV.
Cause Uart::cause() const {
    if (wants(Ier::LineStatus::mask) && overrun_) return line_status;
    if (wants(Ier::Received::mask)) {
        if (received_.size() >= trigger()) return received;
        if (timed_out_) return receive_timeout;
    }
    if (wants(Ier::TransmitEmpty::mask) && transmit_empty_) return transmit_empty;
    if (wants(Ier::ModemStatus::mask) && Msr::Deltas::get(registers_.get<Msr>())) return modem_status;
    return no_interrupt;
}

unsigned Uart::trigger() const {
    static constexpr unsigned levels[] = {1, 4, 8, 14};
    return fifos() ? levels[Fcr::Trigger::get(fcr_)] : 1;
}

std::uint8_t Uart::on_read(Rbr, unsigned, Picoseconds now) {
    polls_ = 0;
    if (received_.size() == 0) return 0;
    const std::uint8_t c = received_.pop();
    restart_timeout(now);
    expect(now);
    return c;
}

std::uint8_t Uart::on_read(Iir, unsigned, Picoseconds) {
    const Cause now = cause();
    if (now == transmit_empty) transmit_empty_ = false; // reading it is its acknowledgement
    return static_cast<std::uint8_t>(now | (fifos() ? Iir::Fifos::mask : 0));
}

std::uint8_t Uart::on_read(Lsr, unsigned, Picoseconds now) {
    const bool idle = to_send_.size() == 0 && !sending_;
    const unsigned value = Lsr::DataReady::set(received_.size() != 0) | Lsr::Overrun::set(overrun_)
                           | Lsr::TransmitHoldingEmpty::set(to_send_.size() == 0) | Lsr::TransmitterEmpty::set(idle);
    overrun_ = false;
    if (idle && received_.size() == 0 && polls_ < listen_polls_) ++polls_;
    expect(now);
    return static_cast<std::uint8_t>(value);
}

std::uint8_t Uart::on_read(Msr, unsigned, Picoseconds) {
    const std::uint8_t value = registers_.get<Msr>();
    registers_.set<Msr>(static_cast<std::uint8_t>(value & ~Msr::Deltas::mask));
    return value;
}

void Uart::on_write(Thr, unsigned, std::uint8_t c, Picoseconds now) {
    polls_ = 0;
    transmit_empty_ = false;
    if (to_send_.size() >= depth()) {
        ++counters_.lost_sending;
        return;
    }
    to_send_.push(c);
    if (!sending_) start_sending(now);
}

void Uart::on_write(Ier, unsigned, std::uint8_t value, Picoseconds now) {
    const std::uint8_t before = registers_.get<Ier>();
    registers_.set<Ier>(value & 0xf); // the upper four bits are always 0
    if (Ier::TransmitEmpty::get(value) && !Ier::TransmitEmpty::get(before) && to_send_.size() == 0)
        transmit_empty_ = true;
    if (Ier::Received::get(value) && !Ier::Received::get(before) && !timed_out_) restart_timeout(now);
    expect(now);
}

void Uart::on_write(Fcr, unsigned, std::uint8_t value, Picoseconds now) {
    const bool turned = Fcr::Enable::get(value) != Fcr::Enable::get(fcr_);
    if (turned || Fcr::ClearReceive::get(value)) clear_received();
    if (turned || Fcr::ClearTransmit::get(value)) clear_sending();
    // Without the enable bit the others are not programmed (PC16550D §8.5).
    if (turned || Fcr::Enable::get(value)) fcr_ = value & (Fcr::Enable::mask | Fcr::Trigger::mask);
    expect(now);
}

// Looped back, the four outputs stand at the four inputs; else the other end is there and ready.
void Uart::on_write(Mcr, unsigned, std::uint8_t value, Picoseconds now) {
    value &= Mcr::Implemented::mask;
    registers_.set<Mcr>(value);
    const std::uint8_t old = registers_.get<Msr>();
    std::uint8_t lines = Msr::reset;
    if (Mcr::Loop::get(value))
        lines = static_cast<std::uint8_t>(Msr::Cts::set(Mcr::Rts::get(value)) | Msr::Dsr::set(Mcr::Dtr::get(value))
                                          | Msr::Ri::set(Mcr::Out1::get(value)) | Msr::Dcd::set(Mcr::Out2::get(value)));
    const auto changed = static_cast<std::uint8_t>(old ^ lines);
    std::uint8_t deltas = Msr::Deltas::get(old);
    if (Msr::Cts::get(changed)) deltas |= Msr::DeltaCts::mask;
    if (Msr::Dsr::get(changed)) deltas |= Msr::DeltaDsr::mask;
    if (Msr::Ri::get(changed) && Msr::Ri::get(old)) deltas |= Msr::TrailingRi::mask;
    if (Msr::Dcd::get(changed)) deltas |= Msr::DeltaDcd::mask;
    registers_.set<Msr>(static_cast<std::uint8_t>(lines | deltas));
    expect(now);
}

void Uart::start_sending(Picoseconds now) {
    sending_ = to_send_.pop();
    sent_at_ = now + char_time_;
    if (to_send_.size() == 0) transmit_empty_ = true;
}

void Uart::sent(Picoseconds now) {
    const std::uint8_t c = *sending_;
    sending_.reset();
    sent_at_.reset();
    ++counters_.sent;
    counters_.busy_time += char_time_.count();
    if (loop())
        arrive(c, now);
    else
        backend_.put(c);
    if (to_send_.size() != 0) start_sending(now);
}

void Uart::clear_sending() {
    if (to_send_.size() != 0) transmit_empty_ = true;
    to_send_.clear(); // what is on the line goes out (PC16550D §8.5)
}

void Uart::clear_received() {
    received_.clear();
    timeout_at_.reset();
    timed_out_ = false;
    overrun_ = false;
}

bool Uart::has_room() const {
    if (loop()) return false; // the receiver is cut off from the line
    if (wants(Ier::Received::mask)) return received_.size() < depth();
    return polls_ >= listen_polls_ && received_.size() == 0;
}

void Uart::expect(Picoseconds now) {
    if (arrives_at_ || !has_room() || backend_.input() != CharacterBackend::Input::ready) return;
    line_free_ = std::max(now, line_free_) + char_time_;
    arrives_at_ = line_free_;
}

void Uart::arrive(std::uint8_t c, Picoseconds now) {
    if (received_.size() >= depth()) {
        overrun_ = true;
        ++counters_.lost_receiving;
        return;
    }
    received_.push(c);
    ++counters_.received;
    restart_timeout(now);
}

// Four character times without a character or a read (PC16550D §8.6).
void Uart::restart_timeout(Picoseconds now) {
    timed_out_ = false;
    timeout_at_.reset();
    if (fifos() && received_.size() != 0 && wants(Ier::Received::mask)) timeout_at_ = now + char_time_ * 4;
}

void Uart::look(Picoseconds now) {
    backend_.look();
    expect(now);
}

void Uart::drain() {
    while (sending_ && !loop()) sent(*sent_at_);
    backend_.flush();
}

std::optional<Picoseconds> Uart::next_action() const {
    std::optional<Picoseconds> next = sent_at_;
    for (const auto& at : {arrives_at_, timeout_at_})
        if (at && (!next || *at < *next)) next = at;
    return next;
}

void Uart::act(Picoseconds now) {
    if (sent_at_ && *sent_at_ <= now) sent(*sent_at_);
    if (arrives_at_ && *arrives_at_ <= now) {
        arrives_at_.reset();
        if (has_room()) // the guest may have stopped listening; then it stays with the backend
            if (const auto c = backend_.get()) arrive(*c, now);
    }
    if (timeout_at_ && *timeout_at_ <= now) {
        timeout_at_.reset();
        timed_out_ = true;
    }
    expect(now); // a backend may answer what it was just sent
}

} // namespace tollgate::dev
