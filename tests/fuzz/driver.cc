// Runs a fuzz target without libFuzzer, with the same command line: TARGET [-max_total_time=SECONDS] [-seed=N]
// FOLDER_OR_FILE... First every seed as it is, then mutations of them until the time is over. It knows no coverage; it
// is what a compiler without libFuzzer can do. The input that crashed is left in crash-input.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

const std::uint8_t* current = nullptr;
std::size_t current_size = 0;

/// Only calls that POSIX allows in a handler.
extern "C" void on_crash(int signal) {
    const int f = ::open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (f >= 0 && ::write(f, current, current_size) >= 0) ::close(f);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const Bytes& input) {
    // A copy of exactly this size, so that a sanitizer sees a read behind the end.
    const Bytes exact(input.begin(), input.end());
    current = exact.data();
    current_size = exact.size();
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void read_seed(const std::filesystem::path& file, std::vector<Bytes>& seeds) {
    std::ifstream in(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

/// A few random edits: a bit, a byte, a block taken out, doubled, or brought in from another seed.
Bytes mutate(const std::vector<Bytes>& seeds, std::mt19937_64& random) {
    const auto below = [&](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random() % n); };
    Bytes b = seeds[below(seeds.size())];
    for (std::size_t edits = 1 + below(6); edits > 0; --edits) {
        const std::size_t at = below(b.size() + 1);
        const auto here = b.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = here + static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(b.size() - at, 32) + 1));
        switch (below(6)) {
        case 0:
            if (at < b.size()) b[at] ^= static_cast<std::uint8_t>(1u << below(8));
            break;
        case 1:
            if (at < b.size()) b[at] = static_cast<std::uint8_t>(random());
            break;
        case 2: b.insert(here, static_cast<std::uint8_t>(random())); break;
        case 3: b.erase(here, end); break;
        case 4: {
            const Bytes block(here, end);
            b.insert(b.begin() + static_cast<std::ptrdiff_t>(at), block.begin(), block.end());
            break;
        }
        default: {
            const Bytes& other = seeds[below(seeds.size())];
            const std::size_t from = below(other.size() + 1);
            const auto first = other.begin() + static_cast<std::ptrdiff_t>(from);
            const auto last =
                first + static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(other.size() - from, 64) + 1));
            b.insert(here, first, last);
        }
        }
    }
    constexpr std::size_t most = 1 << 16;
    if (b.size() > most) b.resize(most);
    return b;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<Bytes> seeds;
    unsigned long seconds = 0, seed = 1;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.starts_with("-max_total_time=")) {
            seconds = std::strtoul(word.c_str() + 16, nullptr, 10);
        } else if (word.starts_with("-seed=")) {
            seed = std::strtoul(word.c_str() + 6, nullptr, 10);
        } else if (std::filesystem::is_directory(word)) {
            std::vector<std::filesystem::path> files;
            for (const auto& e : std::filesystem::directory_iterator(word)) files.push_back(e.path());
            std::sort(files.begin(), files.end());
            for (const auto& f : files) read_seed(f, seeds);
        } else {
            read_seed(word, seeds);
        }
    }
    for (const int s : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(s, on_crash);
    for (const Bytes& s : seeds) run(s);
    if (seeds.empty()) seeds.emplace_back();
    std::mt19937_64 random(seed);
    unsigned long runs = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (; std::chrono::steady_clock::now() < end; ++runs) run(mutate(seeds, random));
    std::printf("%zu seeds and %lu mutations\n", seeds.size(), runs);
    return 0;
}
