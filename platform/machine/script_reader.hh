/// Scripts of bus masters as text; docs/dma-scripts.md shows what they look like.
#pragma once
#include "dev/dma_script.hh"
#include <istream>
#include <string>

namespace tollgate::machine {

/// Reads a script. `name` is for messages. Throws config::BadFile for a line that is none, with file and line.
dev::DmaScript read_dma_script(std::istream& in, const std::string& name);

/// Reads the script in a file. Throws config::BadFile.
dev::DmaScript read_dma_script(const std::string& file);

} // namespace tollgate::machine
