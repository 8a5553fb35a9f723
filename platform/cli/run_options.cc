#include "cli/run_options.hh"
#include "cli/exit_code.hh"
#include <charconv>
#include <fmt/format.h>

namespace tollgate::cli {
namespace po = boost::program_options;
namespace {

std::optional<std::string> text(const po::variables_map& values, const char* name) {
    return values.count(name) > 0 ? std::optional{values[name].as<std::string>()} : std::nullopt;
}

std::uint16_t port(const std::string& s) {
    std::uint16_t n = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
    if (error != std::errc{} || end != s.data() + s.size())
        throw UsageError(
            fmt::format("--gdb: {} is not a port; expected 1 to 65535, or 0 for any that is free", config::quoted(s)));
    return n;
}

trace::TraceFilter filter(const std::string& s) {
    try {
        return trace::TraceFilter{s};
    } catch (const config::BadValue& e) { throw UsageError(fmt::format("--trace: {}", e.what())); }
}

trace::TraceWindow window(const std::string& s) {
    const std::size_t colon = s.find(':');
    if (colon == std::string::npos || s.size() == 1)
        throw UsageError(fmt::format(
            "--trace-window: {} is no window; expected FROM:TO such as 10us:20us, 10us: or :20us", config::quoted(s)));
    trace::TraceWindow w;
    if (colon > 0) w.from = Picoseconds{option_picoseconds("--trace-window", s.substr(0, colon))};
    if (colon + 1 < s.size()) w.to = Picoseconds{option_picoseconds("--trace-window", s.substr(colon + 1))};
    if (w.from >= w.to) throw UsageError(fmt::format("--trace-window: {} ends before it begins", config::quoted(s)));
    return w;
}

po::typed_value<std::string>* word(const char* name) { return po::value<std::string>()->value_name(name); }

} // namespace

void add_run_options(po::options_description& named) {
    add_machine_options(named);
    named.add_options()("out,o", word("DIR"), "run directory (default runs/NAME, then runs/NAME.2, ...)")(
        "force", "overwrite the results in a named run directory")("limit", word("TIME"),
                                                                   "stop after this much simulated time, with exit 4")(
        "host-limit", word("TIME"), "stop after this much wall time, with exit 4")(
        "gdb", word("PORT"), "let GDB debug the guest, at this port of 127.0.0.1 (0: any, see standard error)")(
        "gdb-wait", "do not start before the debugger says so")(
        "trace", word("FILTER")->implicit_value(""),
        "write the timeline; --trace=miss,node[0].hart[1] limits it to classes of events (hart, marker, trap, tlb, "
        "miss, "
        "coherence, dram, link, device, dma) and units")("trace-window", word("FROM:TO"),
                                                         "only this part of simulated time, such as 10us:20us")(
        "quiet", "say nothing but errors")("verbose", "say more, on standard error");
}

RunOptions run_options(const po::variables_map& values) {
    RunOptions r;
    r.machine = machine_assignments(values);
    if (const auto out = text(values, "out")) {
        if (out->empty()) throw UsageError("--out: the name is empty");
        r.out = *out;
    }
    r.force = values.count("force") > 0;
    if (const auto t = text(values, "limit")) r.limit = Picoseconds{option_picoseconds("--limit", *t)};
    if (const auto t = text(values, "host-limit")) r.host_limit = Picoseconds{option_picoseconds("--host-limit", *t)};
    if (const auto p = text(values, "gdb")) r.gdb_port = port(*p);
    r.gdb_wait = values.count("gdb-wait") > 0;
    if (r.gdb_wait && !r.gdb_port) throw UsageError("--gdb-wait: needs --gdb PORT");
    if (const auto f = text(values, "trace")) r.trace = filter(*f);
    if (const auto w = text(values, "trace-window")) {
        if (!r.trace) throw UsageError("--trace-window: needs --trace");
        r.trace_window = window(*w);
    }
    r.quiet = values.count("quiet") > 0;
    r.verbose = values.count("verbose") > 0;
    if (r.quiet && r.verbose) throw UsageError("--quiet and --verbose exclude each other");
    return r;
}

std::optional<BootOptions> boot_options(const Arguments& args) {
    Grammar grammar{"boot", "[options]", {"Options"}};
    grammar.named.add_options()("bios", word("FILE"), "firmware, or none: all harts start at the kernel's entry")(
        "kernel", word("FILE"), "what the firmware starts")("initrd", word("FILE"),
                                                            "the kernel's first root file system")(
        "append", word("TEXT"), "the kernel's command line")("dtb", word("FILE"),
                                                             "a device tree in place of the machine's own")(
        "dma-script", po::value<std::vector<std::string>>()->value_name("FILE"),
        "a bus master that reads and writes memory as the file says; repeatable");
    add_run_options(grammar.named);
    const Parsed parsed = parse(std::move(grammar), args);
    if (parsed.help) return {};
    BootOptions r;
    r.run = run_options(parsed.values);
    r.bios = text(parsed.values, "bios");
    for (const auto& [name, file] : {std::pair{"kernel", &r.kernel}, {"initrd", &r.initrd}, {"dtb", &r.dtb}})
        if (const auto f = text(parsed.values, name)) *file = *f;
    r.append = text(parsed.values, "append").value_or("");
    if (parsed.values.count("dma-script") > 0)
        r.dma_scripts = parsed.values["dma-script"].as<std::vector<std::string>>();
    if (r.bios == "none" && !r.kernel) throw UsageError("boot: --bios none needs --kernel FILE");
    return r;
}

} // namespace tollgate::cli
