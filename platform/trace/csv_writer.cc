#include "trace/csv_writer.hh"
#include <fmt/format.h>
#include <iterator>

namespace tollgate::trace {
namespace {
constexpr std::size_t enough = 64 * 1024; // bytes handed to the compressor at a time
} // namespace

CsvWriter::CsvWriter(const std::filesystem::path& file) : out_{file} {
    out_.write("time_ps,end_ps,class,path,event,fields\n");
}

void CsvWriter::event(const EventRecord& r, const EventType& type, const Row& row) {
    const auto out = std::back_inserter(text_);
    fmt::format_to(out, "{},", r.begin);
    if (!r.instant) fmt::format_to(out, "{}", r.end);
    fmt::format_to(out, ",{},{},{},", Choice<EventClass>::names[static_cast<std::size_t>(type.event_class)], row.path,
                   type.name);
    const char* gap = "";
    for (std::size_t i = 0; i < type.field_count; ++i) {
        const EventField& f = type.all_fields[i];
        const std::uint64_t v = r.values[i];
        if (v < f.names.size())
            fmt::format_to(out, "{}{}={}", gap, f.name, f.names[v]);
        else if (f.radix == Radix::hex)
            fmt::format_to(out, "{}{}=0x{:x}", gap, f.name, v);
        else
            fmt::format_to(out, "{}{}={}", gap, f.name, v);
        gap = " ";
    }
    text_ += '\n';
    if (text_.size() < enough) return;
    out_.write(text_);
    text_.clear();
}

void CsvWriter::close() {
    out_.write(text_);
    text_.clear();
    out_.close();
}

} // namespace tollgate::trace
