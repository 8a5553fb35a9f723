/// The timeline as text, an event a line, in order of time:
///
///     time_ps,end_ps,class,path,event,fields
///     12500,90250,miss,node[0].hart[1].l1d,line_missed,line=0x80001040 kind=load source=local
///     13000,,dram,node[0].dram[0],dram_command,command=ACT rank=0 ...
///
/// `end_ps` is empty for what takes no time. No column holds a comma or a quote.
#pragma once
#include "trace/event_spool.hh"
#include "trace/gzip_file.hh"
#include "trace/rows.hh"

namespace tollgate::trace {

class CsvWriter {
  public:
    explicit CsvWriter(const std::filesystem::path& file);
    void event(const EventRecord& record, const EventType& type, const Row& row);
    void close();

  private:
    GzipFile out_;
    std::string text_;
};

} // namespace tollgate::trace
