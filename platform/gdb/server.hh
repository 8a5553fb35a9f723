/// Lets one client debug the harts of a simulation: while a hart stands in front of an instruction, simulated time
/// stands still and the client's commands are served; while harts run, the socket is only looked at.
#pragma once
#include "cpu/hart_scheduler.hh"
#include "gdb/hart_debugger.hh"
#include "gdb/protocol.hh"
#include "gdb/socket_server.hh"
#include <optional>

namespace tollgate::gdb {

/// For HartScheduler::set_debug_server and add_input.
class Server final : public cpu::DebugServer, public cpu::HostInput {
  public:
    /// Listens at once. `wait`: nothing runs before a client says so. Throws std::system_error if the port is taken.
    Server(std::uint16_t port, bool wait, std::vector<cpu::Hart*> harts, HartDebugger::Surroundings surroundings);

    std::uint16_t port() const { return socket_.port(); }
    /// Whether a client has written to the machine, so that its results are no more those of its inputs.
    bool changed() const { return debugger_.changed(); }
    /// The simulation is over: tells the client.
    void exited(int code);

    void serve(unsigned hart) override;
    bool wants_stop() override;
    void poll() override {} // wants_stop() does, and is asked at the same times
    /// While a client is there all harts may sleep for ever: it can interrupt them.
    bool may_come(std::chrono::milliseconds wait) override;

  private:
    void take(std::string_view bytes);
    /// The client has left, with or without a word: the machine goes on alone.
    void drop();

    SocketServer socket_;
    HartDebugger debugger_;
    std::optional<Protocol> session_; ///< while a client is connected
    bool wait_;                       ///< for the first client
};

} // namespace tollgate::gdb
