#include "trace/perfetto_writer.hh"
#include "trace/perfetto_fields.hh"
#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

namespace tollgate::trace {
namespace {

using protozero::pbf_writer;
namespace pf = perfetto;

constexpr std::size_t enough = 64 * 1024;   // bytes handed to the compressor at a time
constexpr std::uint32_t sequence = 1;       // all packets are one sequence
constexpr std::uint64_t first_thread = 100; // apart from the numbers of processes
constexpr std::uint64_t ps_per_ns = 1000;

/// A path in three: "node[0]", "hart[1]", "l1d.fill"; what is in no node is in the process "machine".
struct Parts {
    std::string process, unit, rest;
    explicit Parts(std::string_view path) {
        const auto first_of = [](std::string_view& from) {
            const std::string_view part = from.substr(0, from.find('.'));
            from.remove_prefix(std::min(part.size() + 1, from.size()));
            return std::string{part};
        };
        process = path.starts_with("node[") && path.find('.') != std::string_view::npos ? first_of(path) : "machine";
        unit = first_of(path);
        rest = path;
    }
};

} // namespace

std::pair<std::uint64_t, bool> PerfettoWriter::Interned::operator()(std::string_view word) {
    if (const auto known = numbers.find(word); known != numbers.end()) return {known->second, false};
    const std::uint64_t number = numbers.size() + 1;
    numbers.emplace(word, number);
    return {number, true};
}

PerfettoWriter::PerfettoWriter(const std::filesystem::path& file, const std::vector<Row>& rows) : out_{file} {
    for (const Row& row : rows) {
        const Parts parts{row.path};
        Place place;
        place.unit = unit(parts.process, parts.unit);
        place.name = parts.rest;
        if (!row.label.empty()) place.name += (place.name.empty() ? "" : " ") + row.label;
        places_.push_back(place);
    }
}

std::uint64_t PerfettoWriter::process(const std::string& name) {
    const auto [p, is_new] = processes_.try_emplace(name, tracks_ + 1);
    if (!is_new) return p->second;
    pbf_writer trace{bytes_};
    pbf_writer packet{trace, pf::trace::packet};
    packet.add_uint32(pf::packet::sequence, sequence);
    if (tracks_++ == 0) packet.add_uint32(pf::packet::sequence_flags, pf::packet::flag_cleared);
    pbf_writer track{packet, pf::packet::track_descriptor};
    track.add_uint64(pf::descriptor::uuid, p->second);
    track.add_uint32(pf::descriptor::child_ordering, pf::descriptor::explicit_order);
    pbf_writer process{track, pf::descriptor::process};
    process.add_uint64(pf::process::pid, p->second);
    process.add_string(pf::process::name, name);
    return p->second;
}

std::uint64_t PerfettoWriter::unit(const std::string& process_name, const std::string& name) {
    const std::uint64_t parent = process(process_name);
    const auto [u, is_new] = units_.try_emplace({parent, name}, tracks_ + 1);
    if (!is_new) return u->second;
    ++tracks_;
    pbf_writer trace{bytes_};
    pbf_writer packet{trace, pf::trace::packet};
    packet.add_uint32(pf::packet::sequence, sequence);
    pbf_writer track{packet, pf::packet::track_descriptor};
    track.add_uint64(pf::descriptor::uuid, u->second);
    track.add_uint64(pf::descriptor::parent, parent);
    track.add_uint32(pf::descriptor::child_ordering, pf::descriptor::explicit_order);
    track.add_uint64(pf::descriptor::rank, u->second);
    pbf_writer thread{track, pf::descriptor::thread};
    thread.add_uint64(pf::thread::pid, parent);
    thread.add_uint64(pf::thread::tid, first_thread + u->second);
    thread.add_string(pf::thread::name, name);
    return u->second;
}

/// Lanes of a row are tracks of one name, which viewers draw as one.
std::uint64_t PerfettoWriter::track(std::uint32_t row, std::uint32_t lane) {
    Place& place = places_[row];
    if (place.name.empty() && lane == 0) return place.unit;
    if (place.lanes.size() <= lane) place.lanes.resize(lane + 1);
    std::uint64_t& uuid = place.lanes[lane];
    if (uuid != 0) return uuid;
    uuid = ++tracks_;
    pbf_writer trace{bytes_};
    pbf_writer packet{trace, pf::trace::packet};
    packet.add_uint32(pf::packet::sequence, sequence);
    pbf_writer track{packet, pf::packet::track_descriptor};
    track.add_uint64(pf::descriptor::uuid, uuid);
    track.add_uint64(pf::descriptor::parent, place.unit);
    track.add_string(pf::descriptor::name, place.name.empty() ? "more" : place.name);
    track.add_uint64(pf::descriptor::rank, row);
    return uuid;
}

std::string PerfettoWriter::name_of(const EventRecord& record, const EventType& type) const {
    if (type.title == EventType::untitled) return std::string{type.name};
    const EventField& f = type.all_fields[type.title];
    const std::uint64_t v = record.values[type.title];
    return v < f.names.size() ? std::string{f.names[v]} : fmt::format("{} {}", type.name, v);
}

void PerfettoWriter::event(const EventRecord& r, const EventType& type, std::uint32_t lane, Type kind) {
    const std::uint64_t uuid = track(r.row, lane);
    const std::string_view class_name = Choice<EventClass>::names[static_cast<std::size_t>(type.event_class)];
    const std::string name = name_of(r, type);
    std::array<std::string_view, max_event_fields + 2> field_names{};
    std::array<std::uint64_t, max_event_fields + 2> field_numbers{};
    std::size_t n = 0;
    for (const EventField& f : type.fields()) field_names[n++] = f.name;
    field_names[n++] = r.instant ? "time_ps" : "begin_ps";
    if (!r.instant) field_names[n++] = "end_ps";

    pbf_writer trace{bytes_};
    pbf_writer packet{trace, pf::trace::packet};
    packet.add_uint64(pf::packet::timestamp, r.begin / ps_per_ns);
    packet.add_uint32(pf::packet::sequence, sequence);
    packet.add_uint32(pf::packet::sequence_flags, pf::packet::flag_needs_state);
    std::string fresh;
    const auto number = [&](Interned& words, std::uint32_t kind_of_word, std::string_view word) {
        const auto [known, is_new] = words(word);
        if (is_new) {
            pbf_writer all{fresh};
            pbf_writer entry{all, kind_of_word};
            entry.add_uint64(pf::interned::number, known);
            entry.add_string(pf::interned::word, word.data(), word.size());
        }
        return known;
    };
    const std::uint64_t class_number = number(classes_, pf::interned::categories, class_name);
    const std::uint64_t name_number = number(names_, pf::interned::event_names, name);
    for (std::size_t i = 0; i < n; ++i)
        field_numbers[i] = number(fields_, pf::interned::annotation_names, field_names[i]);
    if (!fresh.empty()) packet.add_message(pf::packet::interned_data, fresh);

    pbf_writer e{packet, pf::packet::track_event};
    e.add_uint64(pf::event::categories, class_number);
    e.add_uint64(pf::event::name, name_number);
    e.add_enum(pf::event::type, static_cast<std::int32_t>(kind));
    e.add_uint64(pf::event::track, uuid);
    for (std::size_t i = 0; i < n; ++i) {
        pbf_writer a{e, pf::event::annotations};
        a.add_uint64(pf::annotation::name, field_numbers[i]);
        if (i >= type.field_count) {
            a.add_uint64(pf::annotation::unsigned_value, i == type.field_count ? r.begin : r.end);
            continue;
        }
        const EventField& f = type.all_fields[i];
        const std::uint64_t v = r.values[i];
        if (v < f.names.size())
            a.add_string(pf::annotation::string_value, f.names[v].data(), f.names[v].size());
        else
            a.add_uint64(f.radix == Radix::hex ? pf::annotation::pointer_value : pf::annotation::unsigned_value, v);
    }
}

void PerfettoWriter::begin(const EventRecord& record, const EventType& type, std::uint32_t lane) {
    event(record, type, lane, slice_begin);
    flush(enough);
}

void PerfettoWriter::instant(const EventRecord& record, const EventType& type) {
    event(record, type, 0, just_instant);
    flush(enough);
}

void PerfettoWriter::end(const OpenSlices::End& end) {
    const std::uint64_t uuid = track(end.row, end.lane);
    pbf_writer trace{bytes_};
    pbf_writer packet{trace, pf::trace::packet};
    packet.add_uint64(pf::packet::timestamp, end.at.count() / ps_per_ns);
    packet.add_uint32(pf::packet::sequence, sequence);
    packet.add_uint32(pf::packet::sequence_flags, pf::packet::flag_needs_state);
    pbf_writer e{packet, pf::packet::track_event};
    e.add_enum(pf::event::type, slice_end);
    e.add_uint64(pf::event::track, uuid);
}

void PerfettoWriter::flush(std::size_t keep) {
    if (bytes_.size() <= keep) return;
    out_.write(bytes_);
    bytes_.clear();
}

void PerfettoWriter::close() {
    flush(0);
    out_.close();
}

} // namespace tollgate::trace
