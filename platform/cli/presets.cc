// tollgate presets [--show NAME]: the machines that come with the program.
#include "config/presets.hh"
#include "cli/options.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::cli {

int presets(const Arguments& args) {
    Grammar grammar{"presets", "[--show NAME]", {"Options"}};
    grammar.named.add_options()("show", boost::program_options::value<std::string>()->value_name("NAME"),
                                "print one, as TOML");
    const Parsed parsed = parse(std::move(grammar), args);
    if (parsed.help) return 0;
    if (parsed.values.count("show") > 0) {
        fmt::print("{}", config::find_preset(parsed.values["show"].as<std::string>()).toml);
        return 0;
    }
    std::size_t width = 0;
    for (const config::Preset& p : config::presets()) width = std::max(width, p.name.size());
    for (const config::Preset& p : config::presets()) fmt::print("{:<{}}  {}\n", p.name, width, p.summary());
    return 0;
}

} // namespace tollgate::cli
