#include "cpu/isa/extensions.hh"

#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::cpu::isa {
namespace {

consteval bool indexed() {
    for (std::size_t i = 0; i < extension_table.size(); ++i)
        if (static_cast<std::size_t>(extension_table[i].extension) != i) return false;
    return true;
}
static_assert(indexed(), "extension_table is indexed by Extension");

class Parser {
  public:
    explicit Parser(std::string_view given) : given_(given) {
        for (const char ch : given) text_ += ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
    }

    Extensions parse() {
        std::string_view rest = text_;
        if (!rest.starts_with("rv64")) fail("expected it to begin with rv64i or rv64g");
        rest.remove_prefix(4);
        if (!rest.starts_with('i') && !rest.starts_with('g')) fail("expected i or g after rv64");
        bool names = false; // past the single letters
        while (!rest.empty()) {
            if (rest.front() == '_') {
                rest.remove_prefix(1);
                if (rest.empty() || rest.front() == '_') fail("expected an extension after '_'");
                continue;
            }
            names = names || rest.front() == 'z' || rest.front() == 's' || rest.front() == 'x';
            const std::string_view part = rest.substr(0, names ? rest.find('_') : 1);
            if (part == "g")
                for (const std::string_view meant : {"i", "m", "a", "f", "d", "zicsr", "zifencei"}) add(meant);
            else
                add(part);
            rest.remove_prefix(part.size());
        }
        for (const ExtensionInfo& info : extension_table)
            if (set_.contains(info.extension) && info.needs && !set_.contains(*info.needs))
                fail(fmt::format("{} needs {}", info.name, name(*info.needs)));
        return set_;
    }

  private:
    void add(std::string_view part) {
        for (const ExtensionInfo& info : extension_table) {
            if (info.name != part) continue;
            if (set_.contains(info.extension)) fail(fmt::format("{} is there twice", part));
            set_.insert(info.extension);
            return;
        }
        std::string known;
        for (const ExtensionInfo& info : extension_table) known += fmt::format(" {}", info.name);
        fail(fmt::format("unknown extension '{}'; the model knows{}", part, known));
    }

    [[noreturn]] void fail(std::string_view why) const {
        throw std::invalid_argument(fmt::format("ISA string '{}': {}", given_, why));
    }

    std::string_view given_;
    std::string text_; // lower case
    Extensions set_;
};

} // namespace

Extensions Extensions::parse(std::string_view isa) { return Parser(isa).parse(); }

std::string Extensions::string() const {
    std::string text = "rv64";
    for (const ExtensionInfo& info : extension_table) {
        if (!contains(info.extension)) continue;
        if (info.name.size() > 1) text += '_';
        text += info.name;
    }
    return text;
}

std::uint64_t Extensions::misa() const {
    std::uint64_t bits = std::uint64_t{1} << ('s' - 'a') | std::uint64_t{1} << ('u' - 'a');
    for (const ExtensionInfo& info : extension_table)
        if (contains(info.extension) && info.name.size() == 1) bits |= std::uint64_t{1} << (info.name[0] - 'a');
    return bits;
}

} // namespace tollgate::cpu::isa
