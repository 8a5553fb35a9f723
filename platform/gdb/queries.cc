// The packets q and Q, and the objects that are read by them.
#include "gdb/protocol.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::gdb {
namespace {

constexpr unsigned invalid = 22;
constexpr std::size_t console_chunk = 1024; ///< bytes of monitor's text a packet

std::string escape_xml(std::string_view text) {
    std::string r;
    for (const char c : text) {
        switch (c) {
        case '<': r += "&lt;"; break;
        case '>': r += "&gt;"; break;
        case '&': r += "&amp;"; break;
        case '"': r += "&quot;"; break;
        default: r += c;
        }
    }
    return r;
}

std::string thread_list(const Target& target) {
    std::string r = "<?xml version=\"1.0\"?>\n<threads>\n";
    for (Thread t = 1; t <= target.threads(); ++t)
        r += fmt::format("<thread id=\"{:x}\" core=\"{}\" name=\"hart {}\">{}</thread>\n", t, t - 1, t - 1,
                         escape_xml(target.thread_state(t)));
    return r + "</threads>\n";
}

} // namespace

std::string target_description(const Target& target) {
    std::string r = "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
                    "<architecture>riscv:rv64</architecture>\n";
    std::string_view feature;
    for (const Register& reg : target.registers()) {
        if (reg.feature != feature) {
            if (!feature.empty()) r += "</feature>\n";
            feature = reg.feature;
            r += fmt::format("<feature name=\"{}\">\n", feature);
        }
        r += fmt::format("<reg name=\"{}\" bitsize=\"64\" regnum=\"{}\" type=\"{}\"/>\n", escape_xml(reg.name),
                         reg.number, reg.type);
    }
    if (!feature.empty()) r += "</feature>\n";
    return r + "</target>\n";
}

void Protocol::query(std::string_view command) {
    const std::size_t colon = command.find(':');
    const std::string_view name = command.substr(0, colon);
    const std::string_view rest = colon == command.npos ? std::string_view{} : command.substr(colon + 1);
    if (name == "Supported") return query_supported(rest);
    if (name == "C") return send(fmt::format("QC{:x}", selected_));
    if (name == "Attached") return send("1"); // so that quitting detaches
    if (name == "fThreadInfo") {
        std::string r = "m";
        for (Thread t = 1; t <= target_.threads(); ++t) r += fmt::format("{}{:x}", t == 1 ? "" : ",", t);
        return send(r);
    }
    if (name == "sThreadInfo") return send("l");
    if (name == "Xfer") {
        // OBJECT:read:ANNEX:OFFSET,LENGTH
        const std::size_t last = rest.rfind(':');
        if (last == rest.npos) return error(invalid);
        return transfer(rest.substr(0, last), rest.substr(last + 1));
    }
    if (command.starts_with("Rcmd,")) return monitor(command.substr(5));
    if (command.starts_with("ThreadExtraInfo,")) {
        std::string_view text = command.substr(16);
        const auto n = take_hex(text);
        if (!n || *n < 1 || *n > target_.threads() || !text.empty()) return error(invalid);
        return send(to_hex(target_.thread_state(static_cast<Thread>(*n))));
    }
    send("");
}

void Protocol::query_supported(std::string_view features) {
    says_point_ = features.find("swbreak+") != features.npos && features.find("hwbreak+") != features.npos;
    send(fmt::format("PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;vContSupported+;"
                     "swbreak+;hwbreak+",
                     max_payload));
}

void Protocol::transfer(std::string_view object, std::string_view range) {
    std::string text;
    if (object == "features:read:target.xml")
        text = target_description(target_);
    else if (object == "threads:read:")
        text = thread_list(target_);
    else if (object.starts_with("features:read:"))
        return send("E00"); // no such annex
    else
        return send("");
    const auto offset = take_hex(range);
    if (!offset || !range.starts_with(',')) return error(invalid);
    range.remove_prefix(1);
    const auto length = take_hex(range);
    if (!length || !range.empty()) return error(invalid);
    if (*offset >= text.size()) return send("l");
    // Escapes make it longer, at most twofold.
    const auto n = std::min<std::uint64_t>({*length, text.size() - *offset, max_payload / 2 - 1});
    const bool more = *offset + n < text.size();
    send(fmt::format("{}{}", more ? 'm' : 'l', escape(std::string_view{text}.substr(*offset, n))));
}

void Protocol::monitor(std::string_view digits) {
    const auto command = from_hex(digits);
    if (!command) return error(invalid);
    const std::string text = target_.monitor(selected_, *command);
    for (std::size_t at = 0; at < text.size(); at += console_chunk)
        send(fmt::format("O{}", to_hex(std::string_view{text}.substr(at, console_chunk))));
    send("OK");
}

void Protocol::set(std::string_view command) {
    if (command != "StartNoAckMode") return send("");
    send("OK");
    acks_ = false;
}

} // namespace tollgate::gdb
