#include "dev/capture.hh"
#include "dev/host_terminal.hh"
#include "dev/scripted_console.hh"
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tollgate::dev {
namespace {

using Input = CharacterBackend::Input;

struct Pipe {
    int ends[2];
    Pipe() { EXPECT_EQ(pipe(ends), 0); }
    ~Pipe() { close_read(), close_write(); }
    void close_read() {
        if (ends[0] >= 0) close(std::exchange(ends[0], -1));
    }
    void close_write() {
        if (ends[1] >= 0) close(std::exchange(ends[1], -1));
    }
    int read_end() const { return ends[0]; }
    int write_end() const { return ends[1]; }
    void say(std::string_view text) { EXPECT_EQ(write(ends[1], text.data(), text.size()), ssize_t(text.size())); }
    std::string hear() {
        char b[8192];
        const ssize_t n = read(ends[0], b, sizeof b);
        return {b, static_cast<std::size_t>(n < 0 ? 0 : n)};
    }
};

TEST(FdConsole, AFileIsReadyUntilItsEnd) {
    std::FILE* f = std::tmpfile();
    std::fputs("ab", f);
    std::rewind(f);
    FdConsole console{fileno(f), -1};
    EXPECT_TRUE(console.reproducible());
    EXPECT_EQ(console.input(), Input::ready);
    EXPECT_EQ(console.get(), 'a');
    EXPECT_EQ(lseek(fileno(f), 0, SEEK_CUR), 1); // the rest is the next program's
    EXPECT_EQ(console.get(), 'b');
    EXPECT_EQ(console.get(), std::nullopt);
    EXPECT_EQ(console.input(), Input::ended);
    std::fclose(f);
}

TEST(FdConsole, NothingComesFromDevNullOrNowhere) {
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {null, -1}) {
        FdConsole console{fd, fd};
        EXPECT_TRUE(console.reproducible());
        EXPECT_EQ(console.input(), Input::ended);
        EXPECT_EQ(console.get(), std::nullopt);
        console.put('x');
        console.flush();
        EXPECT_EQ(console.output_error(), 0);
    }
    close(null);
}

TEST(FdConsole, APipeIsSeenWhenLookedAtAndNeverWaitedFor) {
    Pipe in;
    FdConsole console{in.read_end(), -1};
    EXPECT_FALSE(console.reproducible());
    console.look();
    EXPECT_EQ(console.input(), Input::later);
    EXPECT_EQ(console.get(), std::nullopt);
    in.say("hi");
    EXPECT_EQ(console.input(), Input::later);
    console.look();
    EXPECT_EQ(console.input(), Input::ready);
    EXPECT_EQ(console.get(), 'h');
    EXPECT_EQ(in.hear(), "i"); // was not taken; now somebody else has it
    EXPECT_EQ(console.get(), std::nullopt);
    EXPECT_EQ(console.input(), Input::later);
    in.say("!");
    in.close_write();
    console.look();
    EXPECT_EQ(console.get(), '!');
    EXPECT_EQ(console.get(), std::nullopt);
    EXPECT_EQ(console.input(), Input::ended);
}

TEST(FdConsole, ASocketIsLikeAPipe) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    FdConsole console{ends[0], -1};
    console.look();
    EXPECT_EQ(console.input(), Input::later);
    ASSERT_EQ(write(ends[1], "s", 1), 1);
    close(ends[1]);
    console.look();
    EXPECT_EQ(console.get(), 's');
    console.look();
    EXPECT_EQ(console.input(), Input::ended);
    close(ends[0]);
}

TEST(FdConsole, WaitEndsWithInput) {
    Pipe in;
    FdConsole console{in.read_end(), -1};
    console.wait(std::chrono::milliseconds{1});
    EXPECT_EQ(console.input(), Input::later);
    in.say("x");
    console.wait(std::chrono::hours{1});
    EXPECT_EQ(console.input(), Input::ready);
}

TEST(FdConsole, OutputGoesOutByLineAndWhenFlushed) {
    Pipe out;
    FdConsole console{-1, out.write_end()};
    for (const char c : {'a', 'b', '\n', 'c'}) console.put(static_cast<std::uint8_t>(c));
    EXPECT_EQ(out.hear(), "ab\n");
    console.look();
    EXPECT_EQ(out.hear(), "c");
}

TEST(FdConsole, AFailedWriteIsRemembered) {
    const int full = open("/dev/full", O_WRONLY);
    FdConsole console{-1, full};
    console.put('x');
    console.flush();
    EXPECT_EQ(console.output_error(), ENOSPC);
    close(full);
}

