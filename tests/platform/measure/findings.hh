/// What a measuring guest printed.
#pragma once
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tollgate {

/// "name value" lines, as printed.
using Findings = std::map<std::string, std::string>;

/// Throws std::runtime_error if a name comes twice or the last line is missing.
inline Findings findings(const std::string& console) {
    Findings found;
    std::istringstream lines(console);
    for (std::string name, value; lines >> name >> value;)
        if (!found.emplace(name, value).second) throw std::runtime_error(name + " twice:\n" + console);
    if (!found.erase("end")) throw std::runtime_error("the guest did not reach its end:\n" + console);
    return found;
}

} // namespace tollgate
