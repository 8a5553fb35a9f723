#include "trace/timeline.hh"
#include "trace/csv_writer.hh"
#include "trace/perfetto_writer.hh"
#include <algorithm>

namespace tollgate::trace {

Timeline::Timeline(TraceFilter filter, TraceWindow window, std::size_t capacity)
    : filter_{std::move(filter)}, window_{window}, spool_{capacity} {}
Timeline::~Timeline() = default;

TraceTrack Timeline::track(std::string_view path, EventClasses classes, RowShape shape, std::string_view label) {
    paths_.emplace_back(path);
    if ((classes & filter_.classes()).empty() || !filter_.takes_path(path)) return {};
    rows_.push_back({std::string{path}, std::string{label}, shape});
    return {*this, static_cast<std::uint32_t>(rows_.size() - 1)};
}

std::uint16_t Timeline::number_of(const EventType& type) {
    const auto known = std::find(types_.begin(), types_.end(), &type);
    const auto number = static_cast<std::uint16_t>(known - types_.begin());
    if (known == types_.end()) types_.push_back(&type);
    return number;
}

void Timeline::instant(std::uint32_t row, const EventType& type, Picoseconds at, const EventValues& values) {
    if (!filter_.takes(type.event_class) || !window_.contains(at, at)) return;
    ++events_;
    spool_.add({at.count(), at.count(), 0, row, number_of(type), true, values});
}

void Timeline::slice(std::uint32_t row, const EventType& type, Picoseconds begin, Picoseconds end,
                     const EventValues& values) {
    if (!filter_.takes(type.event_class) || !window_.contains(begin, end)) return;
    ++events_;
    spool_.add({begin.count(), std::max(begin, end).count(), 0, row, number_of(type), false, values});
}

void Timeline::open(const std::filesystem::path& folder) {
    spool_.open(folder);
    csv_ = std::make_unique<CsvWriter>(folder / "events.csv.gz");
    perfetto_ = std::make_unique<PerfettoWriter>(folder / "timeline.perfetto-trace.gz", rows_);
}

void Timeline::finish() {
    std::vector<Lanes> lanes;
    for (const Row& r : rows_) lanes.emplace_back(r.shape);
    OpenSlices open;
    const auto end_until = [&](Picoseconds t) {
        while (const auto e = open.pop_until(t)) perfetto_->end(*e);
    };
    spool_.for_each([&](const EventRecord& r) {
        const EventType& type = *types_[r.type];
        csv_->event(r, type, rows_[r.row]);
        const Picoseconds begin{r.begin}, end{r.end};
        end_until(begin);
        if (r.instant) return perfetto_->instant(r, type);
        const std::uint32_t lane = lanes[r.row].place(begin, end);
        perfetto_->begin(r, type, lane);
        open.push({end, r.row, lane});
    });
    end_until(Picoseconds{std::numeric_limits<std::uint64_t>::max()});
    csv_->close();
    perfetto_->close();
}

} // namespace tollgate::trace
