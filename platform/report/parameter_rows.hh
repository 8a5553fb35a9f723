/// Parameters as rows of a table: one for all instances that share a descriptor.
#pragma once
#include "config/tree.hh"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::report {

struct ParameterRow {
    std::string name;      ///< the shortest unambiguous tail, as users type it: l2.size
    std::string path;      ///< node[*].hart[*].l2.size
    std::string shape;     ///< node.hart.l2.size
    std::string_view type; ///< size, number, choice, ...
    std::string initial;   ///< the value in this tree, of the first instance
    std::string_view unit;
    std::string range;
    std::string_view kind; ///< visible, timing, host
    std::string_view witness;
    std::string_view description;
    const config::Parameter* parameter;
};

/// In the tree's order. The rows point into it.
std::vector<ParameterRow> parameter_rows(const config::ParamTree& tree);

/// An array of objects with name, path, type, default, unit, range (min and max as counts of the unit, or choices),
/// kind, witness and description.
std::string parameters_json(const std::vector<ParameterRow>& rows);

} // namespace tollgate::report
