#include "gdb/hart_debugger.hh"
#include "gdb/monitor.hh"
#include "gdb/registers.hh"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace tollgate::gdb {
namespace {

constexpr std::size_t most_points = 1024;

bool overlap(std::uint64_t a, std::uint64_t a_size, std::uint64_t b, std::uint64_t b_size) {
    return a - b < b_size || b - a < a_size; // modulo 2^64, as addresses are
}

/// Reads or writes inside one page.
bool access_page(cpu::Hart& hart, std::uint64_t va, std::span<std::byte> bytes, bool write) {
    const auto pa = hart.peek_address(va);
    return pa && (write ? hart.poke_memory(*pa, bytes) : hart.peek_memory(*pa, bytes));
}

std::size_t to_page_end(std::uint64_t va, std::size_t wanted) {
    return std::min<std::size_t>(wanted, page_bytes - (va & (page_bytes - 1)));
}

} // namespace

HartDebugger::HartDebugger(std::vector<cpu::Hart*> harts, Surroundings surroundings)
    : harts_{std::move(harts)}, surroundings_{std::move(surroundings)}, states_(harts_.size()) {
    const bool fp = (harts_.front()->peek_csr(csr_misa).value_or(0) & misa_f) != 0;
    registers_ = make_registers(fp);
    general_ = fp ? general_with_fp : general_without_fp;
}

HartDebugger::~HartDebugger() { release(); }

std::string HartDebugger::thread_state(Thread thread) const {
    const cpu::Hart& h = hart(thread);
    const std::string_view mode = h.privilege() == abi::Privilege::machine      ? "machine mode"
                                  : h.privilege() == abi::Privilege::supervisor ? "supervisor mode"
                                                                                : "user mode";
    return fmt::format("{}{}", mode, h.asleep() ? ", asleep in wfi" : "");
}

std::optional<std::uint64_t> HartDebugger::read_register(Thread thread, unsigned number) {
    return gdb::read_register(hart(thread), number);
}

bool HartDebugger::write_register(Thread thread, unsigned number, std::uint64_t value) {
    changed_ = true;
    return gdb::write_register(hart(thread), number, value);
}

std::size_t HartDebugger::read_memory(Thread thread, std::uint64_t address, std::span<std::byte> to) {
    for (std::size_t done = 0; done < to.size();) {
        const std::size_t n = to_page_end(address + done, to.size() - done);
        if (!access_page(hart(thread), address + done, to.subspan(done, n), false)) return done;
        done += n;
    }
    return to.size();
}

bool HartDebugger::write_memory(Thread thread, std::uint64_t address, std::span<const std::byte> from) {
    std::vector<std::byte> bytes(from.size());
    if (read_memory(thread, address, bytes) != bytes.size()) return false;
    std::copy(from.begin(), from.end(), bytes.begin());
    changed_ = true;
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t n = to_page_end(address + done, bytes.size() - done);
        if (!access_page(hart(thread), address + done, std::span{bytes}.subspan(done, n), true)) return false;
        done += n;
    }
    return true;
}

bool HartDebugger::insert(const Point& point) {
    auto& points = point.is_watch() ? watchpoints_ : breakpoints_;
    if (std::find(points.begin(), points.end(), point) != points.end()) return true;
    if (points.size() >= most_points) return false;
    points.push_back(point);
    return true;
}

void HartDebugger::remove(const Point& point) {
    auto& points = point.is_watch() ? watchpoints_ : breakpoints_;
    const auto at = std::find(points.begin(), points.end(), point);
    if (at == points.end()) return;
    if (!point.is_watch() && lifted_.size() < most_points) lifted_.push_back(point);
    points.erase(at);
}

void HartDebugger::release() {
    breakpoints_.clear();
    watchpoints_.clear();
    lifted_.clear();
    for (HartState& s : states_) s.action.kind = Action::Kind::go;
    attach();
}

void HartDebugger::resume(std::span<const Action> actions) {
    for (std::size_t n = 0; n < harts_.size(); ++n) {
        states_[n].action = actions[n];
        states_[n].resumed_at = progress(*harts_[n]);
    }
    attach();
}

void HartDebugger::attach() {
    bool wanted = !breakpoints_.empty() || !watchpoints_.empty();
    for (const HartState& s : states_)
        wanted |= s.action.kind == Action::Kind::step || s.action.kind == Action::Kind::range;
    for (cpu::Hart* h : harts_) h->set_debugger(wanted ? this : nullptr);
}

std::uint64_t HartDebugger::progress(cpu::Hart& hart) {
    const cpu::HartCounters& n = hart.counters();
    return n.instructions + n.traps + n.interrupts;
}

const Point* HartDebugger::breakpoint_at(const HartState& state, std::uint64_t pc) const {
    const auto find = [pc](const std::vector<Point>& points) -> const Point* {
        for (const Point& p : points)
            if (p.address == pc) return &p;
        return nullptr;
    };
    if (const Point* const p = find(breakpoints_)) return p;
    return state.action.kind == Action::Kind::none ? find(lifted_) : nullptr;
}

bool HartDebugger::stop(unsigned number, std::uint64_t pc, const Stop& why) {
    HartState& s = states_[number];
    s.reported = true;
    s.reported_pc = pc;
    s.reported_at = progress(*harts_[number]);
    stop_ = why;
    stop_->thread = number + 1;
    return false;
}

bool HartDebugger::before(unsigned number, std::uint64_t pc) {
    HartState& s = states_[number];
    // A watchpoint is told of behind the access, when the new value stands in memory; an access that trapped was none.
    if (const auto met = std::exchange(s.met, std::nullopt)) {
        const bool there = std::find(watchpoints_.begin(), watchpoints_.end(), *met) != watchpoints_.end();
        if (there && harts_[number]->counters().instructions != s.met_at)
            return stop(number, pc, {Stop::Why::point, 0, met->kind, s.met_address});
    }
    const Point* const point = breakpoint_at(s, pc);
    if (point != nullptr) {
        // Who was stopped here already goes on.
        const bool again = s.reported && s.reported_pc == pc && s.reported_at == progress(*harts_[number]);
        if (!again) return stop(number, pc, {Stop::Why::point, 0, point->kind, pc});
    }
    if (s.action.kind == Action::Kind::step || s.action.kind == Action::Kind::range) {
        const bool stays = s.action.kind == Action::Kind::range && pc - s.action.begin < s.action.end - s.action.begin;
        if (!stays && progress(*harts_[number]) != s.resumed_at) return stop(number, pc, {Stop::Why::step, 0, {}, 0});
    }
    return true;
}

bool HartDebugger::access(unsigned number, std::uint64_t va, unsigned size, bool write) {
    for (const Point& p : watchpoints_) {
        if (p.kind == Point::Kind::write && !write) continue;
        if (p.kind == Point::Kind::read && write) continue;
        if (!overlap(va, size, p.address, p.length)) continue;
        HartState& s = states_[number];
        s.met = p;
        s.met_at = harts_[number]->counters().instructions;
        s.met_address = va - p.address < p.length ? va : p.address;
        break;
    }
    return true;
}

std::string HartDebugger::monitor(Thread thread, std::string_view command) {
    return gdb::monitor(hart(thread), command, surroundings_.statistics);
}

} // namespace tollgate::gdb
