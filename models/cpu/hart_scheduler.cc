#include "cpu/hart_scheduler.hh"
#include <algorithm>
#include <utility>

namespace tollgate::cpu {

namespace {
constexpr Picoseconds never{~0ull};
constexpr unsigned turns_between_looks =
    512; // at the host's clock and input: a hart's turn is some microseconds at most
} // namespace

HartScheduler::HartScheduler(const sc_core::sc_module_name& name, Picoseconds quantum, std::vector<HartModule*> harts)
    : sc_module{name}, quantum_{quantum}, modules_{std::move(harts)} {
    for (HartModule* m : modules_) harts_.push_back(&m->hart());
    SC_THREAD(run);
}

void HartScheduler::finish(Ending why) {
    if (ending_ == Ending::running) ending_ = why;
    for (Hart* h : harts_) h->stop_soon();
}

void HartScheduler::before_next_turn(std::function<void()> f) {
    between_turns_ = std::move(f);
    for (Hart* h : harts_) h->stop_soon();
}

Picoseconds HartScheduler::machine_time() const {
    Picoseconds t = to_picoseconds(sc_core::sc_time_stamp());
    for (const Hart* h : harts_)
        if (!h->asleep()) t = std::max(t, h->now());
    return t;
}

Picoseconds HartScheduler::ready_at(Hart& hart) {
    if (!hart.asleep() || hart.can_wake()) return hart.now();
    const Picoseconds timer = hart.timer_deadline();
    return timer == never ? never : std::max(timer, hart.now());
}

void HartScheduler::run() {
    began_ = std::chrono::steady_clock::now();
    while (ending_ == Ending::running) step();
    for (Hart* h : harts_) h->sleep_until(machine_time());
    sc_core::sc_stop();
}

void HartScheduler::step() {
    if (between_turns_) std::exchange(between_turns_, nullptr)();
    if (until_host_ == 0)
        attend_host();
    else
        --until_host_;
    if (ending_ != Ending::running) return;

    Hart* next = nullptr;
    Picoseconds when = never;
    for (Hart* h : harts_) {
        const Picoseconds t = ready_at(*h);
        if (t < when) next = h, when = t;
    }
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    const bool announced = sc_core::sc_pending_activity();
    const Picoseconds device = announced ? to_picoseconds(now + sc_core::sc_time_to_pending_activity()) : never;
    if (std::min(when, device) > limits_.simulated) return finish(Ending::limit);
    if (next == nullptr && !announced) {
        for (HostInput* in : inputs_)
            if (in->may_come(std::chrono::milliseconds{10})) return void(until_host_ = 0);
        return finish(Ending::nothing);
    }
    if (device <= when) return wait(to_sc_time(device) - now);
    if (next->wants_device() && to_sc_time(when) > now) return wait(to_sc_time(when) - now);

    Picoseconds horizon = std::min(device, limits_.simulated == never ? never : limits_.simulated + Picoseconds{1});
    for (Hart* h : harts_) {
        if (h == next) continue;
        const Picoseconds t = ready_at(*h);
        if (t != never) horizon = std::min(horizon, std::max(t, when) + quantum_);
    }
    // Alone, a hart still comes back for the host's input and clock.
    constexpr Picoseconds alone{1'000'000'000};
    horizon = std::min(horizon, when + alone);
    if (harts_.size() > 1 || next->asleep()) next->sleep_until(when);
    // Behind a debugger's stop the same hart goes on to the same horizon, so that the stop changes nothing.
    while (next->run(horizon) == Stop::debugger && debug_ != nullptr) {
        debug_->serve(next->number());
        if (ending_ != Ending::running) return;
    }
    if (horizon == when + alone) until_host_ = std::min(until_host_, 4u);
}

void HartScheduler::attend_host() {
    until_host_ = turns_between_looks;
    for (HostInput* in : inputs_) in->poll();
    if (debug_ != nullptr && debug_->wants_stop()) debug_->serve(0);
    if (std::chrono::steady_clock::now() - began_ > limits_.host) finish(Ending::host_limit);
}

std::vector<std::string> HartScheduler::waits() const {
    std::vector<std::string> lines;
    for (Hart* h : harts_) {
        const auto hex = [](std::uint64_t v) {
            std::string s = "0x";
            for (int shift = 60; shift >= 0; shift -= 4)
                if (v >> shift != 0 || shift == 0) s += "0123456789abcdef"[v >> shift & 15];
            return s;
        };
        lines.push_back("hart " + std::to_string(h->number()) + (h->asleep() ? " sleeps in wfi at " : " is at ")
                        + hex(h->pc()) + ", waits for interrupts " + hex(h->peek_csr(0x304).value_or(0)) + ", pending "
                        + hex(h->peek_csr(0x344).value_or(0)));
    }
    return lines;
}

} // namespace tollgate::cpu
