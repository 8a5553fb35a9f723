/// What a transaction on a hart's line socket says beyond TLM-2.0's generic payload: a read asks for a line, a write
/// hands a written one down; an ignore with `care` is a cache-block operation, without it says that what the last read
/// brought has found its place.
///
/// The bytes stay in memory, which all harts share; the transaction moves the right to them and takes its time. Times
/// are absolute and stand here, not in b_transport's delay, which is zero: a request may lie a little before SystemC's
/// time, and a miss that converts nothing is cheap.
#pragma once
#include "cache/tag_array.hh"
#include "cpu/port.hh"
#include <optional>
#include <tlm>

namespace tollgate::cpu {

class LineExtension : public ::tlm::tlm_extension<LineExtension> {
  public:
    Picoseconds at{};       ///< of the request
    Picoseconds done{};     ///< answer: when it has been served
    bool exclusive = false; ///< to be written
    bool has_line = false;  ///< the L1D has the data, only the right is missing
    std::optional<LineCare> care;
    cache::LineState granted = cache::LineState::shared; ///< answer: what the hart may do with it
    mmu::Source source = mmu::Source::local;             ///< answer: who served it
    bool more = false; ///< answer: an ignore is wanted once the line is in place: prefetchers wait for it

    ::tlm::tlm_extension_base* clone() const override { return new LineExtension(*this); }
    void copy_from(const ::tlm::tlm_extension_base& from) override { *this = static_cast<const LineExtension&>(from); }
};

} // namespace tollgate::cpu
