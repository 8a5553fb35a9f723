/// Memory traces as text, for `tollgate dram`: one request a line, read one by one.
#pragma once
#include "base/address.hh"
#include <array>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::trace {

/// One request.
struct MemoryAccess {
    std::uint64_t time = 0; ///< see `in_cycles`; never before the last one's
    bool in_cycles = false; ///< time counts the memory's clocks; else picoseconds
    bool write = false;
    PhysAddr address;
};

/// Reads two kinds of lines; the first request says which kind the file has:
///
///     31: read 0x400140     .stl, as DRAMSys reads it: clock, direction, address; data behind a write are skipped
///     25.8 R 0x400140       nanoseconds, R or W, address in hexadecimal with 0x, or decimal
///
/// Empty lines and those that begin with # are skipped. Needs the same memory for a trace of any length.
class MemoryTraceReader {
  public:
    /// `name` is for messages. The stream outlives the reader.
    MemoryTraceReader(std::istream& in, std::string name) : in_{in}, name_{std::move(name)} {}

    /// The next request, or nothing at the end. Throws config::BadFile for a malformed line, with file and line.
    std::optional<MemoryAccess> next();

    /// Throws config::BadFile about the line that was read last.
    [[noreturn]] void refuse(std::string_view what) const;

  private:
    static constexpr std::size_t longest = 1024;
    bool read_line(std::string_view& text);
    MemoryAccess parse(std::string_view text);

    std::istream& in_;
    std::string name_;
    std::uint64_t line_ = 0;
    std::array<char, longest + 1> buffer_{};
    std::optional<bool> in_cycles_;
    std::uint64_t last_time_ = 0;
};

} // namespace tollgate::trace
