/// What can be wrong with a parameter, a parameter file or a preset: one line that names where, what, and what was
/// expected.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace tollgate::config {

/// The base of everything that this folder throws at a user; what() is one line of printable text.
class ConfigError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// No parameter has this name; the message proposes the nearest known one.
class UnknownName : public ConfigError {
  public:
    using ConfigError::ConfigError;
};

/// More than one parameter has this tail; the message lists them.
class AmbiguousName : public ConfigError {
  public:
    using ConfigError::ConfigError;
};

/// A text that is no value of the parameter's type, or lacks its unit.
class BadValue : public ConfigError {
  public:
    using ConfigError::ConfigError;
};

/// A value of the right type outside the parameter's range; the message states the range.
class OutOfRange : public BadValue {
  public:
    using BadValue::BadValue;
};

/// A file that cannot be read or is not TOML.
class BadFile : public ConfigError {
  public:
    using ConfigError::ConfigError;
};

/// text in double quotes, control characters as \xNN, shortened to its beginning when long: fit for one line.
std::string quoted(std::string_view text);

} // namespace tollgate::config
