// A plugin over kept history, on a virtual clock.
#include "plugins/kit/backtest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "plugins/runner/library.hpp"
#include "protocol/time_text.hpp"
#include "store/archive.hpp"
#include "tools/command.hpp"
#include "tools/config_options.hpp"
#include "tools/interrupt.hpp"
#include "tools/message_lines.hpp"

namespace tickcast::tools {
namespace {

using clock = std::chrono::steady_clock;

constexpr const char* footer =
    R"(PLUGIN is a library (build/cross.so) or, with --config, the name of a [[plugin]]. Times are
microseconds since 1970 or ISO 8601; --to is not included. What the plugin publishes goes to
stdout, one line of JSON each: {"topic":…,"time":…,"data":…}, time in nanoseconds of the virtual
clock. A server may work on the directory: what it had written when the backtest began is seen.

Example: tickcast backtest build/cross.so --directory /var/lib/tickcast --param symbol=BTCUSDT
  --from 2024-08-08 --to 2024-08-09 > signals.jsonl)";

struct options {
  std::string plugin;
  std::string from, to, out;
  std::string directory;
  std::vector<std::string> given;
  plugins::backtest_options range;
  config_options config;
  bool json = false;
};

exit_code complain(exit_code code, std::string_view why) {
  fmt::print(stderr, "tickcast backtest: {}\n", why);
  return code;
}

/// What is run, with which parameters. Nothing: a fault was told.
std::optional<config::plugin_section> choose(const options& asked, const config::config& settings) {
  config::plugin_section result;
  const auto found = std::find_if(settings.plugins.begin(), settings.plugins.end(),
                                  [&](const auto& each) { return each.name == asked.plugin; });
  if (found != settings.plugins.end()) {
    result = *found;
  } else {
    if (!std::filesystem::is_regular_file(asked.plugin)) {
      complain(exit_code::usage,
               fmt::format("\"{}\" is neither a library nor a plugin of the configuration", asked.plugin));
      return std::nullopt;
    }
    result.name = std::filesystem::path(asked.plugin).stem();
    result.library = std::filesystem::absolute(asked.plugin);
  }
  for (const auto& each : asked.given) {
    const auto sign = each.find('=');
    if (sign == std::string::npos || sign == 0) {
      complain(exit_code::usage, fmt::format("--param {}: write NAME=VALUE", each));
      return std::nullopt;
    }
    result.parameters[each.substr(0, sign)] = each.substr(sign + 1);
  }
  return result;
}

bool read_time(const std::string& text, std::int64_t& to) {
  if (text.empty()) return true;
  const auto time_ns = protocol::parse_query_time(text);
  if (time_ns) to = *time_ns;
  return time_ns.has_value();
}

plugins::virtual_engine_options engine_options(const config::plugin_section& section,
                                               const config::config& settings,
                                               const analytics::instruments& listed) {
  plugins::virtual_engine_options result;
  result.name = section.name;
  result.given = plugins::parameters(section.parameters);
  result.publishes_per_s = section.budget_publishes_per_s;
  result.is_feed = std::any_of(settings.feeds.begin(), settings.feeds.end(), [&](const auto& each) {
    return each.kind == config::feed_kind::plugin && each.plugin == section.name;
  });
  result.intervals = settings.bars.intervals;
  result.source = settings.bars.source;
  result.push_ns = settings.bars.push_ms * 1'000'000;
  result.lateness_ms = static_cast<std::int32_t>(settings.bars.lateness_ms);
  result.clock_close = settings.bars.clock_close;
  result.hours = [&listed](const std::string& symbol) { return listed.find(symbol).hours; };
  return result;
}

/// The library's private copy stands in a directory that goes with this.
class scratch_place {
public:
  scratch_place()
      : path_(std::filesystem::temp_directory_path() / fmt::format("tickcast-backtest-{}", ::getpid())) {}
  ~scratch_place() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_place(const scratch_place&) = delete;
  scratch_place& operator=(const scratch_place&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

void tell_summary(const plugins::backtest& of, const message_lines& out, clock::duration taken, bool as_json,
                  const std::string& error) {
  const auto& rows = of.so_far();
  const auto wall_s = std::chrono::duration<double>(taken).count();
  const auto rate = static_cast<double>(rows.rows()) / std::max(wall_s, 1e-9);
  const auto refused = of.seen().refused.load() + of.seen().over_budget.load();
  if (as_json) {
    nlohmann::ordered_json line{{"event", "backtested"},
                                {"rows", rows.rows()},
                                {"trades", rows.trades},
                                {"quotes", rows.quotes},
                                {"bars", rows.bars},
                                {"from", protocol::iso_time(rows.from_ns)},
                                {"to", protocol::iso_time(rows.to_ns)},
                                {"wall_s", wall_s},
                                {"rows_per_s", rate},
                                {"messages", out.count()},
                                {"refused", refused},
                                {"errors", error.empty() ? 0 : 1},
                                {"error", error},
                                {"interrupted", rows.interrupted}};
    fmt::print(stderr, "{}\n", line.dump());
    return;
  }
  fmt::print(stderr,
             "{} rows ({} trades, {} quotes, {} bars), {} to {}{}, in {:.3f} s ({:.0f} rows/s); {} messages "
             "out, {} refused, {} errors\n",
             rows.rows(), rows.trades, rows.quotes, rows.bars, protocol::iso_time(rows.from_ns),
             protocol::iso_time(rows.to_ns), rows.interrupted ? " (interrupted)" : "", wall_s, rate,
             out.count(), refused, error.empty() ? 0 : 1);
}

exit_code play(plugins::backtest& test, message_lines& out, const interrupt& signals, bool as_json) {
  const auto began = clock::now();
  std::string error;
  try {
    test.run([&] { return signals.came() || out.failed(); });
  } catch (const std::exception& failure) {
    error = *failure.what() != '\0' ? failure.what() : "failed without a word";
  } catch (...) {
    error = "an exception that is no std::exception";
  }
  const bool written = out.finish();
  if (!error.empty())
    complain(exit_code::failed,
             fmt::format("failed at {}: {}", protocol::iso_time(test.so_far().to_ns), error));
  tell_summary(test, out, clock::now() - began, as_json, error);
  if (!error.empty()) return exit_code::failed;
  if (!written) return complain(exit_code::failed, "what was published could not be written");
  return test.so_far().interrupted ? exit_code::interrupted : exit_code::ok;
}

exit_code backtest(options& asked) {
  const interrupt signals;
  for (const auto& [text, bound] :
       {std::pair(&asked.from, &asked.range.from_ns), {&asked.to, &asked.range.to_ns}})
    if (!read_time(*text, *bound))
      return complain(
          exit_code::usage,
          fmt::format("'{}' is no time; write 2024-08-08, 2024-08-08T09:30:00Z or microseconds", *text));
  const auto settings = load_config(asked.config);
  if (!settings) return exit_code::usage;
  const auto listed = load_instruments(*settings);
  if (!listed) return exit_code::usage;
  const auto section = choose(asked, *settings);
  if (!section) return exit_code::usage;
  const auto directory = asked.directory.empty() ? settings->store.directory : asked.directory;
  if (directory.empty())
    return complain(exit_code::usage, "say where history is kept: --directory DIRECTORY or --config FILE");
  const auto past = store::archive::open(directory);
  if (!past) return complain(exit_code::failed, fmt::format("{}: {}", directory, past.error().message));
  message_lines out;
  if (!out.open(asked.out)) return complain(exit_code::usage, fmt::format("{} cannot be written", asked.out));
  try {
    const scratch_place scratch;
    const plugins::library code(section->library, scratch.path());
    plugins::virtual_engine_taps taps;
    taps.published = [&](std::int64_t time_ns, std::string_view topic, std::string&& text) {
      out.add(topic, time_ns, text);
    };
    taps.logged = [&](plugins::log_level, std::string_view text) {
      fmt::print(stderr, "plugin {}: {}\n", section->name, text);
    };
    plugins::backtest test(code.entry(), engine_options(*section, *settings, *listed), std::move(taps),
                           **past, asked.range);
    return play(test, out, signals, asked.json);
  } catch (const std::exception& fault) {
    return complain(exit_code::usage, fault.what());
  }
}

}  // namespace

void add_backtest(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand("backtest", "Runs a plugin over kept history, on a virtual clock");
  auto asked = std::make_shared<options>();
  command->add_option("PLUGIN", asked->plugin, "A library, or the name of a [[plugin]] of --config")
      ->required();
  command->add_option("--from", asked->from, "Where the clock begins (default: the oldest row)")
      ->type_name("TIME");
  command->add_option("--to", asked->to, "Where it ends (default: the last row)")->type_name("TIME");
  command
      ->add_option("--directory,--data", asked->directory,
                   "A server's data directory (default: store.directory of --config)")
      ->type_name("DIRECTORY");
  command->add_option("--param", asked->given, "A parameter of the plugin; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->add_option("--symbol", asked->range.symbols, "Play these symbols alone; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--out", asked->out, "Write what is published here instead of to stdout")
      ->type_name("FILE");
  command->add_flag("--json", asked->json, "The summary on stderr as one JSON object");
  add_config_options(*command, asked->config);
  command->footer(footer);
  command->callback([asked, &outcome] { outcome = backtest(*asked); });
}

}  // namespace tickcast::tools
