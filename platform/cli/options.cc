#include "cli/options.hh"
#include "cli/exit_code.hh"
#include "config/nearest.hh"
#include "config/presets.hh"
#include <fmt/format.h>
#include <sstream>

namespace tollgate::cli {
namespace po = boost::program_options;
namespace {

std::vector<std::string> long_names(const po::options_description& named) {
    std::vector<std::string> r;
    for (const auto& option : named.options()) r.push_back("--" + option->long_name());
    return r;
}

[[noreturn]] void fail(const Grammar& g, std::string_view what) {
    throw UsageError(fmt::format("{}: {}", g.command, what));
}

po::parsed_options read(const Grammar& g, const Arguments& args) {
    namespace style = po::command_line_style;
    constexpr int strict = style::allow_long | style::long_allow_next | style::long_allow_adjacent | style::allow_short
                           | style::short_allow_next | style::short_allow_adjacent | style::allow_dash_for_short
                           | style::allow_sticky;
    try {
        return po::command_line_parser(args).options(g.named).style(strict).allow_unregistered().run();
    } catch (const po::error& e) { fail(g, e.what()); }
}

} // namespace

Parsed parse(Grammar grammar, const Arguments& args) {
    grammar.named.add_options()("help,h", "this text");
    Parsed r;
    const po::parsed_options options = read(grammar, args);
    for (const po::option& o : options.options) {
        if (o.unregistered) {
            const std::string& name = o.original_tokens.front();
            const auto known = long_names(grammar.named);
            const bool is_long = name.starts_with("--");
            fail(grammar, fmt::format("unknown option {}{}", config::quoted(name),
                                      is_long ? fmt::format("; did you mean {}?",
                                                            config::nearest(name.substr(0, name.find('=')), known))
                                              : "; --help lists the options"));
        }
        if (o.position_key >= 0) r.words.insert(r.words.end(), o.value.begin(), o.value.end());
    }
    try {
        po::store(options, r.values);
        po::notify(r.values);
    } catch (const po::error& e) { fail(grammar, e.what()); }
    if (r.values.count("help") > 0) {
        std::ostringstream text;
        text << grammar.named;
        fmt::print("usage: tollgate {}{}{}\n{}", grammar.command, grammar.arguments.empty() ? "" : " ",
                   grammar.arguments, text.str());
        r.help = true;
        return r;
    }
    if (r.words.size() > grammar.most_words)
        fail(grammar, fmt::format("unexpected {}", config::quoted(r.words[grammar.most_words])));
    return r;
}

void add_machine_options(po::options_description& named) {
    using Texts = std::vector<std::string>;
    named.add_options()("preset,p", po::value<std::string>()->value_name("NAME"),
                        "machine to start from (default server)")(
        "file,f", po::value<Texts>()->value_name("FILE")->composing(),
        "parameters from a TOML file")("set,s", po::value<Texts>()->value_name("PATH=VALUE")->composing(),
                                       "one parameter; repeatable; the last one wins");
}

config::Assignments machine_assignments(const po::variables_map& values) {
    config::Assignments a;
    a.add_preset(values.count("preset") > 0 ? values["preset"].as<std::string>() : std::string{config::default_preset});
    if (values.count("file") > 0)
        for (const std::string& f : values["file"].as<std::vector<std::string>>()) a.add_file(f);
    if (values.count("set") > 0)
        for (const std::string& s : values["set"].as<std::vector<std::string>>()) a.add_command_line(s);
    return a;
}

std::uint64_t option_picoseconds(std::string_view option, const std::string& text) {
    try {
        const config::ValueType time{config::Form::number, Unit::time, {1}, {}};
        return std::get<std::uint64_t>(config::parse_value(time, text));
    } catch (const config::BadValue& e) { throw UsageError(fmt::format("{}: {}", option, e.what())); }
}

} // namespace tollgate::cli
