#include "config/relations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "config/checks.hpp"
#include "config/key_list.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

void check_required(findings& found) {
  for (const auto& section : all_sections())
    for (const auto& key : section.keys) {
      if (!key.info.required) continue;
      for (const auto& row : found.rows(section.name)) {
        const auto path = fmt::format("{}.{}", row, key.info.name);
        if (!found.where(path))
          found.blame_at(row, {}, fmt::format("needs the key {}: {}", key.info.name, key.info.text),
                         key.allowed);
      }
    }
}

void check_pair(const tls_section& tls, const std::string& path, findings& found) {
  if (tls.certificate.empty() == tls.key.empty()) return;
  const bool has_key = !tls.key.empty();
  found.blame_at(path + (has_key ? ".key" : ".certificate"), {}, "a certificate and its key belong together",
                 "both or neither");
}

// A key of some kinds of feed only, and whether it says anything but its default.
struct foreign_key {
  std::string_view key;
  bool changed;
};

void check_plugin_feed(const feed_section& feed, const std::string& path, const config& values,
                       findings& found) {
  if (found.is_faulty(path + ".plugin")) return;
  const auto is_it = [&](const plugin_section& each) { return each.name == feed.plugin; };
  if (feed.plugin.empty())
    found.blame_at(path, {}, "a feed of kind plugin needs the key plugin", "the name of a [[plugin]]");
  else if (std::none_of(values.plugins.begin(), values.plugins.end(), is_it))
    found.blame_at(path + ".plugin", feed.plugin, "names no [[plugin]]", "the name of a [[plugin]]");
}

void check_feed(const feed_section& feed, const std::string& path, const config& values, findings& found) {
  const auto set = [&](std::string_view key) {
    return found.where(fmt::format("{}.{}", path, key)) != nullptr;
  };
  const auto faulty = [&](std::string_view key) { return found.is_faulty(fmt::format("{}.{}", path, key)); };
  if (!set("kind") || faulty("kind")) return;
  const bool is_zmq = feed.kind == feed_kind::zmq_sub || feed.kind == feed_kind::zmq_pull;
  if (is_zmq && feed.endpoint.empty() && !faulty("endpoint"))
    found.blame_at(path, {}, fmt::format("a feed of kind {} needs the key endpoint", to_string(feed.kind)),
                   std::string(an_endpoint.allowed));
  if (feed.kind == feed_kind::replay && feed.files.empty() && !faulty("files"))
    found.blame_at(path, {}, "a feed of kind replay needs the key files", "a list of recordings");
  if (feed.kind == feed_kind::plugin) check_plugin_feed(feed, path, values, found);

  const feed_section untouched;
  const auto only_for = [&](std::string_view kind, bool fits, std::initializer_list<foreign_key> keys) {
    for (const auto& [key, changed] : keys)
      if (!fits && changed && set(key))
        found.blame_at(fmt::format("{}.{}", path, key), {},
                       fmt::format("is for feeds of kind {}; this one is {}", kind, to_string(feed.kind)));
  };
  only_for("zmq-sub and zmq-pull", is_zmq,
           {{"endpoint", !feed.endpoint.empty()},
            {"bind", feed.bind.has_value()},
            {"format", feed.format != untouched.format},
            {"hwm", feed.hwm != untouched.hwm},
            {"curve_server_key", !feed.curve.curve_server_key.empty()},
            {"curve_public_key", !feed.curve.curve_public_key.empty()},
            {"curve_secret_key", !feed.curve.curve_secret_key.empty()},
            {"curve_secret_key_file", !feed.curve.curve_secret_key_file.empty()},
            {"curve_client_keys", !feed.curve.curve_client_keys.empty()}});
  only_for("replay", feed.kind == feed_kind::replay,
           {{"files", !feed.files.empty()},
            {"speed", feed.speed != untouched.speed},
            {"loop", feed.loop},
            {"time_column", !feed.time_column.empty()}});
  only_for("plugin", feed.kind == feed_kind::plugin, {{"plugin", !feed.plugin.empty()}});

  const auto in_group = [&](const feed_group_section& group) { return group.name == feed.group; };
  if (!feed.group.empty() && std::none_of(values.feed_groups.begin(), values.feed_groups.end(), in_group))
    found.blame_at(path + ".group", quote(feed.group), "there is no [[feed_group]] of that name");
}

// A group stands in the tree of actors beside the feeds that are in none.
void check_groups(const config& values, findings& found) {
  const auto& paths = found.rows("feed_group");
  for (std::size_t i = 0; i < values.feed_groups.size(); ++i) {
    const auto& name = values.feed_groups[i].name;
    const auto same = [&](const feed_section& feed) { return feed.name == name; };
    if (name == "simulator" || name == "service" ||
        std::any_of(values.feeds.begin(), values.feeds.end(), same))
      found.blame_at(paths[i] + ".name", quote(name), "a feed has this name; give the group another one");
  }
}

}  // namespace

void check_relations(const config& values, findings& found) {
  check_required(found);
  check_pair(values.listen.tls, "listen.tls", found);
  check_pair(values.admin.tls, "admin.tls", found);
  const auto& listen = values.listen;
  if (listen.proxy_protocol && listen.trusted_proxies.empty() && !found.is_faulty("listen.trusted_proxies"))
    found.blame_at("listen.proxy_protocol", {}, "needs the proxies in listen.trusted_proxies",
                   "the addresses whose PROXY lines are believed");
  const bool readable = !found.is_faulty("listen.ping_ms") && !found.is_faulty("listen.pong_ms");
  if (readable && listen.pong_ms > listen.ping_ms)
    found.blame_at(
        found.where("listen.pong_ms") ? "listen.pong_ms" : "listen.ping_ms", {},
        fmt::format("pong_ms ({}) must not be more than ping_ms ({})", listen.pong_ms, listen.ping_ms));
  constexpr std::size_t most_intervals = 24;
  if (const auto count = values.bars.intervals.size(); count > most_intervals)
    found.blame_at("bars.intervals", {}, fmt::format("has {} intervals", count),
                   fmt::format("at most {}", most_intervals));
  check_groups(values, found);
  check_topic_classes(values, found);
  const auto& paths = found.rows("feed");
  for (std::size_t i = 0; i < values.feeds.size(); ++i) check_feed(values.feeds[i], paths[i], values, found);
}

}  // namespace tickcast::config
