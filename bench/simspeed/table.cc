#include "simspeed/table.hh"
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace tollgate::simspeed {

std::string as_table(const std::vector<Row>& rows) {
    std::string text;
    auto line = [&](auto... cells) {
        fmt::format_to(std::back_inserter(text), "{:<8}{:>14}{:>12}{:>12}{:>12}{:>17}{:>12}\n", cells...);
    };
    auto shown = [](std::optional<double> value, int digits) {
        return value ? fmt::format("{:.{}f}", *value, digits) : std::string("-");
    };
    line("guest", "instructions", "functional", "timed", "QEMU", "functional/QEMU", "timed/QEMU");
    line("", "", "MIPS", "MIPS", "MIPS", "", "");
    for (const Row& row : rows) {
        std::optional<double> functional_ratio, timed_ratio;
        if (row.qemu_mips && *row.qemu_mips > 0) {
            functional_ratio = row.functional_mips / *row.qemu_mips;
            timed_ratio = row.timed_mips / *row.qemu_mips;
        }
        line(row.guest, row.instructions, shown(row.functional_mips, 1), shown(row.timed_mips, 1),
             shown(row.qemu_mips, 1), shown(functional_ratio, 3), shown(timed_ratio, 3));
    }
    return text;
}

std::string as_json(const std::vector<Row>& rows) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const Row& row : rows) {
        nlohmann::ordered_json one{{"guest", row.guest},
                                   {"instructions", row.instructions},
                                   {"functional_mips", row.functional_mips},
                                   {"timed_mips", row.timed_mips}};
        one["qemu_mips"] = row.qemu_mips ? nlohmann::ordered_json(*row.qemu_mips) : nlohmann::ordered_json(nullptr);
        all.push_back(std::move(one));
    }
    return nlohmann::ordered_json{{"rows", all}}.dump(2) + "\n";
}

} // namespace tollgate::simspeed
