#include "dev/plic.hh"
#include <algorithm>
#include <bit>
#include <cassert>

namespace tollgate::dev {

Plic::Plic(unsigned harts) : contexts_(2 * harts) { assert(contexts_.size() <= abi::plic::max_contexts); }

void Plic::set_level(unsigned source, bool high) {
    assert(source >= 1 && source <= abi::plic::sources);
    assign(level_, source, high);
    gate(source);
}

void Plic::gate(unsigned source) {
    if (!test(level_, source) || test(pending_, source) || test(in_service_, source)) return;
    assign(pending_, source, true);
    ++counters_.requests;
}

unsigned Plic::best(const Context& context) const {
    unsigned best = 0;
    for (unsigned w = 0; w < words; ++w)
        for (std::uint32_t bits = pending_[w] & context.enable[w]; bits; bits &= bits - 1) {
            const unsigned source = 32 * w + static_cast<unsigned>(std::countr_zero(bits));
            if (priority_[source] > priority_[best]) best = source; // the lowest number wins a tie (PLIC §4)
        }
    return best; // source 0 has priority 0, which never interrupts
}

bool Plic::output(unsigned context) const { return priority_[best(contexts_[context])] > contexts_[context].threshold; }

// Levels are the devices', and stay.
void Plic::reset(Picoseconds) {
    priority_ = {};
    pending_ = in_service_ = {};
    for (Context& c : contexts_) c = {};
    registers_.reset();
    for (unsigned source = 1; source <= abi::plic::sources; ++source) gate(source);
}

Outcome Plic::read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
    return registers_.read(*this, offset, size, now, value);
}

Outcome Plic::write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
    return registers_.write(*this, offset, size, now, value);
}

std::uint32_t Plic::on_read(Enable, unsigned index, Picoseconds) const {
    const unsigned word = index % abi::plic::words_per_context;
    return word < words ? contexts_[index / abi::plic::words_per_context].enable[word] : 0;
}

// The threshold masks notification, not claims (PLIC §8).
std::uint32_t Plic::on_read(Claim, unsigned context, Picoseconds) {
    const unsigned source = best(contexts_[context]);
    if (source == 0) {
        ++counters_.empty_claims;
        return 0;
    }
    ++counters_.claims;
    assign(pending_, source, false);
    assign(in_service_, source, true);
    return source;
}

void Plic::on_write(Priority, unsigned source, std::uint32_t value, Picoseconds) {
    if (source != 0) priority_[source] = value & abi::plic::max_priority;
}

void Plic::on_write(Enable, unsigned index, std::uint32_t value, Picoseconds) {
    const unsigned word = index % abi::plic::words_per_context;
    if (word >= words) return;
    constexpr std::uint32_t last = abi::plic::sources % 32 == 31 ? ~0u : (2u << (abi::plic::sources % 32)) - 1;
    if (word == 0) value &= ~1u; // there is no source 0
    if (word == words - 1) value &= last;
    contexts_[index / abi::plic::words_per_context].enable[word] = value;
}

void Plic::on_write(Threshold, unsigned context, std::uint32_t value, Picoseconds) {
    contexts_[context].threshold = value & abi::plic::max_priority;
}

// A completion by a context that has not enabled the source is ignored (PLIC §9).
void Plic::on_write(Claim, unsigned context, std::uint32_t source, Picoseconds) {
    if (source == 0 || source > abi::plic::sources || !test(contexts_[context].enable, source)) return;
    if (!test(in_service_, source)) return;
    assign(in_service_, source, false);
    ++counters_.completions;
    gate(source);
}

} // namespace tollgate::dev
