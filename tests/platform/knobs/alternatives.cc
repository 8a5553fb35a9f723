#include "platform/knobs/alternatives.hh"
#include "machine/machine_config.hh"
#include <algorithm>

namespace tollgate::knobs {
namespace {

using config::Value;

/// What no range can say: the texts that a parameter takes, and whether all its instances must be the same.
struct Special {
    std::string_view tail, path, text;
};
constexpr Special specials[] = {
    {"hart[0].isa", "hart.isa", "rv64imafdc_zicsr_zifencei_zicntr_zihpm_zba_zbs_sstc_svinval_svadu"},
    {"node[0].dram.mapping", "node[0].dram.mapping", "rorabgbachco"},
};

std::vector<std::uint64_t> numbers(const Range& range, std::uint64_t now) {
    std::vector<std::uint64_t> r;
    for (const std::uint64_t v : {now * 2, now / 2, range.lo, range.hi, now + 1, now - 1})
        if (v != now && range.contains(v) && std::find(r.begin(), r.end(), v) == r.end()) r.push_back(v);
    return r;
}

} // namespace

bool can_be_built(const Sets& sets) {
    config::Assignments a;
    a.add_preset(preset);
    for (const Sets* part : {&small(), &sets})
        for (const std::string& set : *part) a.add_command_line(set);
    try {
        const machine::MachineConfig built{a};
        return true;
    } catch (const config::OutOfRange&) { return false; }
}

std::vector<Alternative> alternatives(const config::Parameter& p) {
    const std::string path = p.path().text();
    std::vector<Alternative> r;
    if (p.type().form == config::Form::text) {
        for (const Special& s : specials)
            if (path.ends_with(s.tail)) r.push_back({std::string{s.path}, std::string{s.text}, std::string{s.text}});
        return r;
    }
    const std::uint64_t now = std::get<std::uint64_t>(p.value());
    const bool choice = p.type().form == config::Form::choice;
    for (const std::uint64_t v : numbers(p.type().range, now)) {
        const std::string text = config::print_value(p.type(), v);
        if (can_be_built({path + "=" + text}))
            r.push_back({path, v, text, choice ? p.value() == p.initial() : v > now});
    }
    return r;
}

std::vector<const config::Parameter*> one_of_each(const config::ParamTree& tree) {
    std::vector<const config::Parameter*> r;
    for (const std::vector<std::size_t>& shape : tree.paths().shapes()) r.push_back(&tree.parameters()[shape.front()]);
    return r;
}

} // namespace tollgate::knobs
