/// All parameters of a machine by path, and the only way in which text sets them.
#pragma once
#include "config/path_index.hh"
#include "config/values.hh"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::config {

/// Where a value came from.
struct Origin {
    enum class Source : std::uint8_t { initial, preset, file, command_line };
    Source source = Source::initial;
    std::string name{};     ///< the preset's or the file's, as the user wrote it
    std::uint32_t line = 0; ///< of the file or preset, from 1

    /// "default", "preset server", "my.toml:3", "command line".
    std::string text() const;
};

/// One parameter of one instance. It points at the member that it describes.
class Parameter {
  public:
    const Path& path() const { return path_; }
    const ValueType& type() const { return type_; }
    Kind kind() const { return kind_; }
    const Witness& witness() const { return witness_; }
    std::string_view description() const { return description_; }
    const Value& initial() const { return initial_; } ///< the member's value when it was added
    const Origin& origin() const { return origin_; }
    Value value() const { return load_(member_); }
    std::string print() const { return print_value(type_, value()); }

  private:
    friend class ParamTree;
    Path path_;
    ValueType type_;
    Kind kind_ = Kind::timing;
    Witness witness_;
    std::string_view description_;
    Value initial_;
    Origin origin_;
    void* member_ = nullptr;
    Value (*load_)(const void*) = nullptr;
    void (*store_)(void*, const Value&) = nullptr;
};

/// The tree of a machine's parameters. A machine's author adds described structs at paths; presets, files and the
/// command line then set them by text. The structs stay the author's and must outlive the tree.
class ParamTree {
  public:
    /// Adds every described member of `params` at `path` (`node[0].hart[1].l1d`); their values now are the defaults.
    /// A path that is none or is taken already is a mistake of the author: std::logic_error.
    template <Described S> void add(std::string_view path, S& params) {
        for_each_field<S>([&](const auto& d) { add_member(path, d, params.*(d.member)); });
    }

    /// Sets every parameter that the pattern means (PathIndex says how). Throws UnknownName, AmbiguousName, BadValue or
    /// OutOfRange with a message that begins with the origin; then nothing is changed.
    void set(std::string_view pattern, std::string_view text, const Origin& origin = {});

    /// The same, but a name that no parameter has is left alone; says whether something was set.
    bool set_if_known(std::string_view pattern, std::string_view text, const Origin& origin = {});

    /// In the order in which they were added.
    const std::vector<Parameter>& parameters() const { return parameters_; }

    /// The parameter of exactly this path; null when there is none.
    const Parameter* find(std::string_view path) const;

    /// The paths; their numbers are indices into parameters().
    const PathIndex& paths() const { return paths_; }

  private:
    template <class S, class T> void add_member(std::string_view path, const ParamDesc<S, T>& d, T& member) {
        Parameter p;
        p.type_ = value_type(d);
        p.kind_ = d.kind;
        p.witness_ = d.witness;
        p.description_ = d.text;
        p.initial_ = to_value(member);
        p.member_ = &member;
        p.load_ = [](const void* m) { return to_value(*static_cast<const T*>(m)); };
        p.store_ = [](void* m, const Value& v) { *static_cast<T*>(m) = from_value<T>(v); };
        insert(path, d.name, std::move(p));
    }
    void insert(std::string_view path, std::string_view name, Parameter p);

    std::vector<Parameter> parameters_;
    PathIndex paths_;
};

} // namespace tollgate::config
