#include "trace/event_spool.hh"
#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <queue>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace tollgate::trace {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, int error, std::string_view what) {
    throw std::system_error(error, std::generic_category(),
                            fmt::format("{}: events cannot be {}", folder.string(), what));
}

/// All bytes, or the error; end of file counts as one.
template <class Move> int whole(std::size_t bytes, const Move& move) {
    for (std::size_t done = 0; done < bytes;) {
        const ssize_t n = move(done);
        if (n > 0) {
            done += static_cast<std::size_t>(n);
            continue;
        }
        if (n < 0 && errno == EINTR) continue;
        return n < 0 ? errno : EIO;
    }
    return 0;
}

} // namespace

bool comes_before(const EventRecord& a, const EventRecord& b) {
    return std::tie(a.begin, a.row, b.end, a.sequence) < std::tie(b.begin, b.row, a.end, b.sequence);
}

/// A sorted part of the file, read a piece at a time.
struct EventSpool::Run {
    std::size_t next, end; ///< records in the file
    std::vector<EventRecord> piece{};
    std::size_t at = 0; ///< in `piece`

    bool fetch(const EventSpool& spool, std::size_t records) {
        if (++at < piece.size()) return true;
        const std::size_t n = std::min(records, end - next);
        piece.resize(n);
        at = 0;
        const int error = whole(n * sizeof(EventRecord), [&](std::size_t done) {
            return ::pread(spool.file_, reinterpret_cast<char*>(piece.data()) + done, n * sizeof(EventRecord) - done,
                           static_cast<off_t>(next * sizeof(EventRecord) + done));
        });
        if (error != 0) fail(spool.folder_, error, "read back");
        next += n;
        return n != 0;
    }
};

EventSpool::EventSpool(std::size_t capacity) : capacity_{capacity} { held_.reserve(capacity); }

EventSpool::~EventSpool() {
    if (file_ >= 0) ::close(file_);
}

void EventSpool::open(const std::filesystem::path& folder) {
    folder_ = folder;
    std::string name = (folder / ".events.XXXXXX").string();
    file_ = ::mkstemp(name.data());
    if (file_ < 0) fail(folder_, errno, "kept");
    ::unlink(name.c_str());
}

void EventSpool::sort() { std::sort(held_.begin(), held_.end(), comes_before); }

void EventSpool::put_aside() {
    sort();
    const std::size_t bytes = held_.size() * sizeof(EventRecord);
    if (error_ == 0)
        error_ = whole(bytes, [&](std::size_t done) {
            return ::write(file_, reinterpret_cast<const char*>(held_.data()) + done, bytes - done);
        });
    runs_.push_back(held_.size());
    held_.clear();
}

void EventSpool::add(const EventRecord& record) {
    if (held_.size() == capacity_) put_aside();
    held_.push_back(record);
    held_.back().sequence = added_++;
}

void EventSpool::for_each(const std::function<void(const EventRecord&)>& f) {
    if (runs_.empty()) {
        sort();
        for (const EventRecord& r : held_) f(r);
        return;
    }
    put_aside();
    if (error_ != 0) fail(folder_, error_, "kept");
    held_ = {};
    const std::size_t piece = std::max<std::size_t>(capacity_ / runs_.size(), 1);
    std::vector<Run> runs;
    std::size_t begin = 0;
    for (const std::size_t n : runs_) {
        runs.push_back({begin, begin + n});
        begin += n;
    }
    const auto later = [](const Run* a, const Run* b) { return comes_before(b->piece[b->at], a->piece[a->at]); };
    std::priority_queue<Run*, std::vector<Run*>, decltype(later)> heads{later};
    for (Run& r : runs)
        if (r.fetch(*this, piece)) heads.push(&r);
    while (!heads.empty()) {
        Run* const r = heads.top();
        heads.pop();
        f(r->piece[r->at]);
        if (r->fetch(*this, piece)) heads.push(r);
    }
}

} // namespace tollgate::trace
