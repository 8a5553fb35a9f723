#include "report/json.hh"
#include <nlohmann/json.hpp>

namespace tollgate::report {

std::string json_string(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace tollgate::report
