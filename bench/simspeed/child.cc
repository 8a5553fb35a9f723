#include "simspeed/child.hh"
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace tollgate::simspeed {

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what, int error) {
    throw std::system_error(error, std::generic_category(), what);
}

/// A pipe whose two ends are closed with it.
class Pipe {
  public:
    Pipe() {
        if (::pipe2(end_.data(), O_CLOEXEC)) fail("pipe", errno);
    }
    ~Pipe() { close_reader(), close_writer(); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int reader() const { return end_[0]; }
    int writer() const { return end_[1]; }
    void close_reader() { close_end(0); }
    void close_writer() { close_end(1); }

  private:
    void close_end(std::size_t i) {
        if (end_[i] >= 0) ::close(end_[i]);
        end_[i] = -1;
    }
    std::array<int, 2> end_{-1, -1};
};

pid_t start(const std::vector<std::string>& command, const Pipe& output, const Pipe& errors) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.writer(), STDERR_FILENO);
    pid_t pid = 0;
    int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error) fail(command[0], error);
    return pid;
}

/// Reads both pipes until the child has closed them; false when the deadline came first.
bool drain(Pipe& output, Pipe& errors, Child& child, Clock::time_point deadline) {
    std::array<pollfd, 2> waiting{{{output.reader(), POLLIN, 0}, {errors.reader(), POLLIN, 0}}};
    std::array<std::string*, 2> into{&child.output, &child.errors};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long>(left, 60'000))) < 0) {
            if (errno == EINTR) continue;
            fail("poll", errno);
        }
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].fd < 0 || !waiting[i].revents) continue;
            std::array<char, 4096> buffer;
            ssize_t n = ::read(waiting[i].fd, buffer.data(), buffer.size());
            if (n > 0)
                into[i]->append(buffer.data(), static_cast<std::size_t>(n));
            else if (n == 0 || errno != EINTR)
                waiting[i].fd = -1;
        }
    }
    return true;
}

} // namespace

Child run_child(const std::vector<std::string>& command, std::chrono::seconds limit) {
    Child child;
    Pipe output, errors;
    auto begin = Clock::now();
    pid_t pid = start(command, output, errors);
    output.close_writer();
    errors.close_writer();
    bool in_time = drain(output, errors, child, begin + limit);
    if (!in_time) ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) fail("waitpid", errno);
    child.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (!in_time) throw std::runtime_error(fmt::format("{} was still running after {} s", command[0], limit.count()));
    child.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return child;
}

bool is_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0;
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access(((folder.empty() ? "." : folder) + "/" + name).c_str(), X_OK) == 0) return true;
    return false;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "simspeed-XXXXXX").string();
    if (!::mkdtemp(name.data())) fail(name, errno);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace tollgate::simspeed
