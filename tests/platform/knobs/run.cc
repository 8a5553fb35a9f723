#include "platform/knobs/run.hh"
#include <atomic>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>

namespace tollgate::knobs {
namespace fs = std::filesystem;

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "tollgate_knobs_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot be made");
    path_ = name;
}
Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

const Sets& small() {
    static const Sets sets{"hart.branch.gshare_entries=64",
                           "hart.branch.history_bits=4",
                           "hart.branch.target_entries=32",
                           "l2tlb.ways=4",
                           "walker.cache_entries=2",
                           "store_buffer.entries=4",
                           "llc.latency=60",
                           "llc.prefetch=next-line",
                           "crossbar.bandwidth=16Gb/s",
                           "dram.ranks=2",
                           "dram.rank_switch=4",
                           "dram.row_hit_cap=1",
                           "dram.read_queue=2",
                           "dram.write_queue=8",
                           "dram.write_low=40%",
                           "dram.write_high=100%",
                           "dram.write_idle=4",
                           "dram.timing.rrd_s=8",
                           "dram.timing.rrd_l=8",
                           "dram.timing.faw=32",
                           "dram.timing.ccd_s=8",
                           "dram.timing.ccd_l=16",
                           "dram.timing.ras=40",
                           "dram.timing.rc=100",
                           "dram.controller.latency=40ns",
                           "dram.refresh=false",
                           "l1i.ways=4",
                           "l1d.ways=4"};
    return sets;
}

Ended run(const Command& command, const fs::path& out) {
    const fs::path input = out.string() + ".input", errors = out.string() + ".errors";
    std::ofstream{input} << std::string(200, 'x');
    const fs::path script = out.string() + ".script"; // a device at work where no guest looks
    std::ofstream{script} << "load from=10us to=100us base=0x87000000 size=16KiB interval=400ns reads=1 writes=1\n";
    std::string line = command.before + " '" + TOLLGATE_BINARY + "' boot -p " + preset;
    for (const Sets* sets : {&small(), &command.sets})
        for (const std::string& set : *sets) line += " -s '" + set + "'";
    if (!command.config.empty()) line += " -f '" + command.config.string() + "'";
    line += " --dma-script '" + script.string() + "' --limit 1000s --host-limit 300s --bios none --kernel '"
            + command.guest + "' -o '" + out.string() + "' <'" + input.string() + "' >'" + out.string() + ".output' 2>'"
            + errors.string() + "'";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(errors)};
}

void side_by_side(std::size_t n, const std::function<void(std::size_t)>& job) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failed;
    std::mutex mutex;
    const auto work = [&] {
        for (std::size_t i; (i = next++) < n;) {
            try {
                job(i);
            } catch (...) {
                const std::lock_guard lock{mutex};
                if (!failed) failed = std::current_exception();
            }
        }
    };
    std::thread other{work};
    work();
    other.join();
    if (failed) std::rethrow_exception(failed);
}

std::string content(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error(file.string() + ": cannot be read");
    std::stringstream s;
    s << in.rdbuf();
    return s.str();
}

std::vector<std::string> differences(const fs::path& a, const fs::path& b, const std::set<std::string>& but) {
    std::set<std::string> names;
    for (const fs::path& folder : {a, b})
        for (const auto& file : fs::directory_iterator{folder}) names.insert(file.path().filename().string());
    std::vector<std::string> r;
    for (const std::string& name : names)
        if (!but.contains(name)
            && (!fs::exists(a / name) || !fs::exists(b / name) || content(a / name) != content(b / name)))
            r.push_back(name);
    return r;
}

Counters::Counters(const fs::path& run_directory, bool host) {
    auto j = nlohmann::ordered_json::parse(content(run_directory / (host ? "host.json" : "stats.json")));
    if (host) j = nlohmann::ordered_json(j.at("counters"));
    for (const auto& [path, counter] : j.items()) {
        paths_.add(path);
        values_[path] = counter.at("value").get<std::uint64_t>();
    }
}

std::optional<std::uint64_t> Counters::sum(std::string_view name, std::string_view within) const {
    const auto meant = paths_.match(name);
    if (meant.empty()) return {};
    std::uint64_t all = 0, inside = 0;
    bool some_inside = false;
    for (const std::size_t i : meant) {
        const std::string path = paths_.path(i).text();
        const std::uint64_t value = values_.at(path);
        all += value;
        if (!path.starts_with(within)) continue;
        some_inside = true;
        inside += value;
    }
    return some_inside ? inside : all;
}

} // namespace tollgate::knobs
