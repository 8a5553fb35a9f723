/// Puts any number of events in order of time with a fixed amount of memory.
///
/// A slice is known when it ends, and its begin may lie as far back as the run is long: no buffer of fixed size can
/// wait for it. So full buffers are sorted and put aside in a file without a name, and merged at the end.
#pragma once
#include "base/trace_sink.hh"
#include <filesystem>
#include <functional>
#include <vector>

namespace tollgate::trace {

/// An event as it is kept: 80 bytes, whatever it is.
struct EventRecord {
    std::uint64_t begin = 0, end = 0; ///< picoseconds; an instant's are equal
    std::uint64_t sequence = 0;       ///< how many came before it
    std::uint32_t row = 0;
    std::uint16_t type = 0;
    bool instant = false;
    EventValues values{};
};

/// By begin, row, the longer first, then as they came.
bool comes_before(const EventRecord& a, const EventRecord& b);

class EventSpool {
  public:
    /// Records that are held in memory; as many again at most while they are merged.
    static constexpr std::size_t usual_capacity = (64 << 20) / sizeof(EventRecord);

    explicit EventSpool(std::size_t capacity = usual_capacity);
    ~EventSpool();
    EventSpool(const EventSpool&) = delete;

    /// Where records go that memory does not hold; the file has no name there and vanishes with the program. Throws
    /// std::system_error.
    void open(const std::filesystem::path& folder);
    /// Never throws: what cannot be kept is for for_each() to say.
    void add(const EventRecord& record);
    /// All records in order, once. Throws std::system_error when one could not be kept or read.
    void for_each(const std::function<void(const EventRecord&)>& f);

  private:
    struct Run;
    void sort();
    void put_aside();

    std::size_t capacity_;
    std::filesystem::path folder_;
    int file_ = -1;
    int error_ = 0; ///< of the first write that failed
    std::vector<EventRecord> held_;
    std::vector<std::size_t> runs_; ///< records of each sorted run in the file
    std::uint64_t added_ = 0;
};

} // namespace tollgate::trace
