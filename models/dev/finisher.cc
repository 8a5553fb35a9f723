#include "dev/finisher.hh"

namespace tollgate::dev {

Outcome Finisher::read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
    return registers_.read(*this, offset, size, now, value);
}

Outcome Finisher::write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
    return registers_.write(*this, offset, size, now, value);
}

void Finisher::on_write(abi::finisher::Finish, unsigned, std::uint32_t value, Picoseconds now) {
    using abi::finisher::Finish;
    using How = dev::Finish::How;
    switch (Finish::Command::get(value)) {
    case abi::finisher::pass: return listener_.finished({How::pass, 0, now});
    case abi::finisher::reset: return listener_.finished({How::reset, 0, now});
    case abi::finisher::fail:
        return listener_.finished({How::fail, static_cast<std::uint16_t>(Finish::Code::get(value)), now});
    default: return;
    }
}

} // namespace tollgate::dev
