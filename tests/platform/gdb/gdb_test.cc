// The stub as its user has it: gdb-multiarch beside the built program.
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <regex>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& p) {
    std::stringstream s;
    s << std::ifstream(p).rdbuf();
    return s.str();
}

/// A process of its own; ended with the object if it has not ended before.
class Program {
  public:
    Program(const std::vector<std::string>& words, const fs::path& out, const fs::path& err) {
        std::vector<char*> argv;
        for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
        argv.push_back(nullptr);
        const int files[] = {::open("/dev/null", O_RDONLY | O_CLOEXEC),
                             ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
                             ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        pid_ = ::fork();
        if (pid_ == 0) {
            for (int i = 0; i < 3; ++i) ::dup2(files[i], i);
            ::execvp(argv[0], argv.data());
            ::_exit(127);
        }
        for (const int f : files) ::close(f);
    }
    ~Program() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    /// Its exit code, -1 if it has been killed or does not end.
    int wait(std::chrono::seconds limit = std::chrono::seconds{60}) {
        const auto end = std::chrono::steady_clock::now() + limit;
        for (int status; std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(poll)) {
            if (::waitpid(pid_, &status, WNOHANG) != pid_) continue;
            pid_ = 0;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        return -1;
    }

  private:
    static constexpr std::chrono::milliseconds poll{5};
    pid_t pid_ = 0;
};

class GdbTest : public testing::Test {
  protected:
    GdbTest() {
        folder = fs::temp_directory_path()
                 / fmt::format("tollgate_gdb_{}_{}", testing::UnitTest::GetInstance()->current_test_info()->name(),
                               ::getpid());
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    ~GdbTest() override {
        if (HasFailure()) std::fputs(content(folder / "gdb.out").append(content(folder / "gdb.err")).c_str(), stderr);
        fs::remove_all(folder);
    }

    std::unique_ptr<Program> boot(const std::string& name, const std::vector<std::string>& more) {
        std::vector<std::string> words{TOLLGATE_BINARY,
                                       "boot",
                                       "-p",
                                       "tiny",
                                       "-s",
                                       "machine.nodes=1",
                                       "-s",
                                       "machine.harts_per_node=2",
                                       "--bios",
                                       "none",
                                       "--kernel",
                                       GDB_GUEST,
                                       "-o",
                                       (folder / name).string()};
        words.insert(words.end(), more.begin(), more.end());
        return std::make_unique<Program>(words, folder / (name + ".out"), folder / (name + ".err"));
    }
    /// Where a program that was started says it listens.
    std::string address(const std::string& name) {
        static const std::regex line("target remote (127\\.0\\.0\\.1:[0-9]+)\n");
        for (int i = 0; i < 2000; ++i) {
            const std::string err = content(folder / (name + ".err"));
            if (std::smatch found; std::regex_search(err, found, line)) return found[1];
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        return "";
    }
    /// What GDB prints for a script that has connected first.
    std::string gdb(const std::string& where, const std::string& script) {
        std::ofstream(folder / "script") << "set pagination off\nset confirm off\nset width 0\ntarget remote " << where
                                         << "\n"
                                         << script;
        Program program{{"gdb-multiarch", "-nx", "-batch", "-x", (folder / "script").string(), GDB_GUEST},
                        folder / "gdb.out",
                        folder / "gdb.err"};
        EXPECT_EQ(program.wait(), 0);
        return content(folder / "gdb.out") + content(folder / "gdb.err");
    }
    std::string err(const std::string& name) { return content(folder / (name + ".err")); }

    fs::path folder;
};

void expect(const std::string& text, const char* pattern) {
    EXPECT_TRUE(std::regex_search(text, std::regex{pattern})) << "not found: " << pattern;
}

TEST_F(GdbTest, LooksWithoutATrace) {
    ASSERT_EQ(boot("alone", {})->wait(), 1);
    expect(err("alone"), "failed with code 20\n");

    const auto program = boot("watched", {"--gdb", "0", "--gdb-wait"});
    const std::string said = gdb(address("watched"), R"gdb(
info threads
echo at-start:
p/x $pc
echo privilege:
p $priv
break *count_up
continue
echo hit:
p $pc == count_up
echo mode:
p/x $satp
p $priv
echo caller:
x/2i $ra - 4
stepi
stepi
stepi
echo stepped:
p $pc == counted
echo counted:
p *(long*)&counter
echo alias:
p *(long*)((char*)&counter + 0x40000000)
python
for address in "0x4000000000", "0x10000000":
    try:
        gdb.execute("p *(char*)" + address)
    except gdb.MemoryError as e:
        print(e)
end
delete
watch *(long*)&counter
continue
continue
delete
rwatch *(long*)&counter
continue
delete
hbreak *(counted+4) if $s1 == 10
continue
echo condition:
p $s1
delete
monitor walk 0xc0000000
monitor tlb
monitor stats hart[1].instructions
monitor help
echo other:
thread 2
p $pc >= other_hart
info registers mstatus mhartid
thread 1
finish
echo finished:
p $pc == again + 4
detach
)gdb");
    EXPECT_EQ(program->wait(), 1) << err("watched");
    expect(err("watched"), "failed with code 20\n");
    expect(said, "Thread 1 .*hart 0.*machine mode");
    expect(said, "Thread 2 .*hart 1");
    expect(said, "at-start:\\$1 = 0x80000000\n");
    expect(said, "privilege:.* = 3\n");
    expect(said, "hit Breakpoint 1, 0x[0-9a-f]+ in count_up");
    expect(said, "hit:.* = 1\n");
    expect(said, "mode:.* = 0x80000000000800[0-9a-f]+\n.* = 1\n");
    expect(said, "caller:.*<again>:\tjal.*count_up");
    expect(said, "stepped:.* = 1\n");
    expect(said, "counted:.* = 1\n");
    expect(said, "alias:.* = 1\n");
    expect(said, "Cannot access memory at address 0x4000000000");
    expect(said, "Cannot access memory at address 0x10000000");
    expect(said, "Hardware watchpoint 2: [^\n]*\n\nOld value = 1\nNew value = 2\n");
    expect(said, "Hardware watchpoint 2: [^\n]*\n\nOld value = 2\nNew value = 3\n");
    expect(said, "Hardware read watchpoint 3: [^\n]*\n\nValue = 3\n");
    expect(said, "condition:.* = 10\n");
    expect(said, "Sv39, asid 0, root 0x80[0-9a-f]+\n");
    expect(said, "0xc0000000 -> 0x80000000, page of 1 GiB\n");
    expect(said, "dtlb: [12] of ");
    expect(said, "node\\[0\\]\\.hart\\[1\\]\\.instructions +[1-9]");
    expect(said, "stats \\[TEXT\\]");
    expect(said, "other:.*\n.*\n.* = 1\n");
    expect(said, "mhartid +0x1\t1\n");
    expect(said, "finished:.* = 1\n");
    expect(said, "\\[Inferior 1 \\(.*\\) detached\\]");

    for (const char* file : {"stats.json", "stats.txt", "config.toml", "console.log"})
        EXPECT_EQ(content(folder / "alone" / file), content(folder / "watched" / file)) << file;
    expect(content(folder / "watched" / "host.json"), "\"reproducible\": true");
}

TEST_F(GdbTest, WritesAndTheGuestGoesOnWithThat) {
    const auto program = boot("changed", {"--gdb", "0", "--gdb-wait"});
    const std::string said = gdb(address("changed"), R"gdb(
break *count_up
continue
set var *(long*)&counter = 100
set $s1 = 5
set $ft0 = 1.5
set $sscratch = 0x1234
echo ft0:
p $ft0.double
echo sscratch:
p/x $sscratch
delete
echo code:
set var *(int*)counted = 0x00050513
x/i counted
continue
)gdb");
    EXPECT_EQ(program->wait(), 1) << err("changed");
    expect(said, "ft0:.* = 1.5\n");
    expect(said, "sscratch:.* = 0x1234\n");
    expect(said, "code:.*<counted>:\tmv\ta0,a0\n");
    expect(said, "exited with code 01");
    expect(err("changed"), "failed with code 105\n");
    expect(content(folder / "changed" / "host.json"), "\"reproducible\": false");
}

TEST_F(GdbTest, KillEndsTheRunWithItsResults) {
    const auto program = boot("killed", {"--gdb", "0", "--gdb-wait"});
    const std::string where = address("killed");
    expect(gdb(where, "break count_up\ncontinue\nkill\n"), "Breakpoint 1, ");
    EXPECT_EQ(program->wait(), 0) << err("killed");
    EXPECT_TRUE(fs::exists(folder / "killed" / "stats.json"));
}

TEST_F(GdbTest, APortThatIsTakenIsAUsageError) {
    const auto program = boot("first", {"--gdb", "0", "--gdb-wait"});
    const std::string where = address("first");
    const std::string port = where.substr(where.find(':') + 1);
    EXPECT_EQ(boot("second", {"--gdb", port})->wait(), 2);
    EXPECT_EQ(err("second"), fmt::format("tollgate: --gdb {}: Address already in use\n", port));
    EXPECT_EQ(program->wait(std::chrono::seconds{0}), -1) << "the first still waits";
}

TEST_F(GdbTest, ASecondClientFindsTheMachineRunning) {
    const auto program = boot("endless", {"--gdb", "0", "--gdb-wait", "--host-limit", "300s"});
    const std::string where = address("endless");
    gdb(where, "set $pc = endless\ndetach\n");
    const std::string again = gdb(where, "echo again:\np $pc >= endless\np $t4 > 0\nmonitor stats time\nkill\n");
    expect(again, "again:.* = 1\n.* = 1\n");
    EXPECT_EQ(program->wait(), 0) << err("endless");
}

} // namespace
