#include "gdb/server.hh"

namespace tollgate::gdb {
namespace {
constexpr std::chrono::milliseconds now{0}, for_ever{-1};
}

Server::Server(std::uint16_t port, bool wait, std::vector<cpu::Hart*> harts, HartDebugger::Surroundings surroundings)
    : socket_{port}, debugger_{std::move(harts), std::move(surroundings)}, wait_{wait} {}

void Server::take(std::string_view bytes) {
    session_->receive(bytes);
    socket_.send(session_->take_output());
    if (session_->over()) socket_.close();
    if (!socket_.connected()) drop();
}

void Server::drop() {
    session_.reset();
    socket_.close();
    debugger_.release();
}

bool Server::wants_stop() {
    if (wait_) return true;
    if (!session_) return socket_.accept(now);
    const std::string bytes = socket_.receive(now);
    if (!socket_.connected()) return drop(), false;
    if (!bytes.empty()) take(bytes);
    return session_ && session_->take_interrupt();
}

void Server::serve(unsigned hart) {
    Stop why = debugger_.take_stop().value_or(Stop{Stop::Why::interrupt, hart + 1, {}, 0});
    while (wait_ && !socket_.connected()) socket_.accept(for_ever);
    wait_ = false;
    if (session_) {
        session_->stopped(why);
        socket_.send(session_->take_output());
    } else if (socket_.connected()) {
        session_.emplace(debugger_, why);
    }
    while (session_ && !session_->running()) {
        const std::string bytes = socket_.receive(for_ever);
        if (!socket_.connected()) return drop();
        if (!bytes.empty()) take(bytes);
    }
}

bool Server::may_come(std::chrono::milliseconds wait) {
    if (!session_) return false;
    return socket_.wait(wait), true;
}

void Server::exited(int code) {
    if (!session_) return;
    session_->exited(code);
    socket_.send(session_->take_output());
    drop();
}

} // namespace tollgate::gdb
