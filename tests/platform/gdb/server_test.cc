// The socket and what it does to the machine: a client in a thread of its own, harts in this one.
#include "gdb/server.hh"
#include "platform/gdb/bare_machine.hh"
#include <arpa/inet.h>
#include <atomic>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace tollgate;
using namespace tollgate::gdb;
using gdb_test::BareMachine;

class Client {
  public:
    explicit Client(std::uint16_t port, std::uint32_t address = INADDR_LOOPBACK) {
        fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(address);
        connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    void send(const std::string& bytes) { EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), 0), std::ssize(bytes)); }
    /// The next payload.
    std::string receive() {
        for (char byte; ::recv(fd_, &byte, 1, 0) == 1;)
            if (auto e = reader_.take(byte); e && e->kind == PacketReader::Kind::packet) return e->payload;
        return "(closed)";
    }
    std::string ask(const std::string& command) {
        send(packet(command));
        return receive();
    }
    bool connected = false;

  private:
    int fd_ = -1;
    PacketReader reader_;
};

class ServerTest : public testing::Test {
  protected:
    ServerTest() : machine{1} {
        machine.put(BareMachine::base, {gdb_test::code::addi(5, 5, 1), gdb_test::code::jal(0, -4)});
    }
    std::unique_ptr<Server> listen(bool wait) {
        return std::make_unique<Server>(
            0, wait, machine.harts(),
            HartDebugger::Surroundings{[] { return std::string{"x 1\n"}; }, [this] { over = true; }});
    }
    /// As HartScheduler does, until the client is done.
    void run(Server& server) {
        while (!over) {
            if (server.wants_stop()) server.serve(0);
            machine.run(machine.hart().now() + Picoseconds{1'000'000}, [&](unsigned n) {
                server.serve(n);
                return !over;
            });
        }
    }

    BareMachine machine;
    std::atomic<bool> over = false;
};

TEST_F(ServerTest, WaitsRunsIsInterruptedAndKilled) {
    const auto server = listen(true);
    std::thread client([&] {
        Client c{server->port()};
        EXPECT_EQ(c.ask("?"), "T02thread:1;");
        EXPECT_EQ(c.ask("p5"), "0000000000000000") << "nothing has run";
        c.send(packet("vCont;c"));
        c.send("\x03");
        EXPECT_EQ(c.receive(), "T02thread:1;");
        EXPECT_EQ(c.ask("Z0,80000004,4"), "OK");
        EXPECT_EQ(c.ask("vCont;c"), "T05thread:1;");
        EXPECT_EQ(c.ask("p20"), "0400008000000000");
        EXPECT_EQ(c.ask("vCont;s:1"), "T05thread:1;");
        EXPECT_EQ(c.ask("p20"), "0000008000000000");
        c.send(packet("k"));
        EXPECT_EQ(c.receive(), "(closed)");
    });
    run(*server);
    client.join();
}

TEST_F(ServerTest, AConnectionThatBreaksLeavesTheMachineRunning) {
    const auto server = listen(false);
    std::thread client([&] {
        {
            Client c{server->port()};
            EXPECT_EQ(c.ask("Z0,80000004,4"), "OK");
            EXPECT_EQ(c.ask("vCont;c"), "T05thread:1;");
        }
        Client again{server->port()};
        std::string before = again.ask("p5");
        again.send(packet("vCont;c"));
        again.send("\x03");
        EXPECT_EQ(again.receive(), "T02thread:1;") << "the breakpoint of the first client is gone";
        EXPECT_NE(again.ask("p5"), before);
        EXPECT_EQ(again.ask("D"), "OK");
        EXPECT_EQ(again.receive(), "(closed)");
        over = true;
    });
    run(*server);
    client.join();
}

TEST_F(ServerTest, TheEndIsToldAndOnlyTheLoopbackIsListenedAt) {
    const auto server = listen(true);
    EXPECT_FALSE(Client(server->port(), 0x7f000002).connected) << "127.0.0.2 is another interface";
    EXPECT_FALSE(server->may_come(std::chrono::milliseconds{0})) << "nobody is there";
    std::thread client([&] {
        Client c{server->port()};
        EXPECT_EQ(c.ask("vCont;c"), "W07");
    });
    server->serve(0);
    EXPECT_TRUE(server->may_come(std::chrono::milliseconds{0})) << "an interrupt may";
    server->exited(7);
    client.join();
    EXPECT_FALSE(server->changed());
}

} // namespace
