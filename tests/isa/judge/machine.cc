#include "judge/machine.hh"
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace tollgate::judge {
namespace {

std::vector<std::string> split(const std::string& command, const std::string& elf, const std::string& dir,
                               bool memory_types) {
    const std::string types = memory_types ? "on" : "off";
    std::vector<std::string> words;
    std::istringstream in{command};
    for (std::string w; in >> w;) {
        for (const auto& [from, to] :
             {std::pair<std::string, const std::string&>{"{elf}", elf}, {"{dir}", dir}, {"{svpbmt}", types}})
            if (const auto at = w.find(from); at != std::string::npos) w.replace(at, from.size(), to);
        words.push_back(w);
    }
    return words;
}

/// Starts `words` with its standard output on a pipe; standard error is dropped. Returns the process and the pipe.
std::pair<pid_t, int> start(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (words.empty() || pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot start an empty command");
    std::vector<char*> argv;
    for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error(std::string{"fork: "} + std::strerror(errno));
    if (child == 0) {
        const int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(ends[1], 1);
        dup2(null, 2);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    close(ends[1]);
    return {child, ends[0]};
}

void parse(Answer& answer) {
    std::istringstream in{answer.console};
    for (std::string line; std::getline(in, line);) {
        line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
        unsigned long long a = 0, b = 0;
        char end = 0;
        if (std::sscanf(line.c_str(), "@ %16llx %16llx%c", &a, &b, &end) == 2)
            answer.hashes[a] = b;
        else if (line.size() == 33 && std::sscanf(line.c_str(), "%16llx %16llx%c", &a, &b, &end) == 2)
            answer.words[a] = b;
    }
}

} // namespace

Answer Machine::run(const std::string& elf, const std::string& dir, bool memory_types) const {
    Answer answer;
    const auto words = split(command_, elf, dir, memory_types);
    const auto [child, out] = start(words);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{timeout_};
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
        pollfd p{out, POLLIN, 0};
        if (left <= 0 || poll(&p, 1, static_cast<int>(left)) == 0) {
            answer.trouble = "no end within " + std::to_string(timeout_) + " s";
            kill(child, SIGKILL);
            break;
        }
        const ssize_t n = read(out, buffer.data(), buffer.size());
        if (n == 0) break;
        if (n < 0 && errno != EINTR) throw std::runtime_error(std::string{"read: "} + std::strerror(errno));
        if (n > 0) answer.console.append(buffer.data(), static_cast<std::size_t>(n));
    }
    close(out);
    int status = 0;
    waitpid(child, &status, 0);
    if (answer.trouble.empty()) {
        if (WIFSIGNALED(status))
            answer.trouble = std::string{"ended by signal "} + strsignal(WTERMSIG(status));
        else if (WEXITSTATUS(status) == 127)
            answer.trouble = "cannot run " + words[0];
        else if (WEXITSTATUS(status) != 0)
            answer.trouble = "exit code " + std::to_string(WEXITSTATUS(status));
    }
    parse(answer);
    return answer;
}

} // namespace tollgate::judge
