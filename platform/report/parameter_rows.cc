#include "report/parameter_rows.hh"
#include <nlohmann/json.hpp>

namespace tollgate::report {
namespace {

std::string_view kind_name(Kind kind) {
    switch (kind) {
    case Kind::visible: return "visible";
    case Kind::timing: return "timing";
    case Kind::host: return "host";
    }
    return "";
}

nlohmann::ordered_json range_json(const config::ValueType& type) {
    nlohmann::ordered_json j;
    if (type.form == config::Form::choice) {
        j["choices"] = std::vector<std::string>(type.names.begin(), type.names.end());
    } else if (type.form == config::Form::number) {
        j["min"] = type.range.lo;
        j["max"] = type.range.hi;
        j["power_of_two"] = type.range.pow2;
    }
    return j;
}

} // namespace

std::vector<ParameterRow> parameter_rows(const config::ParamTree& tree) {
    std::vector<ParameterRow> rows;
    const config::PathIndex& paths = tree.paths();
    for (std::size_t s = 0; s < paths.shapes().size(); ++s) {
        const config::Parameter& p = tree.parameters()[paths.shapes()[s].front()];
        rows.push_back({paths.short_name(s), p.path().stars(), p.path().shape(), config::type_name(p.type()), p.print(),
                        p.type().form == config::Form::number ? config::unit_name(p.type().unit) : "",
                        config::print_range(p.type()), kind_name(p.kind()), p.witness().statistic, p.description(),
                        &p});
    }
    return rows;
}

std::string parameters_json(const std::vector<ParameterRow>& rows) {
    nlohmann::ordered_json j = nlohmann::ordered_json::array();
    for (const ParameterRow& r : rows)
        j.push_back({{"name", r.name},
                     {"path", r.path},
                     {"type", r.type},
                     {"default", r.initial},
                     {"unit", r.unit},
                     {"range", range_json(r.parameter->type())},
                     {"kind", r.kind},
                     {"witness", r.witness},
                     {"description", r.description}});
    return j.dump(1) + "\n";
}

} // namespace tollgate::report
