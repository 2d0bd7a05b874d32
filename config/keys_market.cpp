#include <limits>

#include "config/keys.hpp"
#include "config/words.hpp"

namespace tickcast::config {
namespace {

void describe_simulator(simulator_section& s, key_visitor& v) {
  v.key({.name = "enabled", .text = "Whether it runs; true by itself when no file is given"}, &s.enabled);
  v.key({.name = "symbols", .unit = "symbols", .text = "How many it trades", .within = range{1, 10'000}},
        &s.symbols);
  v.key({.name = "seed",
         .text = "Same seed, same market",
         .within = range{0, std::numeric_limits<std::int64_t>::max()}},
        &s.seed);
}

void describe_replay(feed_section& s, key_visitor& v) {
  v.key({.name = "files", .text = "replay: recordings, merged by time"}, &s.files);
  v.key({.name = "speed", .unit = "times", .text = "replay: multiple of the recording's own pace"}, &s.speed);
  v.key({.name = "loop", .text = "replay: begin again at the end, with times shifted forward"}, &s.loop);
  v.key({.name = "time_column",
         .text = "replay: column to go by; empty: chosen by the header",
         .shape = &a_word},
        &s.time_column);
}

void describe_feed(feed_section& s, key_visitor& v) {
  v.key({.name = "name",
         .text = "Name in logs, console, metrics and `--set`",
         .shape = &a_name,
         .required = true},
        &s.name);
  v.key({.name = "kind", .text = "What kind of source it is", .required = true},
        choice_ref(s.kind, feed_kinds));
  v.key(
      {.name = "endpoint", .text = "Where it connects or binds; several are allowed", .shape = &an_endpoint},
      &s.endpoint);
  v.key({.name = "bind", .text = "Whether it binds; unset: zmq-pull binds, zmq-sub connects"}, &s.bind);
  v.key({.name = "format", .text = "Encoding of the messages; auto looks at each one's first byte"},
        choice_ref(s.format, feed_formats));
  v.key({.name = "hwm",
         .unit = "messages",
         .text = "ZeroMQ's high-water mark for receiving; 0: none",
         .within = range{0, 100'000'000}},
        &s.hwm);
  v.key({.name = "stale_ms",
         .unit = "ms",
         .text = "Silence after which subscribers see the feed as stale; 0: never",
         .hot = true,
         .within = range{0, 86'400'000}},
        &s.stale_ms);
  v.key({.name = "symbol_stale_ms",
         .unit = "ms",
         .text = "Silence after which subscribers see one of its symbols as stale; 0: never",
         .hot = true,
         .within = range{0, 86'400'000}},
        &s.symbol_stale_ms);
  v.key({.name = "sessions",
         .text = "When its silence counts: a market's name or hours in a time zone; empty: round the clock",
         .shape = &a_session},
        &s.sessions);
  v.key({.name = "priority",
         .text = "The highest live feed owns a symbol that two of them bring",
         .hot = true,
         .within = range{-1000, 1000}},
        &s.priority);
  v.key({.name = "prefix", .text = "Put before every symbol, e.g. \"BINANCE:\"", .shape = &a_symbol_prefix},
        &s.prefix);
  v.key({.name = "map",
         .text = "Its symbols by our names, before the prefix: theirs = \"ours\"",
         .shape = &a_symbol},
        &s.map);
  v.key({.name = "group", .text = "The [[feed_group]] it belongs to", .shape = &a_name}, &s.group);
  describe_curve(s.curve, v);
  describe_replay(s, v);
  v.key({.name = "plugin", .text = "plugin: name of the [[plugin]] that brings it", .shape = &a_name},
        &s.plugin);
}

void describe_feed_group(feed_group_section& s, key_visitor& v) {
  v.key({.name = "name", .text = "Name that feeds give as their group", .shape = &a_name, .required = true},
        &s.name);
  v.key({.name = "strategy",
         .text = "Which of its feeds restart when one fails: that one, all, or that one and those behind it"},
        choice_ref(s.strategy, restart_strategies));
}

void describe_bars(bars_section& s, key_visitor& v) {
  v.key({.name = "push_ms",
         .unit = "ms",
         .text = "A forming bar is pushed at most this often, a closing one at once; 0: at each trade",
         .hot = true,
         .within = range{0, 60'000}},
        &s.push_ms);
  v.key({.name = "lateness_ms",
         .unit = "ms",
         .text = "A trade that is so much older than the newest still revises its bar",
         .within = range{0, 3'600'000}},
        &s.lateness_ms);
  v.key({.name = "kept_trades",
         .unit = "trades",
         .text = "Kept of each symbol, to revise bars when one is cancelled or corrected",
         .within = range{50, 1'000'000}},
        &s.kept_trades);
  v.key({.name = "intervals", .text = "Bars formed for every symbol", .shape = &an_interval}, &s.intervals);
  v.key({.name = "clock_close", .text = "Close a bar by the clock when no later trade does it"},
        &s.clock_close);
  v.key({.name = "source", .text = "What bars without @bid, @ask or @mid are made of"},
        choice_ref(s.source, bar_sources));
}

}  // namespace

void describe_market(config& values, key_visitor& v) {
  v.table({"simulator", "The built-in market: topics SIM.*"},
          [&](key_visitor& inner) { describe_simulator(values.simulator, inner); });
  typed_rows feeds(values.feeds, describe_feed);
  v.list({"feed", "Sources of market data; `sub` and `pull` stand while the file names none"}, feeds);
  typed_rows groups(values.feed_groups, describe_feed_group);
  v.list({"feed_group", "Feeds that are restarted by one rule"}, groups);
  v.table({"bars", "How bars form"}, [&](key_visitor& inner) { describe_bars(values.bars, inner); });
  v.table({"instruments", "Reference data"}, [&](key_visitor& inner) {
    inner.key({.name = "file", .text = "Names, tick sizes and trading hours of symbols; empty: none"},
              &values.instruments.file);
  });
}

}  // namespace tickcast::config
