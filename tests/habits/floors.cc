#include "habits/rules.hh"
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>

namespace tollgate::habits {
namespace {

/// A floor's folder, what of the project it may include, and whether it may know SystemC.
struct Floor {
    std::string_view folder;
    std::vector<std::string_view> below;
    bool systemc;
};

const std::vector<std::string_view> models{"models/base", "models/abi", "models/tlm", "models/mem", "models/cache",
                                           "models/bus",  "models/mmu", "models/dev", "models/cpu"};

/// The table of docs/architecture.md. Folders that are not here (tests, bench, tools) may include anything.
const std::vector<Floor>& table() {
    static const std::vector<std::string_view> tlm_and_below{"models/tlm", "models/base", "models/abi"};
    static const std::vector<std::string_view> reports{"models/base", "models/abi", "firmware/uapi", "platform/config"};
    static const std::vector<std::string_view> all_models_and_config = [] {
        auto r = models;
        r.push_back("platform/config");
        return r;
    }();
    static const std::vector<std::string_view> machine_and_below = [] {
        auto r = all_models_and_config;
        r.push_back("platform/machine");
        return r;
    }();
    static const std::vector<std::string_view> all_of_platform = [] {
        auto r = all_models_and_config;
        for (const auto f : {"platform/trace", "platform/report", "platform/sweep", "platform/machine", "platform/gdb",
                             "firmware/uapi"})
            r.push_back(f);
        return r;
    }();
    static const std::vector<std::string_view> under_firmware{"models/abi", "firmware/uapi"};
    static const std::vector<Floor> floors{
        {"models/base", {}, false},
        {"models/abi", {}, false},
        {"firmware/uapi", {}, false},
        {"models/tlm", {"models/base", "models/abi"}, true},
        {"models/mem", tlm_and_below, true},
        {"models/cache", tlm_and_below, true},
        {"models/bus", tlm_and_below, true},
        {"models/mmu", tlm_and_below, true},
        {"models/dev", tlm_and_below, true},
        {"models/cpu", {"models/mmu", "models/cache", "models/tlm", "models/base", "models/abi"}, true},
        {"platform/config", {"models/base", "models/abi", "firmware/uapi"}, false},
        {"platform/trace", reports, false},
        {"platform/report", reports, false},
        {"platform/sweep", {"models/base", "models/abi", "platform/config", "platform/report"}, false},
        {"platform/machine", all_models_and_config, true},
        {"platform/gdb", machine_and_below, true},
        {"platform/cli", all_of_platform, true},
        {"firmware", under_firmware, false},
        {"scenarios", all_of_platform, true},
    };
    return floors;
}

const Floor* floor_of(std::string_view file) {
    for (const Floor& f : table())
        if (file.starts_with(f.folder) && file.substr(f.folder.size()).starts_with('/')) return &f;
    return nullptr;
}

/// A folder's height inside firmware; folders of one height may not include each other.
std::optional<int> firmware_height(std::string_view file) {
    static const std::vector<std::vector<std::string_view>> heights{
        {"lib"},     {"arch"},    {"phys"}, {"sched"}, {"vm"}, {"block"}, {"fs", "net", "ipc", "ring"},
        {"drivers"}, {"syscall"}, {"init"}};
    if (!file.starts_with("firmware/")) return {};
    file.remove_prefix(9);
    const std::string_view folder = file.substr(0, file.find('/'));
    for (std::size_t h = 0; h < heights.size(); ++h)
        if (std::find(heights[h].begin(), heights[h].end(), folder) != heights[h].end()) return static_cast<int>(h);
    return {};
}

std::string second_level(std::string_view file) {
    const std::size_t first = file.find('/');
    return std::string{file.substr(0, file.find('/', first + 1))};
}

bool inside_firmware(std::string_view from, std::string_view to) {
    const auto a = firmware_height(from), b = firmware_height(to);
    return a && b && *b < *a;
}

bool is_systemc(std::string_view header) {
    return header == "systemc" || header == "systemc.h" || header == "tlm" || header == "tlm.h"
           || header.starts_with("tlm_utils/") || header.starts_with("sysc/");
}

} // namespace

Violations floors(const SourceTree& tree) {
    Violations r;
    for (const auto& [file, text] : tree) {
        const Floor* floor = floor_of(file);
        if (floor == nullptr) continue;
        for (const Include& i : includes(tree, file)) {
            const std::string where = fmt::format("{}:{}", file, i.line);
            if (!floor->systemc && is_systemc(i.target))
                r.push_back(fmt::format("{}: {} must build without SystemC", where, floor->folder));
            if (!i.known || second_level(i.target) == second_level(file)) continue;
            const Floor* target = floor_of(i.target);
            const bool same = target == floor && floor->folder != "firmware";
            const bool down =
                target != nullptr
                && std::find(floor->below.begin(), floor->below.end(), target->folder) != floor->below.end();
            if (!same && !down && !inside_firmware(file, i.target))
                r.push_back(fmt::format("{}: {} may not include {}", where, floor->folder, i.target));
        }
    }
    return r;
}

} // namespace tollgate::habits
