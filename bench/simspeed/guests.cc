#include "simspeed/guests.hh"
#include "embedded/alu.hh"
#include "embedded/chase.hh"
#include "embedded/copies.hh"
#include "embedded/empty.hh"
#include "embedded/lock.hh"
#include "embedded/matmul.hh"
#include "embedded/memcpy.hh"
#include "embedded/memset.hh"
#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

namespace tollgate::simspeed {

namespace {

struct Guest {
    std::string_view name;
    std::span<const std::byte> (*image)();
    bool named;      ///< by users
    bool by_default; ///< runs when none is named
};

constexpr std::array<Guest, 8> guests{{
    {"alu", embedded::alu, true, true},
    {"memcpy", embedded::memcpy, true, true},
    {"chase", embedded::chase, true, true},
    {"matmul", embedded::matmul, true, true},
    {"memset", embedded::memset, true, true},
    {"lock", embedded::lock, true, false},
    {"copies", embedded::copies, true, false},
    {"empty", embedded::empty, false, false},
}};

std::vector<std::string> names(bool Guest::*which) {
    std::vector<std::string> result;
    for (const Guest& guest : guests)
        if (guest.*which) result.emplace_back(guest.name);
    return result;
}

} // namespace

std::vector<std::string> guest_names() { return names(&Guest::named); }
std::vector<std::string> default_guests() { return names(&Guest::by_default); }

std::optional<std::span<const std::byte>> guest_image(std::string_view name) {
    for (const Guest& guest : guests)
        if (guest.name == name) return guest.image();
    return std::nullopt;
}

bool find_guest(std::string_view name) {
    return std::any_of(guests.begin(), guests.end(), [&](const Guest& g) { return g.named && g.name == name; });
}

std::optional<GuestReport> find_report(std::string_view console, std::string_view guest) {
    std::string start = std::string(guest) + ": checksum ";
    std::size_t from = console.find(start);
    if (from == console.npos) return std::nullopt;
    std::size_t end = console.find('\n', from);
    if (end == console.npos) return std::nullopt;
    std::string line(console.substr(from + start.size(), end - from - start.size()));
    GuestReport report;
    std::array<char, 19> checksum{};
    int fields = std::sscanf(line.c_str(), "%18s instructions %" SCNu64 " total %" SCNu64 " harts %u", checksum.data(),
                             &report.instructions, &report.total, &report.harts);
    report.checksum = checksum.data();
    if (fields != 4 || report.checksum.size() != 18) return std::nullopt;
    return report;
}

} // namespace tollgate::simspeed
