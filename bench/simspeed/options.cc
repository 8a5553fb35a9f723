#include "simspeed/options.hh"
#include "simspeed/guests.hh"
#include <algorithm>
#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>

namespace tollgate::simspeed {

namespace po = boost::program_options;

namespace {

po::options_description visible() {
    po::options_description all("Options");
    auto add = all.add_options();
    add("preset,p", po::value<std::string>()->value_name("NAME"), "machine to start from (default server)");
    add("set,s", po::value<std::vector<std::string>>()->value_name("PATH=VALUE"), "one parameter; repeatable");
    add("harts", po::value<std::string>()->value_name("N"), "one node of N harts instead of the preset's nodes");
    add("json", "print JSON instead of a table");
    add("runs", po::value<std::string>()->value_name("N"), "runs of each, of which the median counts (default 5)");
    add("rounds", po::value<std::string>()->value_name("N"), "rounds of each guest's work instead of its own number");
    add("tollgate", po::value<std::string>()->value_name("FILE"), "the machine's program (default: beside this one)");
    add("qemu", po::value<std::string>()->value_name("FILE"), "QEMU (default qemu-system-riscv64)");
    add("help,h", "print this");
    return all;
}

/// A whole number within a range; boost's own conversion would take -1 as a large one.
std::uint64_t number(const po::variables_map& given, const char* option, std::uint64_t least, std::uint64_t most) {
    const auto& text = given[option].as<std::string>();
    std::uint64_t n = 0;
    bool digits = !text.empty() && text.size() <= 18;
    for (char c : text) {
        digits = digits && c >= '0' && c <= '9';
        n = n * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (!digits || n < least || n > most)
        throw UsageError(fmt::format("--{}: '{}' is not a whole number from {} to {}", option, text, least, most));
    return n;
}

po::variables_map read(const std::vector<std::string>& arguments) {
    po::options_description all = visible();
    all.add_options()("guest", po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add("guest", -1);
    po::variables_map given;
    namespace style = po::command_line_style;
    try {
        po::store(po::command_line_parser(arguments)
                      .options(all)
                      .positional(positional)
                      .style(style::unix_style & ~style::allow_guessing)
                      .run(),
                  given);
    } catch (const po::error& e) { throw UsageError(e.what()); }
    return given;
}

} // namespace

Options parse(const std::vector<std::string>& arguments, const std::string& tollgate) {
    po::variables_map given = read(arguments);
    Options options;
    auto text = [&](const char* name, std::string& into) {
        if (given.count(name)) into = given[name].as<std::string>();
    };
    options.tollgate = tollgate;
    text("preset", options.preset);
    text("tollgate", options.tollgate);
    text("qemu", options.qemu);
    options.json = given.count("json") != 0;
    options.help = given.count("help") != 0;
    if (given.count("set")) options.settings = given["set"].as<std::vector<std::string>>();
    for (const std::string& setting : options.settings)
        if (setting.find('=') == std::string::npos || setting.front() == '=')
            throw UsageError(fmt::format("--set: PATH=VALUE expected, not '{}'", setting));
    if (given.count("harts")) options.harts = static_cast<unsigned>(number(given, "harts", 1, 64));
    if (given.count("runs")) options.runs = static_cast<unsigned>(number(given, "runs", 1, 99));
    if (given.count("rounds")) options.rounds = number(given, "rounds", 1, 1'000'000'000);
    if (given.count("guest"))
        options.guests = given["guest"].as<std::vector<std::string>>();
    else
        options.guests = default_guests();
    for (const std::string& guest : options.guests)
        if (!find_guest(guest))
            throw UsageError(fmt::format("no guest '{}'; there are {}", guest, fmt::join(guest_names(), ", ")));
    return options;
}

void print_help(std::ostream& out) {
    out << "usage: simspeed [--json] [-p PRESET] [-s PATH=VALUE]... [--harts N] [GUEST]...\n"
        << "How many million guest instructions a second this host simulates, beside QEMU on the same guests.\n"
        << fmt::format("Guests: {} (without one: the first five)\n\n", fmt::join(guest_names(), ", ")) << visible();
}

} // namespace tollgate::simspeed
