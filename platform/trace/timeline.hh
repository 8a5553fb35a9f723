/// The timeline of a run: takes events from all models and writes them for Perfetto's viewer and as text.
///
///     models ─> filter, window ─> EventSpool ─ in order of time ─> timeline.perfetto-trace.gz
///                                                              └─> events.csv.gz
///
/// Some 150 MiB of memory whatever the length of the run; events that 64 MiB do not hold lie in a file in the run
/// directory, 80 bytes each, until the run is over. The same events give the same bytes.
#pragma once
#include "trace/event_spool.hh"
#include "trace/rows.hh"
#include "trace/trace_filter.hh"
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::trace {

class CsvWriter;
class PerfettoWriter;

class Timeline final : public TraceSink {
  public:
    Timeline(TraceFilter filter, TraceWindow window, std::size_t capacity = EventSpool::usual_capacity);
    ~Timeline() override;

    TraceTrack track(std::string_view path, EventClasses classes, RowShape shape, std::string_view label) override;
    void instant(std::uint32_t row, const EventType& type, Picoseconds at, const EventValues& values) override;
    void slice(std::uint32_t row, const EventType& type, Picoseconds begin, Picoseconds end,
               const EventValues& values) override;

    /// All tracks have been asked for. Makes the files; before that nothing is written anywhere. Throws
    /// config::UnknownName when the filter names what is not there, std::system_error.
    void check() const { filter_.check(paths_); }
    void open(const std::filesystem::path& folder);
    /// Writes everything; once. Throws std::system_error.
    void finish();
    std::uint64_t events() const { return events_; }

  private:
    std::uint16_t number_of(const EventType& type);

    TraceFilter filter_;
    TraceWindow window_;
    EventSpool spool_;
    std::vector<std::string> paths_;      ///< of all rows that were asked for
    std::vector<Row> rows_;               ///< those that are taken
    std::vector<const EventType*> types_; ///< in the order in which they came
    std::uint64_t events_ = 0;
    std::unique_ptr<CsvWriter> csv_;
    std::unique_ptr<PerfettoWriter> perfetto_;
};

} // namespace tollgate::trace
