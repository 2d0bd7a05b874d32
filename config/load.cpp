#include "config/load.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "config/file_text.hpp"
#include "config/findings.hpp"
#include "config/keys.hpp"
#include "config/overrides.hpp"
#include "config/relations.hpp"
#include "config/table_reader.hpp"

namespace tickcast::config {
namespace {

void add_default_feeds(config& values, findings& found) {
  values.feeds = default_feeds();
  for (const auto& feed : values.feeds) {
    found.rows("feed").push_back("feed." + feed.name);
    for (const auto* key : {"name", "kind"}) found.remember(fmt::format("feed.{}.{}", feed.name, key), {});
  }
}

// False when the text is no TOML.
bool read_toml(std::string_view text, std::string_view file, config& values, findings& found) {
  try {
    const auto root = toml::parse(text, file);
    table_reader reader(root, {}, found);
    describe(values, reader);
    reader.finish();
    return true;
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    found.blame({at.line, at.column, {}}, {}, {}, fmt::format("not TOML: {}", error.description()));
    return false;
  }
}

load_result finish(config& values, std::span<const std::string> overrides, bool readable, findings& found) {
  for (const auto& option : overrides) apply_override(values, option, found);
  // What cannot be read has no say in what belongs together; judging the rest would only mislead.
  if (readable) {
    check_relations(values, found);
    check_sockets(values, found);
    check_support(values, found);
  }
  if (!found.clean()) return tl::unexpected(found.take_faults());
  return loaded{std::move(values), found.take_notices()};
}

}  // namespace

load_result load_text(std::string_view toml, std::string_view file, std::span<const std::string> overrides) {
  findings found(file);
  config values;
  add_default_feeds(values, found);
  const bool readable = read_toml(toml, file, values, found);
  return finish(values, overrides, readable, found);
}

load_result load_file(const std::string& path, std::span<const std::string> overrides) {
  const auto text = file_text(path);
  if (text) return load_text(*text, path, overrides);
  findings found(path);
  found.blame({}, {}, {}, text.error());
  config values;
  return finish(values, {}, false, found);
}

load_result load_defaults(std::span<const std::string> overrides) {
  findings found({});
  config values;
  values.simulator.enabled = true;
  add_default_feeds(values, found);
  return finish(values, overrides, true, found);
}

}  // namespace tickcast::config
