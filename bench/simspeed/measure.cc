#include "simspeed/measure.hh"
#include "simspeed/child.hh"
#include "simspeed/guests.hh"
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace tollgate::simspeed {

namespace {

constexpr std::chrono::seconds run_limit{1800};

struct Sample {
    GuestReport report;
    Timing timing;
};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw RunError(fmt::format("{} was not written", path.filename().string()));
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The last line that is not empty: what a failed program had to say.
std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

class Bench {
  public:
    explicit Bench(const Options& options) : options_{options} {}

    Sample tollgate(const std::string& guest, const char* mode);
    Sample qemu(const std::string& guest, unsigned harts);

  private:
    std::string image(const std::string& guest);
    GuestReport report(const std::string& guest, const std::string& console, const char* machine);

    const Options& options_;
    TemporaryFolder folder_;
};

/// The guest as a file.
std::string Bench::image(const std::string& guest) {
    std::filesystem::path path = folder_.path() / (guest + ".elf");
    if (!std::filesystem::exists(path)) {
        auto bytes = *guest_image(guest);
        std::ofstream out(path, std::ios::binary);
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        if (!out.flush()) throw RunError(fmt::format("cannot write {}", path.string()));
    }
    return path.string();
}

GuestReport Bench::report(const std::string& guest, const std::string& console, const char* machine) {
    auto found = find_report(console, guest);
    if (!found)
        throw RunError(fmt::format("{} ({}): no report from the guest, but '{}'", guest, machine, last_line(console)));
    return *found;
}

Sample Bench::tollgate(const std::string& guest, const char* mode) {
    std::filesystem::path out = folder_.path() / "run";
    std::filesystem::remove_all(out);
    std::vector<std::string> command{options_.tollgate, "boot",  "--bios",     "none",   "--kernel", image(guest), "-p",
                                     options_.preset,   "--out", out.string(), "--quiet"};
    auto set = [&](std::string setting) { command.insert(command.end(), {"-s", std::move(setting)}); };
    if (options_.harts) {
        set("machine.nodes=1");
        set(fmt::format("machine.harts_per_node={}", *options_.harts));
    }
    for (const std::string& setting : options_.settings) set(setting);
    set(fmt::format("sim.mode={}", mode));
    if (options_.rounds) command.insert(command.end(), {"--append", fmt::format("rounds={}", *options_.rounds)});
    Child child = run_child(command, run_limit);
    if (child.exit_code == 2) throw UsageError(last_line(child.errors));
    if (child.exit_code)
        throw RunError(fmt::format("{} ({}): exit code {}: {}", guest, mode, child.exit_code, last_line(child.errors)));
    Sample sample;
    sample.report = report(guest, read_file(out / "console.log"), mode);
    try {
        auto host = nlohmann::json::parse(read_file(out / "host.json"));
        host.at("instructions").get_to(sample.timing.instructions);
        host.at("wall_seconds").get_to(sample.timing.seconds);
    } catch (const nlohmann::json::exception& e) { throw RunError(fmt::format("host.json: {}", e.what())); }
    return sample;
}

Sample Bench::qemu(const std::string& guest, unsigned harts) {
    std::vector<std::string> command{
        options_.qemu, "-M",      "virt",     "-m",      "128M",      "-smp",  fmt::format("{}", harts),
        "-display",    "none",    "-monitor", "none",    "-serial",   "stdio", "-bios",
        "none",        "-icount", "shift=0",  "-kernel", image(guest)};
    if (options_.rounds) command.insert(command.end(), {"-append", fmt::format("rounds={}", *options_.rounds)});
    Child child = run_child(command, run_limit);
    if (child.exit_code)
        throw RunError(fmt::format("{} (QEMU): exit code {}: {}", guest, child.exit_code, last_line(child.errors)));
    Sample sample;
    sample.report = report(guest, child.output, "QEMU");
    sample.timing.instructions = sample.report.total;
    sample.timing.seconds = child.seconds;
    return sample;
}

double mips(double instructions, double seconds) { return seconds > 0 ? instructions / seconds / 1e6 : 0; }

void expect_same(const std::string& guest, const GuestReport& ours, const GuestReport& theirs, const char* other) {
    if (ours.checksum != theirs.checksum)
        throw RunError(fmt::format("{}: checksum {} here, {} {}", guest, ours.checksum, theirs.checksum, other));
    // Harts that contend retire as many instructions as their waiting takes.
    if (ours.harts == 1 && ours.instructions != theirs.instructions)
        throw RunError(
            fmt::format("{}: {} instructions here, {} {}", guest, ours.instructions, theirs.instructions, other));
}

} // namespace

double median_mips(const std::vector<Timing>& runs) { return median_mips_beyond(runs, {Timing{}}); }

double median_mips_beyond(const std::vector<Timing>& runs, const std::vector<Timing>& empty) {
    std::vector<double> seconds, instructions, values;
    for (const Timing& t : empty)
        seconds.push_back(t.seconds), instructions.push_back(static_cast<double>(t.instructions));
    for (const Timing& t : runs)
        values.push_back(mips(static_cast<double>(t.instructions) - median(instructions), t.seconds - median(seconds)));
    return median(values);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    std::size_t n = values.size();
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

std::vector<Row> measure(const Options& options, const std::function<void(const std::string&)>& progress) {
    if (!is_program(options.tollgate)) throw UsageError(fmt::format("{}: no such program", options.tollgate));
    bool with_qemu = is_program(options.qemu);
    Bench bench(options);
    std::vector<Row> rows;
    for (const std::string& guest : options.guests) {
        std::vector<Timing> functional, timed, qemu, empty;
        GuestReport ours;
        for (unsigned run = 1; run <= options.runs; ++run) {
            progress(fmt::format("{}: run {} of {}", guest, run, options.runs));
            Sample without = bench.tollgate(guest, "functional"), with = bench.tollgate(guest, "timed");
            ours = with.report;
            expect_same(guest, ours, without.report, "without timing");
            functional.push_back(without.timing);
            timed.push_back(with.timing);
            if (!with_qemu) continue;
            empty.push_back(bench.qemu("empty", ours.harts).timing);
            Sample theirs = bench.qemu(guest, ours.harts);
            expect_same(guest, ours, theirs.report, "under QEMU");
            qemu.push_back(theirs.timing);
        }
        Row row{guest, ours.instructions, median_mips(functional), median_mips(timed), std::nullopt};
        if (with_qemu) row.qemu_mips = median_mips_beyond(qemu, empty);
        rows.push_back(row);
    }
    return rows;
}

} // namespace tollgate::simspeed
