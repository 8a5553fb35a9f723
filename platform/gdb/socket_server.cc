#include "gdb/socket_server.hh"
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tollgate::gdb {
namespace {

/// Whether `fd` can be read from within `wait`; a signal ends the wait.
bool readable(int fd, std::chrono::milliseconds wait) {
    pollfd p{fd, POLLIN, 0};
    return ::poll(&p, 1, wait.count() < 0 ? -1 : static_cast<int>(wait.count())) > 0;
}

} // namespace

SocketServer::SocketServer(std::uint16_t port) {
    const auto fail = [&] {
        const int why = errno;
        if (listener_ >= 0) ::close(listener_);
        throw std::system_error{why, std::generic_category(), fmt::format("--gdb {}", port)};
    };
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0) fail();
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 1) != 0
        || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        fail();
    port_ = ntohs(address.sin_port);
}

SocketServer::~SocketServer() {
    close();
    ::close(listener_);
}

bool SocketServer::accept(std::chrono::milliseconds wait) {
    if (connected() || !readable(listener_, wait)) return false;
    client_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client_ < 0) return false;
    const int on = 1; // packets are small and each waits for its answer
    ::setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return true;
}

std::string SocketServer::receive(std::chrono::milliseconds wait) {
    std::array<char, 4096> buffer;
    if (!connected() || !readable(client_, wait)) return {};
    const ssize_t n = ::recv(client_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) return {buffer.data(), static_cast<std::size_t>(n)};
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) close();
    return {};
}

void SocketServer::wait(std::chrono::milliseconds wait) const {
    if (connected()) readable(client_, wait);
}

void SocketServer::send(std::string_view bytes) {
    while (connected() && !bytes.empty()) {
        const ssize_t n = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n > 0)
            bytes.remove_prefix(static_cast<std::size_t>(n));
        else if (errno != EINTR)
            close();
    }
}

void SocketServer::close() {
    if (const int fd = std::exchange(client_, -1); fd >= 0) ::close(fd);
}

} // namespace tollgate::gdb
