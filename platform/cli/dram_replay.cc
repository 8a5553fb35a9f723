#include "cli/dram_replay.hh"
#include "report/json.hh"
#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <utility>

namespace tollgate::cli {
namespace {

/// The replay's one channel.
mem::DramParams one_channel(mem::DramParams p) {
    p.channels = 1;
    return p;
}

/// n / of with three decimals, rounded down: the same on every host.
std::string decimal(std::uint64_t n, std::uint64_t of) {
    __extension__ using Wide = unsigned __int128;
    const auto thousandths = static_cast<std::uint64_t>(of == 0 ? 0 : static_cast<Wide>(n) * 1000 / of);
    return fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
}

constexpr std::pair<std::string_view, std::uint64_t> percentiles[] = {{"p50", 500}, {"p90", 900},  {"p95", 950},
                                                                      {"p99", 990}, {"p999", 999}, {"max", 1000}};

std::vector<std::pair<std::string_view, Count>> command_counts(const mem::DramCounters& c) {
    using enum mem::Command;
    const auto name = [](mem::Command k) { return mem::command_names[mem::index(k)]; };
    return {{name(act), c.activates},      {name(pre), c.precharges},    {name(prea), c.refreshes},
            {name(rd), c.column_reads},    {name(rda), c.closing_reads}, {name(wr), c.column_writes},
            {name(wra), c.closing_writes}, {name(ref), c.refreshes}};
}

/// A line for each quarter of a power of two in which there are samples.
std::string histogram(const Histogram& h) {
    constexpr unsigned widest = 50;
    struct Line {
        std::uint64_t from, to;
        Count n;
    };
    std::vector<Line> lines;
    const auto quarter = [](std::uint64_t v) {
        const auto width = static_cast<unsigned>(std::bit_width(v));
        return width < 3 ? static_cast<unsigned>(v) : 4 * width + static_cast<unsigned>(v >> (width - 3));
    };
    for (unsigned b = 0; b < Histogram::buckets; ++b) {
        const Count n = h.in_bucket(b);
        if (n == 0) continue;
        const std::uint64_t from = Histogram::first_of(b), to = Histogram::first_of(b + 1) - 1;
        if (lines.empty() || quarter(lines.back().from) != quarter(from)) lines.push_back({from, to, 0});
        lines.back().to = to;
        lines.back().n += n;
    }
    Count most = 1;
    for (const Line& l : lines) most = std::max(most, l.n);
    std::string r;
    for (const Line& l : lines)
        r += fmt::format("  {:>8} to {:<8} {:>12}  {}\n", l.from, l.to, l.n,
                         std::string(std::max<Count>(1, l.n * widest / most), '#'));
    return r;
}

} // namespace

DramReplay::DramReplay(const mem::DramParams& params, const mem::DramTimingParams& exceptions)
    : params_{one_channel(params)}, clock_{mem::dram_clock(params_)},
      mapping_{params_.mapping, params_.channels, params_.ranks}, channel_{params_, exceptions} {}

void DramReplay::run(trace::MemoryTraceReader& reader) {
    mem::Clock taken = 0;
    while (const auto a = reader.next()) {
        if (a->address.value() >= mapping_.capacity().count())
            reader.refuse(fmt::format("address 0x{:x} lies behind the channel's {} GiB", a->address.value(),
                                      mapping_.capacity().count() >> 30));
        const mem::Clock due = a->in_cycles ? a->time : clock_.cycle_at_or_after(Picoseconds{a->time}).count();
        taken = channel_.post({.at = mapping_.decode(a->address), .arrival = std::max(due, taken), .write = a->write});
        if (requests_++ == 0) first_ = taken;
    }
    finish_ = channel_.drain();
}

std::string DramReplay::bandwidth() const {
    const Picoseconds span = clock_.time_of(Cycles{finish_}) - clock_.time_of(Cycles{first_});
    return decimal(requests_ * line_bytes * 1000, span.count()); // B/ps is 1000 GB/s
}

std::string DramReplay::table(std::string_view name) const {
    const mem::DramCounters& c = channel_.counters();
    const Histogram& h = channel_.read_latency();
    std::string r;
    const auto row = [&r](std::string_view label, std::string_view text) {
        r += fmt::format("{:<14}{}\n", label, text);
    };
    const std::uint64_t hertz = clock_.frequency().count();
    row("trace", name);
    row("memory",
        fmt::format("{}, {} x 8 GiB, rows {}, {}", Choice<mem::DramSpeed>::names[static_cast<int>(params_.speed)],
                    params_.ranks, Choice<mem::PagePolicy>::names[static_cast<int>(params_.page_policy)],
                    Choice<mem::DramSchedulerKind>::names[static_cast<int>(params_.scheduler)]));
    row("requests", fmt::format("{} ({} reads, {} writes; {} reads forwarded from the write queue)", requests_, c.reads,
                                c.writes, c.forwarded));
    row("finish", fmt::format("{} cycles, {} ns", finish_, decimal(clock_.time_of(Cycles{finish_}).count(), 1000)));
    row("bandwidth", fmt::format("{} GB/s of {} GB/s", bandwidth(), decimal(hertz * 16, 1'000'000'000)));
    std::string latency = fmt::format("mean {}", decimal(h.sum(), h.count()));
    for (const auto& [label, permille] : percentiles) latency += fmt::format(", {} {}", label, h.permille(permille));
    row("read latency", latency + " cycles");
    row("rows", fmt::format("{} hits, {} closed, {} conflicts", c.row_hits, c.row_closed, c.row_conflicts));
    std::string commands;
    for (const auto& [command, n] : command_counts(c))
        commands += fmt::format("{}{} {}", commands.empty() ? "" : ", ", command, n);
    row("commands", commands);
    row("refreshes", fmt::format("{}", c.refreshes));
    row("turn-arounds", fmt::format("{}", c.turn_arounds));
    if (h.count() > 0) r += "reads by latency in cycles\n" + histogram(h);
    return r;
}

std::string DramReplay::json() const {
    const mem::DramCounters& c = channel_.counters();
    const Histogram& h = channel_.read_latency();
    std::string latency, commands;
    for (const auto& [label, permille] : percentiles)
        latency +=
            fmt::format("{}{}: {}", latency.empty() ? "" : ", ", report::json_string(label), h.permille(permille));
    for (const auto& [command, n] : command_counts(c))
        commands += fmt::format("{}{}: {}", commands.empty() ? "" : ", ", report::json_string(command), n);
    return fmt::format("{{\n \"requests\": {},\n \"finish_cycles\": {},\n \"finish_ns\": {},\n"
                       " \"mean_read_latency_cycles\": {},\n \"latency_percentiles\": {{{}}},\n"
                       " \"bandwidth_gb_s\": {},\n \"commands\": {{{}}},\n \"row_hits\": {}\n}}\n",
                       requests_, finish_, decimal(clock_.time_of(Cycles{finish_}).count(), 1000),
                       decimal(h.sum(), h.count()), latency, bandwidth(), commands, c.row_hits);
}

} // namespace tollgate::cli
