/// A listening socket on the loopback interface, for one client at a time.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::gdb {

class SocketServer {
  public:
    /// Listens on 127.0.0.1; port 0 takes any that is free. Throws std::system_error that names the port.
    explicit SocketServer(std::uint16_t port);
    ~SocketServer();
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;

    std::uint16_t port() const { return port_; }
    bool connected() const { return client_ >= 0; }
    /// Takes a client who waits, if there is none yet; waits for one at most `wait`, for ever if negative. True when a
    /// client was taken.
    bool accept(std::chrono::milliseconds wait);
    /// What has come, at most a few KiB; waits for the first byte at most `wait`, for ever if negative. A client who
    /// has left is no longer connected afterwards.
    std::string receive(std::chrono::milliseconds wait);
    /// Waits at most so long for something to receive.
    void wait(std::chrono::milliseconds wait) const;
    /// Sends everything, unless the client has left.
    void send(std::string_view bytes);
    void close();

  private:
    int listener_ = -1, client_ = -1;
    std::uint16_t port_ = 0;
};

} // namespace tollgate::gdb
