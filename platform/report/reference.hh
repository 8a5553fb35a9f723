/// The pages of docs/reference, made from descriptors and tables.
#pragma once
#include "config/tree.hh"
#include "report/stats.hh"
#include <string>
#include <vector>

namespace tollgate::report {

/// A page with one table: whatever is declared in rows (instructions, CSRs, registers, ...) fills one.
struct ReferenceTable {
    std::string title;
    std::string text; ///< a paragraph under the title
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows; ///< as long as `columns` each
};

ReferenceTable parameter_table(const config::ParamTree& tree);
ReferenceTable counter_table(const StatTree& tree);

/// The page as Markdown. The same table gives the same bytes.
std::string markdown(const ReferenceTable& table);

} // namespace tollgate::report
