#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/load.hpp"
#include "protocol/instrument.hpp"

/// The file of `[instruments]`: what is known of the symbols.
namespace tickcast::config {

/// Whether there is a time zone of that name; the zones are not known here.
using zone_check = std::function<bool(const std::string& name)>;

/// Instruments in the order of the file, or every fault there is. Thread-safe.
using instruments_result = tl::expected<std::vector<protocol::instrument>, std::vector<fault>>;
instruments_result read_instruments(std::string_view toml, std::string_view file, const zone_check& is_zone);
/// A file that cannot be read is one fault.
instruments_result load_instruments(const std::string& path, const zone_check& is_zone);

}  // namespace tickcast::config
