#include "report/host_report.hh"
#include "report/json.hh"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tollgate::report {

std::string_view version() { return TOLLGATE_VERSION; }

std::string host_json(const HostReport& host, const config::ParamTree& parameters, const StatTree& counters) {
    nlohmann::ordered_json j;
    j["version"] = version();
    j["compiler"] = __VERSION__;
    j["wall_seconds"] = host.wall_seconds;
    j["instructions"] = host.instructions;
    j["instructions_per_second"] =
        host.wall_seconds > 0 ? static_cast<double>(host.instructions) / host.wall_seconds : 0.0;
    j["reproducible"] = host.reproducible;
    auto& origins = j["parameters"] = nlohmann::ordered_json::object();
    for (const config::Parameter& p : parameters.parameters())
        if (p.origin().source != config::Origin::Source::initial)
            origins[p.path().text()] = {{"value", p.print()}, {"from", p.origin().text()}};
    j["counters"] = nlohmann::ordered_json::parse(stats_json(counters, counters.snapshot()));
    return j.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace tollgate::report