TEST(EscapeFilter, LeavesPassesAndDrops) {
    EscapeFilter f;
    const auto keys = [&](std::string_view text) {
        std::string passed;
        for (const char k : text) {
            auto c = static_cast<std::uint8_t>(k);
            switch (f.key(c)) {
            case EscapeFilter::Action::pass: passed.push_back(static_cast<char>(c)); break;
            case EscapeFilter::Action::leave: passed += "LEAVE"; break;
            case EscapeFilter::Action::none: break;
            }
        }
        return passed;
    };
    EXPECT_EQ(keys("xc"), "xc");
    EXPECT_EQ(keys("a\x01"
                   "cb"),
              "a\x01"
              "b");
    EXPECT_EQ(keys("\x01\x01x"), "\x01x");
    EXPECT_EQ(keys("\x01q\x03"), "\x03");
    EXPECT_EQ(keys("\x01x"), "LEAVE");
}

struct TerminalTest : testing::Test {
    int master = -1, slave = -1;
    termios before{};
    TerminalTest() {
        EXPECT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
        tcgetattr(slave, &before);
    }
    ~TerminalTest() override { close(master), close(slave); }
    bool raw() const {
        termios now{};
        tcgetattr(slave, &now);
        return !(now.c_lflag & (ICANON | ECHO | ISIG));
    }
    bool as_before() const {
        termios now{};
        tcgetattr(slave, &now);
        return now.c_lflag == before.c_lflag && now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag;
    }
};

TEST_F(TerminalTest, IsRawWhileItLives) {
    {
        HostTerminal terminal{slave, slave};
        EXPECT_TRUE(raw());
        EXPECT_FALSE(terminal.reproducible());
    }
    EXPECT_TRUE(as_before());
}

TEST_F(TerminalTest, ComesBackOnSignalsAndAtExit) {
    for (const int how : {SIGTERM, SIGINT, SIGHUP, SIGABRT, 0}) {
        Pipe ready;
        const pid_t child = fork();
        if (child == 0) {
            static HostTerminal* terminal = new HostTerminal(slave, slave); // not destroyed
            static_cast<void>(terminal);
            ready.say("r");
            if (how == 0) std::exit(0);
            pause();
        }
        EXPECT_EQ(ready.hear(), "r");
        if (how != 0) {
            EXPECT_TRUE(raw());
            kill(child, how);
        }
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : 0, how);
        EXPECT_TRUE(as_before()) << how;
    }
}

TEST_F(TerminalTest, KeysArriveAndTheEscapeWorksWithoutAnybodyTakingThem) {
    HostTerminal terminal{slave, slave};
    terminal.look();
    EXPECT_EQ(terminal.input(), Input::later);
    ASSERT_EQ(write(master, "\x03k\x01x", 4), 4); // Ctrl-c is the guest's
    terminal.wait(std::chrono::seconds{10});
    EXPECT_TRUE(terminal.leave_requested());
    EXPECT_EQ(terminal.get(), 0x03);
    EXPECT_EQ(terminal.get(), 'k');
    EXPECT_EQ(terminal.get(), std::nullopt);
}

TEST_F(TerminalTest, HostConsoleKnowsATerminal) {
    Pipe pipe;
    EXPECT_NE(dynamic_cast<HostTerminal*>(host_console(slave, slave).get()), nullptr);
    EXPECT_EQ(dynamic_cast<HostTerminal*>(host_console(pipe.read_end(), slave).get()), nullptr);
}

TEST(Capture, CopiesWhatPasses) {
    ScriptedConsole console{{{"", "ok"}}};
    std::ostringstream log;
    Capture capture{console, log};
    for (const char c : {'h', 'i'}) capture.put(static_cast<std::uint8_t>(c));
    EXPECT_EQ(log.str(), "hi");
    EXPECT_EQ(console.output(), "hi");
    EXPECT_EQ(capture.input(), Input::ready);
    EXPECT_EQ(capture.get(), 'o');
}

TEST(ScriptedConsole, TypesAfterItsText) {
    ScriptedConsole console{{{"login: ", "root\n"}, {"# ", "ls\n"}}};
    const auto print = [&](std::string_view text) {
        for (const char c : text) console.put(static_cast<std::uint8_t>(c));
    };
    const auto typed = [&] {
        std::string s;
        while (const auto c = console.get()) s.push_back(static_cast<char>(*c));
        return s;
    };
    print("# boot\nlogin:");
    EXPECT_EQ(console.input(), Input::later);
    print(" ");
    EXPECT_EQ(console.input(), Input::ready);
    EXPECT_EQ(typed(), "root\n");
    EXPECT_FALSE(console.finished());
    print("welcome\n# ");
    EXPECT_EQ(typed(), "ls\n");
    EXPECT_EQ(console.input(), Input::ended);
    EXPECT_TRUE(console.finished());
}

} // namespace
} // namespace tollgate::dev
