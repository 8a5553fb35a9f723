/// What `monitor ...` says in GDB: things of the machine that the protocol has no packet for.
#pragma once
#include "cpu/hart.hh"
#include <functional>
#include <string>
#include <string_view>

namespace tollgate::gdb {

/// The answer, lines of text, never empty. `statistics` gives every counter, a line each. Without effect on the
/// machine.
std::string monitor(cpu::Hart& hart, std::string_view command, const std::function<std::string()>& statistics);

} // namespace tollgate::gdb
