#include "habits/source_tree.hh"
#include <array>
#include <fstream>
#include <sstream>

namespace tollgate::habits {
namespace fs = std::filesystem;

SourceTree read_tree(const fs::path& root) {
    SourceTree tree;
    for (const char* top : {"models", "platform", "firmware", "scenarios", "tests", "bench", "tools"}) {
        if (!fs::exists(root / top)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            const std::string kind = entry.path().extension().string();
            if (kind != ".hh" && kind != ".cc" && kind != ".h" && kind != ".c" && kind != ".S" && kind != ".inc")
                continue;
            std::stringstream text;
            text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
            tree[entry.path().lexically_relative(root).generic_string()] = text.str();
        }
    }
    return tree;
}

std::vector<std::string_view> lines(std::string_view text) {
    std::vector<std::string_view> r;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        r.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return r;
}

std::vector<Include> includes(const SourceTree& tree, const std::string& file) {
    std::vector<Include> r;
    int number = 0;
    for (std::string_view line : lines(tree.at(file))) {
        ++number;
        if (!line.starts_with("#include ")) continue;
        line.remove_prefix(9);
        const char close = line.starts_with('<') ? '>' : '"';
        const std::size_t end = line.find(close, 1);
        if (end == std::string_view::npos) continue;
        Include i{std::string{line.substr(1, end - 1)}, close == '>', false, number};
        const std::string beside = fs::path(file).parent_path().generic_string();
        const std::array<std::string, 8> roots{beside,      "models", "platform", "firmware",
                                               "scenarios", "tests",  "bench",    "."};
        for (const std::string& root : roots) {
            const std::string path = (fs::path(root) / i.target).lexically_normal().generic_string();
            if (i.system || !tree.contains(path)) continue;
            i.target = path;
            i.known = true;
            break;
        }
        r.push_back(std::move(i));
    }
    return r;
}

} // namespace tollgate::habits
