/// Reads a timeline back as Perfetto's trace processor does, and says what is wrong with it.
#pragma once
#include "trace/perfetto_fields.hh"
#include <cstdint>
#include <filesystem>
#include <map>
#include <protozero/pbf_reader.hpp>
#include <stdexcept>
#include <string>
#include <vector>
#include <zlib.h>

namespace tollgate::trace_test {

namespace pf = trace::perfetto;

inline std::string unzipped(const std::filesystem::path& p) {
    const gzFile f = gzopen(p.c_str(), "rb");
    if (f == nullptr) throw std::runtime_error("cannot be opened: " + p.string());
    std::string r;
    char piece[65536];
    int n = 0;
    while ((n = gzread(f, piece, sizeof piece)) > 0) r.append(piece, static_cast<std::size_t>(n));
    const bool good = n == 0 && gzeof(f) != 0;
    if (gzclose(f) != Z_OK || !good) throw std::runtime_error("no whole gzip file: " + p.string());
    return r;
}

struct Slice {
    std::uint64_t begin_ns = 0, end_ns = 0;
    bool instant = false;
    std::string track; ///< process/unit/name
    std::string category, name;
    std::map<std::string, std::uint64_t> numbers;
    std::map<std::string, std::string> words;
    std::size_t depth = 0; ///< slices of its track around it
};

class PerfettoReader {
  public:
    explicit PerfettoReader(const std::filesystem::path& file) {
        const std::string bytes = unzipped(file);
        protozero::pbf_reader all{bytes};
        while (all.next()) {
            if (all.tag() != pf::trace::packet) throw std::runtime_error("no packet");
            packet(all.get_message());
        }
        for (const auto& [uuid, open] : open_)
            if (!open.empty()) wrong("a slice without end");
    }

    std::vector<Slice> slices; ///< instants too, by begin
    std::vector<std::string> complaints;
    std::map<std::uint64_t, std::string> tracks;

  private:
    void wrong(const std::string& what) { complaints.push_back(what + " at " + std::to_string(now_)); }

    void packet(protozero::pbf_reader p) {
        std::uint64_t time = 0, flags = 0;
        bool timed = false;
        protozero::data_view track_event, words, description;
        while (p.next()) {
            switch (p.tag()) {
            case pf::packet::timestamp: time = p.get_uint64(), timed = true; break;
            case pf::packet::sequence_flags: flags = p.get_uint32(); break;
            case pf::packet::track_event: track_event = p.get_view(); break;
            case pf::packet::interned_data: words = p.get_view(); break;
            case pf::packet::track_descriptor: description = p.get_view(); break;
            default: p.skip();
            }
        }
        if (first_ != (flags == pf::packet::flag_cleared)) wrong("the first packet alone clears the state");
        first_ = false;
        if (description.size() != 0) describe(protozero::pbf_reader{description});
        if (words.size() != 0) intern(protozero::pbf_reader{words});
        if (track_event.size() == 0) return;
        if (!timed || flags != pf::packet::flag_needs_state) wrong("an event needs a time and the state");
        if (time < now_) wrong("time goes back");
        now_ = time;
        event(protozero::pbf_reader{track_event});
    }

    void describe(protozero::pbf_reader d) {
        std::uint64_t uuid = 0, parent = 0;
        std::string name;
        const auto name_of = [](protozero::pbf_reader m, std::uint32_t tag) {
            std::string r;
            while (m.next(tag)) r = m.get_string();
            return r;
        };
        while (d.next()) {
            switch (d.tag()) {
            case pf::descriptor::uuid: uuid = d.get_uint64(); break;
            case pf::descriptor::parent: parent = d.get_uint64(); break;
            case pf::descriptor::name: name = d.get_string(); break;
            case pf::descriptor::process: name = name_of(d.get_message(), pf::process::name); break;
            case pf::descriptor::thread: name = name_of(d.get_message(), pf::thread::name); break;
            default: d.skip();
            }
        }
        if (parent != 0 && tracks.count(parent) == 0) wrong("an unknown parent");
        if (uuid == 0 || name.empty()) wrong("a track without number or name");
        if (!tracks.emplace(uuid, parent == 0 ? name : tracks[parent] + "/" + name).second) wrong("a track twice");
    }

    void intern(protozero::pbf_reader d) {
        while (d.next()) {
            auto& table = words_[d.tag()];
            std::uint64_t number = 0;
            std::string word;
            protozero::pbf_reader entry = d.get_message();
            while (entry.next()) {
                if (entry.tag() == pf::interned::number)
                    number = entry.get_uint64();
                else
                    word = entry.get_string();
            }
            if (number == 0 || !table.emplace(number, word).second) wrong("a word's number is taken");
        }
    }

    const std::string& word(std::uint32_t kind, std::uint64_t number) {
        const auto w = words_[kind].find(number);
        if (w == words_[kind].end()) throw std::runtime_error("an unknown word");
        return w->second;
    }

    void event(protozero::pbf_reader e) {
        Slice s;
        std::uint64_t uuid = 0;
        std::int32_t type = 0;
        while (e.next()) {
            switch (e.tag()) {
            case pf::event::categories: s.category = word(pf::interned::categories, e.get_uint64()); break;
            case pf::event::name: s.name = word(pf::interned::event_names, e.get_uint64()); break;
            case pf::event::type: type = e.get_enum(); break;
            case pf::event::track: uuid = e.get_uint64(); break;
            case pf::event::annotations: annotate(s, e.get_message()); break;
            default: e.skip();
            }
        }
        if (tracks.count(uuid) == 0) wrong("an unknown track");
        s.track = tracks[uuid];
        std::vector<std::size_t>& open = open_[uuid];
        s.begin_ns = s.end_ns = now_;
        s.instant = type == 3;
        s.depth = open.size();
        if (type == 2) {
            if (open.empty()) return wrong("an end without begin");
            Slice& begun = slices[open.back()];
            open.pop_back();
            begun.end_ns = now_;
            if (begun.numbers["end_ps"] / 1000 != now_) wrong("a slice ends at another time than it says");
            return;
        }
        if (s.numbers[s.instant ? "time_ps" : "begin_ps"] / 1000 != now_) wrong("another time than it says");
        if (!s.instant && !open.empty() && slices[open.back()].numbers["end_ps"] < s.numbers["end_ps"])
            wrong("a slice outlives the one around it");
        if (!s.instant) open.push_back(slices.size());
        slices.push_back(s);
    }

    void annotate(Slice& s, protozero::pbf_reader a) {
        std::string name;
        while (a.next()) {
            switch (a.tag()) {
            case pf::annotation::name: name = word(pf::interned::annotation_names, a.get_uint64()); break;
            case pf::annotation::unsigned_value:
            case pf::annotation::pointer_value: s.numbers[name] = a.get_uint64(); break;
            case pf::annotation::string_value: s.words[name] = a.get_string(); break;
            default: wrong("an annotation of another kind"); a.skip();
            }
        }
    }

    std::uint64_t now_ = 0;
    bool first_ = true;
    std::map<std::uint32_t, std::map<std::uint64_t, std::string>> words_;
    std::map<std::uint64_t, std::vector<std::size_t>> open_; // [track]: indices in slices
};

} // namespace tollgate::trace_test
