#include "dev/host_terminal.hh"
#include <algorithm>
#include <cassert>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

namespace tollgate::dev {

EscapeFilter::Action EscapeFilter::key(std::uint8_t& c) {
    if (!escape_) {
        escape_ = c == ctrl_a;
        return escape_ ? Action::none : Action::pass;
    }
    escape_ = false;
    if (c == 'x') return Action::leave;
    if (c != 'c' && c != ctrl_a) return Action::none;
    c = ctrl_a;
    return Action::pass;
}

// What a signal handler can reach.
static volatile std::sig_atomic_t raw_fd = -1;
static termios saved_mode;
static constexpr int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGPIPE};
static struct sigaction saved_action[std::size(fatal)];

static void restore() {
    if (raw_fd < 0) return;
    tcsetattr(raw_fd, TCSANOW, &saved_mode);
    raw_fd = -1;
}

static void restore_and_die(int signal) {
    restore();
    raise(signal); // its default action was put back by SA_RESETHAND
}

RawMode::RawMode(int fd) {
    assert(raw_fd < 0);
    if (!isatty(fd) || tcgetattr(fd, &saved_mode) != 0) return;
    termios raw = saved_mode;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST; // a lone line feed still returns the carriage
    raw_fd = fd;
    static const bool at_exit = std::atexit(restore) == 0;
    static_cast<void>(at_exit);
    struct sigaction action {};
    action.sa_handler = restore_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < std::size(fatal); ++i) {
        sigaction(fatal[i], nullptr, &saved_action[i]);
        if (saved_action[i].sa_handler != SIG_IGN) sigaction(fatal[i], &action, nullptr);
    }
    tcsetattr(fd, TCSANOW, &raw);
}

RawMode::~RawMode() {
    if (raw_fd < 0) return;
    restore();
    for (std::size_t i = 0; i < std::size(fatal); ++i) sigaction(fatal[i], &saved_action[i], nullptr);
}

CharacterBackend::Input HostTerminal::input() const {
    if (!keys_.empty()) return Input::ready;
    return ended_ ? Input::ended : Input::later;
}

std::optional<std::uint8_t> HostTerminal::get() {
    if (keys_.empty()) return std::nullopt;
    const std::uint8_t c = keys_.front();
    keys_.pop_front();
    return c;
}

void HostTerminal::look() {
    flush();
    if (ended_) return;
    const auto n = available();
    ended_ = !n;
    std::uint8_t typed[64];
    const std::size_t room = std::min({n.value_or(0), sizeof typed, read_ahead - std::min(read_ahead, keys_.size())});
    const ssize_t got = room == 0 ? 0 : read(in(), typed, room);
    for (ssize_t i = 0; i < got; ++i) {
        std::uint8_t c = typed[i];
        switch (filter_.key(c)) {
        case EscapeFilter::Action::pass: keys_.push_back(c); break;
        case EscapeFilter::Action::leave: leave_ = true; break;
        case EscapeFilter::Action::none: break;
        }
    }
}

void HostTerminal::wait(std::chrono::milliseconds at_most) {
    flush();
    if (ended_) return;
    pollfd p{in(), POLLIN, 0};
    poll(&p, 1, static_cast<int>(at_most.count()));
    look();
}

} // namespace tollgate::dev
