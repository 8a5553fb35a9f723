#include "dev/fd_console.hh"
#include "dev/host_terminal.hh"
#include <cerrno>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tollgate::dev {

static constexpr std::size_t output_buffer = 4096;

static bool is_dev_null(const struct stat& s) {
    struct stat null {};
    return S_ISCHR(s.st_mode) && stat("/dev/null", &null) == 0 && null.st_rdev == s.st_rdev;
}

FdConsole::FdConsole(int in, int out) : in_(in), out_(out) {
    struct stat s {};
    if (in_ < 0 || fstat(in_, &s) != 0 || is_dev_null(s)) return;
    live_ = !S_ISREG(s.st_mode);
    input_ = live_ ? Input::later : Input::ready;
}

FdConsole::~FdConsole() { FdConsole::flush(); }

void FdConsole::put(std::uint8_t c) {
    output_.push_back(static_cast<char>(c));
    if (c == '\n' || output_.size() >= output_buffer) flush();
}

void FdConsole::flush() {
    std::size_t done = 0;
    while (out_ >= 0 && output_error_ == 0 && done < output_.size()) {
        const ssize_t n = write(out_, output_.data() + done, output_.size() - done);
        if (n >= 0) {
            done += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN) { // somebody else made the descriptor non-blocking
            pollfd p{out_, POLLOUT, 0};
            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            output_error_ = errno;
        }
    }
    output_.clear();
}

std::optional<std::size_t> FdConsole::available() const {
    pollfd p{in_, POLLIN, 0};
    if (poll(&p, 1, 0) <= 0) return 0;
    int n = 0;
    if (ioctl(in_, FIONREAD, &n) == 0 && n > 0) return static_cast<std::size_t>(n);
    if (p.revents & POLLIN && !(p.revents & POLLHUP)) { // readable and empty: at its end, unless it cannot count
        struct stat s {};
        if (fstat(in_, &s) == 0 && !S_ISFIFO(s.st_mode) && !S_ISSOCK(s.st_mode) && !isatty(in_)) return 1;
    }
    return std::nullopt;
}

void FdConsole::look() {
    flush();
    if (!live_ || input_ == Input::ended) return;
    const auto n = available();
    input_ = !n ? Input::ended : *n ? Input::ready : Input::later;
}

void FdConsole::wait(std::chrono::milliseconds at_most) {
    flush();
    if (!live_ || input_ == Input::ended) return;
    pollfd p{in_, POLLIN, 0};
    poll(&p, 1, static_cast<int>(at_most.count()));
    look();
}

std::optional<std::uint8_t> FdConsole::get() {
    if (input_ != Input::ready) return std::nullopt;
    if (live_) { // it may be gone: others read the same pipe
        const auto n = available();
        if (!n || *n == 0) {
            input_ = n ? Input::later : Input::ended;
            return std::nullopt;
        }
    }
    std::uint8_t c = 0;
    ssize_t n;
    do n = read(in_, &c, 1);
    while (n < 0 && errno == EINTR);
    if (n == 1) return c;
    input_ = n < 0 && errno == EAGAIN ? Input::later : Input::ended;
    return std::nullopt;
}

std::unique_ptr<CharacterBackend> host_console(int in, int out) {
    if (in >= 0 && isatty(in)) return std::make_unique<HostTerminal>(in, out);
    return std::make_unique<FdConsole>(in, out);
}

} // namespace tollgate::dev
