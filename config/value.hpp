#pragma once
#include <toml++/toml.h>

#include <functional>
#include <string>

#include "config/keys.hpp"

/// One key's value between TOML and its field.
namespace tickcast::config {

/// Told once for each thing that is wrong; `culprit` is the value or the element of it that is to blame.
using complaint = std::function<void(const toml::node& culprit, std::string message, std::string allowed)>;

/// Sets `field` from `node` when type, range and shape fit; else complains and leaves it as it was. A list
/// takes a single string for a list of one.
void read_value(const key_info& info, const value_ref& field, const toml::node& node,
                const complaint& complain);

/// The value as TOML, e.g. `"a"`, `5000`, `["1s", "1m"]`; empty for an optional one that is unset.
std::string write_value(const value_ref& field);

/// The type in words: "whole number", "list of strings", …
std::string_view type_of(const value_ref& field);
/// What may stand there, in words; empty: anything of its type.
std::string allowed_for(const key_info& info, const value_ref& field);

/// A TOML value as it is shown in a fault.
std::string show(const toml::node& node);
/// A TOML string of `text`, escaped.
std::string quote(std::string_view text);

}  // namespace tickcast::config
