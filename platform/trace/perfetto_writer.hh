/// The timeline in Perfetto's format (perfetto.dev): a stream of protobuf TracePackets with track events.
///
/// A node is a process, each of its units a thread, and what lies deeper in a path a track below its unit's; everything
/// outside nodes is the process "machine". Perfetto counts nanoseconds: times are rounded down, which keeps every
/// order, and the exact ones stand at each event as begin_ps and end_ps, or time_ps.
#pragma once
#include "trace/event_spool.hh"
#include "trace/gzip_file.hh"
#include "trace/rows.hh"
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::trace {

class PerfettoWriter {
  public:
    /// The rows are all that will come.
    PerfettoWriter(const std::filesystem::path& file, const std::vector<Row>& rows);
    /// Events in order of time.
    void begin(const EventRecord& record, const EventType& type, std::uint32_t lane);
    void end(const OpenSlices::End& end);
    void instant(const EventRecord& record, const EventType& type);
    void close();

  private:
    struct Place {                        // where a row is drawn
        std::uint64_t unit = 0;           // uuid of its unit's track
        std::string name;                 // below that; empty: the unit's track itself
        std::vector<std::uint64_t> lanes; // [lane]: uuids, 0: not yet written
    };
    enum Type : std::uint32_t { slice_begin = 1, slice_end = 2, just_instant = 3 };

    std::uint64_t process(const std::string& name);
    std::uint64_t unit(const std::string& process, const std::string& name);
    std::uint64_t track(std::uint32_t row, std::uint32_t lane);
    void event(const EventRecord& record, const EventType& type, std::uint32_t lane, Type kind);
    std::string name_of(const EventRecord& record, const EventType& type) const;
    void flush(std::size_t keep);

    /// Numbers for words that packets repeat; each is written with the packet that has it first.
    struct Interned {
        std::map<std::string, std::uint64_t, std::less<>> numbers;
        /// The word's number, and whether it is new.
        std::pair<std::uint64_t, bool> operator()(std::string_view word);
    };

    GzipFile out_;
    std::string bytes_;
    std::vector<Place> places_; // [row]
    std::map<std::string, std::uint64_t> processes_;
    std::map<std::pair<std::uint64_t, std::string>, std::uint64_t> units_;
    std::uint64_t tracks_ = 0; ///< uuids given so far
    Interned classes_, names_, fields_;
};

} // namespace tollgate::trace
