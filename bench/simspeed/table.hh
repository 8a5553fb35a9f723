/// The rows for people and for programs.
#pragma once
#include "simspeed/measure.hh"
#include <string>

namespace tollgate::simspeed {

/// Columns with the ratios to QEMU; `-` where QEMU is absent.
std::string as_table(const std::vector<Row>& rows);

/// `{"rows": [{"guest":, "instructions":, "functional_mips":, "timed_mips":, "qemu_mips":}]}`; null where QEMU is
/// absent.
std::string as_json(const std::vector<Row>& rows);

} // namespace tollgate::simspeed
