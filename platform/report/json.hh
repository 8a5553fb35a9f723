/// JSON text with a fixed layout: the same bytes for the same values, on any host.
#pragma once
#include <string>
#include <string_view>

namespace tollgate::report {

/// A JSON string literal. Bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

} // namespace tollgate::report
