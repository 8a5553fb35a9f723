/// A file that is compressed while it is written.
#pragma once
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace tollgate::trace {

/// gzip without a name and without a time: the same content gives the same bytes. Throws std::system_error with the
/// file's name when it cannot be written, a full disk included.
class GzipFile {
  public:
    explicit GzipFile(std::filesystem::path path);
    ~GzipFile();
    GzipFile(const GzipFile&) = delete;

    void write(std::string_view bytes);
    /// Writes what is held back. Without it the file is not whole.
    void close();

  private:
    void deflate(int flush);
    [[noreturn]] void fail(int error) const;

    std::filesystem::path path_;
    std::FILE* file_;
    std::unique_ptr<z_stream_s> stream_;
    std::vector<unsigned char> out_;
};

} // namespace tollgate::trace
