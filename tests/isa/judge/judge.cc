// isa_judge: random programs end equally on the machine under test and on QEMU.
#include "generator/program.hh"
#include "judge/differences.hh"
#include "judge/machine.hh"
#include "judge/report.hh"
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tollgate::judge {
namespace {

constexpr const char* usage =
    R"(usage: isa_judge [option]...
Runs random programs on the machine under test and on the judge, QEMU; equal results are wanted.
  --programs N    how many (default 500)
  --first N       the first seed (default 1)
  --seed N        this one alone, with all that differs
  --keep          leave the ELF files and a listing of each mismatch in --dir
  --shrink        leave blocks out of a mismatching program while it mismatches
  --drop N,N,...  with --seed: leave these blocks out
  --machine CMD   the machine under test; {elf} and {dir} stand for the program and a fresh directory,
                  {svpbmt} for on or off
  --judge CMD     the judge
  --dir DIR       working directory (default: a temporary one)
  --batch N       programs in one run (default 50)
  --timeout S     seconds for one run (default 120)
  --expect-difference  succeed only if some program differs: shows that the judge can tell
  --differences   print where QEMU 7.2 and the specification part, and what is done about it
Exit code: 0 all equal, 1 some differ, 2 wrong usage.
)";

// Two harts, of which the second sleeps: with one, QEMU makes an AMO of a load and a store, whose traps then are a
// load's.
constexpr const char* qemu =
    "qemu-system-riscv64 -M virt -smp 2 -cpu rv64,h=off,zbc=off,svinval=on,svpbmt={svpbmt} -global "
    "virtio-mmio.force-legacy=false "
    "-nographic -monitor none -serial stdio -bios none -kernel {elf}";

struct Options {
    std::uint64_t programs = 500, first = 1, batch = 50;
    unsigned timeout = 120;
    bool single = false, keep = false, shrink = false, expect_difference = false;
    std::set<unsigned> drop;
    std::string machine = qemu, judge = qemu, dir;
};

class Session {
  public:
    explicit Session(const Options& o)
        : options_{o}, machine_{"machine", o.machine, o.timeout}, judge_{"judge", o.judge, o.timeout}, dir_{o.dir} {}

    /// Runs all programs; the number of those that differ.
    std::uint64_t run();

  private:
    struct Both {
        Answer machine, judge;
    };
    Both ask(const std::vector<Program>& programs, bool verbose, const std::string& name) const;
    bool differs(const Program& program, const Both& both) const;
    void examine(std::uint64_t seed);
    std::set<unsigned> shrink(std::uint64_t seed, std::set<unsigned> dropped) const;
    void batch(std::uint64_t first, std::uint64_t end);

    const Options& options_;
    Machine machine_, judge_;
    std::filesystem::path dir_;
    std::vector<std::uint64_t> suspects_;
};

Session::Both Session::ask(const std::vector<Program>& programs, bool verbose, const std::string& name) const {
    const std::string elf = dir_ / (name + ".elf");
    {
        const auto bytes = make_elf(programs, verbose);
        std::ofstream out{elf, std::ios::binary};
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        if (!out) throw std::runtime_error("cannot write " + elf);
    }
    const auto scratch = [&](const char* side) {
        const auto d = dir_ / (name + "." + side);
        std::filesystem::remove_all(d);
        return d.string();
    };
    Both both;
    const bool types = programs.front().memory_types;
    const std::string a = scratch("machine"), b = scratch("judge");
    std::thread other{[&] { both.judge = judge_.run(elf, b, types); }};
    both.machine = machine_.run(elf, a, types);
    other.join();
    if (!options_.keep) {
        std::filesystem::remove(elf);
        std::filesystem::remove_all(a);
        std::filesystem::remove_all(b);
    }
    return both;
}

bool Session::differs(const Program& program, const Both& both) const {
    const auto a = both.machine.hashes.find(program.seed), b = both.judge.hashes.find(program.seed);
    return a == both.machine.hashes.end() || b == both.judge.hashes.end() || a->second != b->second;
}

void Session::batch(std::uint64_t first, std::uint64_t end) {
    // A program that locks PMP entries must be the last before a reset, so it ends its run. Whether there are
    // page-based memory types is said on the judge's command line.
    std::vector<Program> programs;
    for (std::uint64_t seed = first; seed < end; ++seed) programs.push_back(make_program(seed));
    std::vector<std::vector<Program>> runs(1);
    for (Program& p : programs) {
        const bool last = p.sticky;
        if (!runs.back().empty() && runs.back().back().memory_types != p.memory_types) runs.emplace_back();
        runs.back().push_back(std::move(p));
        if (last) runs.emplace_back();
    }
    for (const auto& run : runs) {
        if (run.empty()) continue;
        const Both both = ask(run, false, "seeds-" + std::to_string(run[0].seed));
        for (const Program& p : run)
            if (differs(p, both)) suspects_.push_back(p.seed);
        for (const auto& [name, answer] : {std::pair{"machine", &both.machine}, {"judge", &both.judge}})
            if (!answer->trouble.empty())
                std::printf("%s, seeds from %llu: %s\n", name, static_cast<unsigned long long>(run[0].seed),
                            answer->trouble.c_str());
    }
}

std::set<unsigned> Session::shrink(std::uint64_t seed, std::set<unsigned> dropped) const {
    const auto count = static_cast<unsigned>(make_program(seed).blocks.size());
    for (unsigned step = count; step > 0; step /= 2)
        for (unsigned from = 0; from < count; from += step) {
            std::set<unsigned> more = dropped;
            for (unsigned n = from; n < std::min(from + step, count); ++n) more.insert(n);
            if (more.size() == dropped.size()) continue;
            const Program p = make_program(seed, more);
            if (differs(p, ask({p}, false, "shrink-" + std::to_string(seed)))) dropped = more;
        }
    return dropped;
}

void Session::examine(std::uint64_t seed) {
    std::set<unsigned> dropped = options_.drop;
    if (options_.shrink) dropped = shrink(seed, dropped);
    const Program program = make_program(seed, dropped);
    const std::string name = "seed-" + std::to_string(seed);
    const Both both = ask({program}, true, name);
    std::printf("seed %llu %s\n", static_cast<unsigned long long>(seed),
                differs(program, both) ? "differs:" : "is equal when run alone");
    if (!dropped.empty()) {
        std::printf("blocks left:");
        for (unsigned n = 0; n < program.blocks.size(); ++n)
            if (!dropped.contains(n)) std::printf(" %u (%s)", n, program.blocks[n].name);
        std::printf("\nrepeat with: --seed %llu --drop ", static_cast<unsigned long long>(seed));
        const char* comma = "";
        for (unsigned n : dropped) std::printf("%s%u", std::exchange(comma, ","), n);
        std::printf("\n");
    }
    std::fputs(difference(program, both.machine, "machine", both.judge, "judge").c_str(), stdout);
    if (!options_.keep) return;
    std::ofstream listing{dir_ / (name + ".blocks")};
    for (unsigned n = 0; n < program.blocks.size(); ++n)
        listing << std::hex << code_base + program.blocks[n].offset << std::dec << " block " << n << " "
                << program.blocks[n].name << (dropped.contains(n) ? " (left out)" : "") << "\n";
    std::ofstream code{dir_ / (name + ".code"), std::ios::binary};
    code.write(reinterpret_cast<const char*>(program.code.data()), static_cast<std::streamsize>(program.code.size()));
    for (const auto& [side, answer] : {std::pair{"machine", &both.machine}, {"judge", &both.judge}}) {
        std::ofstream words{dir_ / (name + "." + side + ".words")};
        for (const auto& [address, word] : answer->words)
            words << word_name(address) << " " << std::hex << word << std::dec << "\n";
    }
    std::printf("kept in %s; objdump -D -b binary -m riscv:rv64 --adjust-vma=0x%llx %s.code\n", dir_.c_str(),
                static_cast<unsigned long long>(code_base), name.c_str());
}

std::uint64_t Session::run() {
    if (options_.single) {
        const Program p = make_program(options_.first, options_.drop);
        if (!options_.shrink || differs(p, ask({p}, false, "seed"))) suspects_.push_back(options_.first);
    } else {
        // Two runs side by side on each side of the comparison would be four processes; one at a time is enough.
        const std::uint64_t end = options_.first + options_.programs;
        for (std::uint64_t seed = options_.first; seed < end; seed += options_.batch)
            batch(seed, std::min(seed + options_.batch, end));
        std::printf("seeds %llu to %llu: %zu of %llu programs differ\n",
                    static_cast<unsigned long long>(options_.first), static_cast<unsigned long long>(end - 1),
                    suspects_.size(), static_cast<unsigned long long>(options_.programs));
    }
    const std::size_t shown = std::min<std::size_t>(suspects_.size(), options_.expect_difference ? 1 : 10);
    for (std::size_t n = 0; n < shown; ++n) examine(suspects_[n]);
    for (std::size_t n = shown; n < suspects_.size(); ++n)
        std::printf("%s%llu", n == shown ? "also differ: " : " ", static_cast<unsigned long long>(suspects_[n]));
    if (shown < suspects_.size()) std::printf("\n");
    return suspects_.size();
}

Options parse(const std::vector<std::string>& words) {
    Options o;
    const auto number = [](const std::string& text) {
        std::size_t used = 0;
        const auto n = std::stoull(text, &used, 0);
        if (used != text.size()) throw std::invalid_argument(text + " is not a number");
        return n;
    };
    for (std::size_t n = 0; n < words.size(); ++n) {
        const std::string& w = words[n];
        const auto next = [&]() -> const std::string& {
            if (n + 1 == words.size()) throw std::invalid_argument(w + " needs a value");
            return words[++n];
        };
        if (w == "--programs")
            o.programs = number(next());
        else if (w == "--first")
            o.first = number(next());
        else if (w == "--seed")
            o.first = number(next()), o.single = true;
        else if (w == "--batch")
            o.batch = std::max(1ull, number(next()));
        else if (w == "--timeout")
            o.timeout = static_cast<unsigned>(number(next()));
        else if (w == "--machine")
            o.machine = next();
        else if (w == "--judge")
            o.judge = next();
        else if (w == "--dir")
            o.dir = next();
        else if (w == "--keep")
            o.keep = true;
        else if (w == "--shrink")
            o.shrink = true;
        else if (w == "--expect-difference")
            o.expect_difference = true;
        else if (w == "--drop") {
            std::string list = next();
            for (std::size_t at = 0; at < list.size();) {
                const std::size_t comma = std::min(list.find(',', at), list.size());
                o.drop.insert(static_cast<unsigned>(number(list.substr(at, comma - at))));
                at = comma + 1;
            }
        } else
            throw std::invalid_argument("unknown option " + w);
    }
    return o;
}

int main_of(const std::vector<std::string>& words) {
    for (const std::string& w : words) {
        if (w == "--help") return std::fputs(usage, stdout), 0;
        if (w == "--differences") return std::fputs(differences_text().c_str(), stdout), 0;
    }
    Options o;
    try {
        o = parse(words);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "isa_judge: %s\n%s", e.what(), usage);
        return 2;
    }
    const bool temporary = o.dir.empty();
    if (temporary) {
        std::string name = (std::filesystem::temp_directory_path() / "isa_judge.XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
        o.dir = name;
    }
    std::filesystem::create_directories(o.dir);
    const std::uint64_t different = Session{o}.run();
    if (temporary && !o.keep) std::filesystem::remove_all(o.dir);
    return (different != 0) == o.expect_difference ? 0 : 1;
}

} // namespace
} // namespace tollgate::judge

int main(int argc, char** argv) {
    try {
        return tollgate::judge::main_of({argv + 1, argv + argc});
    } catch (const std::exception& e) {
        std::fprintf(stderr, "isa_judge: %s\n", e.what());
        return 2;
    }
}
