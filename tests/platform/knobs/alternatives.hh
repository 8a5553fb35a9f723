/// Other values for a parameter, out of what its row says.
#pragma once
#include "config/tree.hh"
#include "platform/knobs/run.hh"

namespace tollgate::knobs {

/// What a parameter can be set to in its place.
struct Alternative {
    std::string path; ///< what is set: the parameter's own, where its row does not ask for all instances at once
    config::Value value;
    std::string text;   ///< of the value
    bool grows = false; ///< larger than now; a choice: away from its default
};

/// Values of the parameter's type, the most telling first: double, half, the ends, the neighbours; the other choices.
/// Only those with which the machine of small() can be built.
std::vector<Alternative> alternatives(const config::Parameter& parameter);

/// Whether the machine of small() can be built with these settings too.
bool can_be_built(const Sets& sets);

/// One parameter of each described row: the first instance.
std::vector<const config::Parameter*> one_of_each(const config::ParamTree& tree);

} // namespace tollgate::knobs
