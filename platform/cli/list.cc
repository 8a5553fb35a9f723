// tollgate list: the scenarios, a line each.
#include "cli/options.hh"
#include <cstdio>

namespace tollgate::cli {

// No scenario is part of the program yet; the list is empty, and says so where it cannot be taken for an entry.
int list(const Arguments& args) {
    const Parsed parsed = parse({"list", "", {"Options"}}, args);
    if (!parsed.help) std::fputs("tollgate: no scenario comes with this version\n", stderr);
    return 0;
}

} // namespace tollgate::cli
