/// The guest programs inside `simspeed`, and the line that each ends with.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::simspeed {

/// Names that a user may give.
std::vector<std::string> guest_names();
/// What runs when none is given.
std::vector<std::string> default_guests();
/// The image of a guest (also of `empty`, which users cannot name), or nothing.
std::optional<std::span<const std::byte>> guest_image(std::string_view name);
/// Whether a user may name it.
bool find_guest(std::string_view name);

/// "alu: checksum 0x0123456789abcdef instructions 100 total 200 harts 1"
struct GuestReport {
    std::string checksum;
    std::uint64_t instructions = 0; ///< in the region of interest, all harts
    std::uint64_t total =
        0; ///< since the first one, by the reporting hart's counter; under QEMU's -icount all harts count in it
    unsigned harts = 0;
};

/// Finds the guest's line in what the machine printed; nothing if it is not there, complete and in this form.
std::optional<GuestReport> find_report(std::string_view console, std::string_view guest);

} // namespace tollgate::simspeed
