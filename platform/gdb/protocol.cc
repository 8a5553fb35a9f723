// Packets by their first letter; queries and the target description are in queries.cc.
#include "gdb/protocol.hh"
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace tollgate::gdb {
namespace {

// As the protocol numbers errors.
constexpr unsigned no_such = 2, bad_address = 14, invalid = 22, no_space = 28;
constexpr int signal_interrupt = 2, signal_trap = 5;
constexpr std::size_t word_digits = 16;                  ///< of a register
constexpr std::size_t most_bytes = max_payload / 2 - 16; ///< of memory in an answer

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// A register's bytes, the lowest first.
std::string word(std::uint64_t v) {
    std::string r;
    for (unsigned i = 0; i < 8; ++i) r += fmt::format("{:02x}", v >> 8 * i & 0xff);
    return r;
}

std::optional<std::uint64_t> from_word(std::string_view digits) {
    const auto bytes = digits.size() == word_digits ? from_hex(digits) : std::nullopt;
    if (!bytes) return {};
    std::uint64_t v = 0;
    for (unsigned i = 0; i < 8; ++i) v |= std::uint64_t{static_cast<std::uint8_t>((*bytes)[i])} << 8 * i;
    return v;
}

} // namespace

void Protocol::receive(std::string_view bytes) {
    for (const char byte : bytes) {
        if (over_) return;
        const auto event = reader_.take(byte);
        if (!event) continue;
        using Kind = PacketReader::Kind;
        switch (event->kind) {
        case Kind::ack: break;
        case Kind::nak: output_ += last_; break;
        case Kind::interrupt: interrupt_ = running_; break;
        case Kind::overlong:
            if (acks_) output_ += '+';
            if (!running_) error(invalid);
            break;
        case Kind::damaged:
        case Kind::packet:
            if (acks_ && event->kind == Kind::damaged) {
                output_ += '-';
                break;
            }
            if (acks_) output_ += '+';
            if (!running_) handle(event->payload);
            break;
        }
    }
}

void Protocol::send(std::string_view payload) {
    last_ = packet(payload);
    output_ += last_;
}

void Protocol::error(unsigned number) { send(fmt::format("E{:02x}", number)); }

void Protocol::stopped(const Stop& why) {
    stop_ = why;
    selected_ = why.thread;
    stepped_.reset();
    const bool told = std::exchange(running_, false);
    interrupt_ = false;
    if (told) send(stop_reply());
}

void Protocol::exited(int code) {
    if (over_) return;
    running_ = false;
    over_ = true;
    send(fmt::format("W{:02x}", code & 0xff));
}

std::string Protocol::stop_reply() const {
    std::string r = fmt::format("T{:02x}", stop_.why == Stop::Why::interrupt ? signal_interrupt : signal_trap);
    if (stop_.why == Stop::Why::point) {
        switch (stop_.point) {
        case Point::Kind::software: r += says_point_ ? "swbreak:;" : ""; break;
        case Point::Kind::hardware: r += says_point_ ? "hwbreak:;" : ""; break;
        case Point::Kind::write: r += fmt::format("watch:{:x};", stop_.address); break;
        case Point::Kind::read: r += fmt::format("rwatch:{:x};", stop_.address); break;
        case Point::Kind::access: r += fmt::format("awatch:{:x};", stop_.address); break;
        }
    }
    return r + fmt::format("thread:{:x};", stop_.thread);
}

std::optional<Thread> Protocol::take_thread(std::string_view& text, Thread any) const {
    if (take(text, "-1")) return any;
    const auto n = take_hex(text);
    if (!n || *n > target_.threads()) return {};
    return *n == 0 ? any : static_cast<Thread>(*n);
}

void Protocol::handle(std::string_view command) {
    if (command.empty()) return send("");
    const char letter = command.front();
    const std::string_view rest = command.substr(1);
    switch (letter) {
    case '?': return send(stop_reply());
    case 'g': return read_registers();
    case 'G': return write_registers(rest);
    case 'p': return read_register(rest);
    case 'P': return write_register(rest);
    case 'm': return read_memory(rest);
    case 'M': return write_memory(rest, false);
    case 'X': return write_memory(rest, true);
    case 'c': return continue_old(Action::Kind::go, rest, false);
    case 'C': return continue_old(Action::Kind::go, rest, true);
    case 's': return continue_old(Action::Kind::step, rest, false);
    case 'S': return continue_old(Action::Kind::step, rest, true);
    case 'Z': return point(rest, true);
    case 'z': return point(rest, false);
    case 'H': return select_thread(rest);
    case 'T': {
        std::string_view text = rest;
        const auto n = take_hex(text);
        return n && *n >= 1 && *n <= target_.threads() && text.empty() ? send("OK") : error(no_such);
    }
    case 'D': return detach();
    case 'k': over_ = true; return target_.kill();
    case 'q': return query(rest);
    case 'Q': return set(rest);
    case 'v': return verbose(rest);
    default: return send("");
    }
}

void Protocol::select_thread(std::string_view command) {
    if (command.empty()) return error(invalid);
    std::string_view text = command.substr(1);
    const bool all = text == "-1";
    const auto thread = take_thread(text, stop_.thread);
    if (!thread || !text.empty()) return error(no_such);
    if (command.front() == 'g')
        selected_ = *thread;
    else if (command.front() == 'c')
        stepped_ = all ? std::nullopt : thread;
    else
        return error(invalid);
    send("OK");
}

void Protocol::read_registers() {
    std::string r;
    for (const Register& reg : target_.registers().first(target_.general_registers())) {
        const auto v = target_.read_register(selected_, reg.number);
        r += v ? word(*v) : std::string(word_digits, 'x');
    }
    send(r);
}

void Protocol::write_registers(std::string_view digits) {
    const auto general = target_.registers().first(target_.general_registers());
    if (digits.size() != general.size() * word_digits) return error(invalid);
    for (const Register& reg : general) {
        const std::string_view part = digits.substr(0, word_digits);
        digits.remove_prefix(word_digits);
        const auto v = from_word(part);
        if (v)
            target_.write_register(selected_, reg.number, *v);
        else if (part.find_first_not_of('x') != part.npos)
            return error(invalid);
    }
    send("OK");
}

void Protocol::read_register(std::string_view command) {
    const auto number = take_hex(command);
    if (!number || !command.empty()) return error(invalid);
    const auto v = *number <= ~0u ? target_.read_register(selected_, static_cast<unsigned>(*number)) : std::nullopt;
    v ? send(word(*v)) : error(no_such);
}

void Protocol::write_register(std::string_view command) {
    const auto number = take_hex(command);
    if (!number || !take(command, "=")) return error(invalid);
    const auto v = from_word(command);
    if (!v || *number > ~0u) return error(invalid);
    target_.write_register(selected_, static_cast<unsigned>(*number), *v) ? send("OK") : error(no_such);
}

void Protocol::read_memory(std::string_view command) {
    const auto address = take_hex(command);
    if (!address || !take(command, ",")) return error(invalid);
    const auto length = take_hex(command);
    if (!length || !command.empty()) return error(invalid);
    std::vector<std::byte> bytes(std::min<std::uint64_t>(*length, most_bytes));
    const std::size_t n = target_.read_memory(selected_, *address, bytes);
    if (n == 0 && *length != 0) return error(bad_address);
    send(to_hex(std::span{bytes}.first(n)));
}

void Protocol::write_memory(std::string_view command, bool binary) {
    const auto address = take_hex(command);
    if (!address || !take(command, ",")) return error(invalid);
    const auto length = take_hex(command);
    if (!length || !take(command, ":")) return error(invalid);
    const auto bytes = binary ? std::optional{unescape(command)} : from_hex(command);
    if (!bytes || bytes->size() != *length) return error(invalid);
    target_.write_memory(selected_, *address, std::as_bytes(std::span{*bytes})) ? send("OK") : error(bad_address);
}

void Protocol::point(std::string_view command, bool insert) {
    const auto kind = take_hex(command);
    if (!kind) return error(invalid);
    if (*kind > static_cast<unsigned>(Point::Kind::access)) return send("");
    Point p;
    p.kind = static_cast<Point::Kind>(*kind);
    if (!take(command, ",")) return error(invalid);
    const auto address = take_hex(command);
    if (!address || !take(command, ",")) return error(invalid);
    const auto length = take_hex(command);
    // What might follow are conditions and commands, which we have not announced.
    if (!length || !command.empty() || (p.is_watch() && *length == 0)) return error(invalid);
    p.address = *address;
    p.length = p.is_watch() ? *length : 0;
    if (!insert)
        target_.remove(p);
    else if (!target_.insert(p))
        return error(no_space);
    send("OK");
}

void Protocol::resume(const std::vector<Action>& actions) {
    running_ = true;
    interrupt_ = false;
    target_.resume(actions);
}

void Protocol::continue_old(Action::Kind kind, std::string_view rest, bool signal) {
    // A signal means nothing to a hart; its number goes unread.
    if (signal && !take_hex(rest)) return error(invalid);
    if (signal && !rest.empty() && !take(rest, ";")) return error(invalid);
    const Thread thread = first_or(stepped_);
    if (!rest.empty()) {
        const auto to = take_hex(rest);
        if (!to || !rest.empty()) return error(invalid);
        for (const Register& r : target_.registers())
            if (r.name == "pc") target_.write_register(thread, r.number, *to);
    }
    std::vector<Action> actions(target_.threads());
    if (kind == Action::Kind::go && !stepped_)
        for (Action& a : actions) a.kind = kind;
    else
        actions[thread - 1].kind = kind;
    resume(actions);
}

void Protocol::continue_with(std::string_view text) {
    std::vector<Action> actions(target_.threads());
    std::vector<bool> named(actions.size()); // the leftmost action that names a thread is its
    bool any = false;
    while (take(text, ";")) {
        if (text.empty()) return error(invalid);
        Action a;
        const char letter = text.front();
        text.remove_prefix(1);
        switch (letter) {
        case 'C':
        case 'S':
            if (!take_hex(text)) return error(invalid);
            [[fallthrough]];
        case 'c':
        case 's': a.kind = letter == 'c' || letter == 'C' ? Action::Kind::go : Action::Kind::step; break;
        case 'r': {
            const auto begin = take_hex(text);
            if (!begin || !take(text, ",")) return error(invalid);
            const auto end = take_hex(text);
            if (!end) return error(invalid);
            a = {Action::Kind::range, *begin, *end};
            break;
        }
        default: return error(invalid);
        }
        Thread first = 1, last = target_.threads();
        if (take(text, ":") && !take(text, "-1")) {
            const auto thread = take_thread(text, stop_.thread);
            if (!thread) return error(no_such);
            first = last = *thread;
        }
        for (Thread t = first; t <= last; ++t)
            if (!named[t - 1]) actions[t - 1] = a, named[t - 1] = any = true;
    }
    if (!text.empty() || !any) return error(invalid);
    resume(actions);
}

void Protocol::verbose(std::string_view command) {
    if (command == "Cont?") return send("vCont;c;C;s;S;r");
    if (take(command, "Cont")) return continue_with(command);
    if (command.starts_with("Kill;")) {
        send("OK");
        over_ = true;
        return target_.kill();
    }
    send(""); // vMustReplyEmpty as well
}

void Protocol::detach() {
    target_.release();
    over_ = true;
    send("OK");
}

} // namespace tollgate::gdb
