#include "trace/gzip_file.hh"
#include <cerrno>
#include <fmt/format.h>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <zlib.h>

namespace tollgate::trace {
namespace {
constexpr std::size_t out_bytes = 64 * 1024;
constexpr int level = 4;        // half the time of the usual 6 for a tenth more bytes
constexpr int gzip_header = 16; // zlib: added to the bits of the window
constexpr int memory_level = 8; // zlib's default
} // namespace

GzipFile::GzipFile(std::filesystem::path path)
    : path_{std::move(path)}, file_{std::fopen(path_.c_str(), "wb")}, stream_{std::make_unique<z_stream_s>()},
      out_(out_bytes) {
    if (file_ == nullptr) fail(errno);
    if (deflateInit2(stream_.get(), level, Z_DEFLATED, MAX_WBITS + gzip_header, memory_level, Z_DEFAULT_STRATEGY)
        != Z_OK) {
        std::fclose(file_);
        throw std::bad_alloc();
    }
}

GzipFile::~GzipFile() {
    deflateEnd(stream_.get());
    if (file_ != nullptr) std::fclose(file_);
}

void GzipFile::fail(int error) const {
    throw std::system_error(error, std::generic_category(), fmt::format("{}: cannot be written", path_.string()));
}

void GzipFile::deflate(int flush) {
    for (;;) {
        stream_->next_out = out_.data();
        stream_->avail_out = static_cast<uInt>(out_.size());
        const int r = ::deflate(stream_.get(), flush);
        const std::size_t n = out_.size() - stream_->avail_out;
        if (std::fwrite(out_.data(), 1, n, file_) != n) fail(errno);
        if (r == Z_STREAM_END || (flush == Z_NO_FLUSH && stream_->avail_in == 0)) return;
    }
}

void GzipFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, std::numeric_limits<uInt>::max());
        stream_->next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(part.data())); // zlib does not write
        stream_->avail_in = static_cast<uInt>(part.size());
        deflate(Z_NO_FLUSH);
        bytes.remove_prefix(part.size());
    }
}

void GzipFile::close() {
    stream_->avail_in = 0;
    deflate(Z_FINISH);
    std::FILE* const f = file_;
    file_ = nullptr;
    if (std::fclose(f) != 0) fail(errno);
}

} // namespace tollgate::trace
