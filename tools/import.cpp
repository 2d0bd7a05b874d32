// Tables of trades, quotes and bars into history.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "feeds/import_table.hpp"
#include "feeds/source.hpp"
#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/history_door.hpp"
#include "tools/interrupt.hpp"
#include "tools/progress_bar.hpp"

namespace tickcast::tools {
namespace {

/// Rows that are merged at once; what equal rows are told by stays within twice as many.
constexpr std::size_t rows_at_once = 20'000;
constexpr std::uint64_t lines_between_looks = 512;

constexpr const char* footer =
    R"(Columns are found by their names (docs/store.md); --columns says it otherwise, as
FIELD=COLUMN[:UNIT] between commas, the UNIT of a time being s, ms, us, ns, iso or date:

  tickcast import btc.csv --symbol BTCUSD --interval 1m \
      --columns time=when:ms,open=o,high=h,low=l,close=c,volume=v --directory /var/lib/tickcast

Rows that are kept already change nothing, so an import can be repeated. While a server works
on the directory the rows go through it (--admin, --token-file).)";

struct import_options {
  std::vector<std::string> files;
  std::string kind;
  std::string columns;
  feeds::table_options table;
  history_options history;
};

struct progress {
  store::import_count count;
  std::uint64_t lines = 0;  ///< rows of files
  std::uint64_t bad = 0;
  std::optional<admin_failure> failure;
};

exit_code complain(exit_code code, std::string_view why) {
  fmt::print(stderr, "tickcast import: {}\n", why);
  return code;
}

/// One import: files, one after the other, through a door.
class importer {
public:
  importer(const import_options& options, history_door& door, const interrupt& stop)
      : options_(options), door_(door), stop_(stop) {}

  /// False: it could not be brought to its end, see state().failure.
  bool run() {
    for (const auto& file : options_.files)
      if (!take(file, &file == &options_.files.back())) return false;
    if (auto closed = door_.close(); !closed) return fail(closed.error());
    return true;
  }
  const progress& state() const noexcept { return state_; }

private:
  bool take(const std::string& file, bool is_last) {
    feeds::import_table table(file, options_.table);
    store::row_batch batch(rows_at_once, [&] { bring(batch, true); });
    std::string fault;
    try {
      read(file, table, batch);
    } catch (const feeds::feed_error& why) {
      // A file that breaks off: what came before is good.
      fault = why.what();
    }
    state_.lines += table.lines();
    state_.bad += batch.refused();
    tell_complaints(file, batch);
    const bool ends_here = is_last || !fault.empty();
    if (!state_.failure && (batch.rows() > 0 || (ends_here && begun_))) bring(batch, !ends_here);
    return fault.empty() ? !state_.failure : fail({exit_code::failed, fault});
  }

  void read(const std::string& file, feeds::import_table& table, store::row_batch& batch) {
    const auto size = static_cast<double>(std::filesystem::file_size(file));
    const auto name = std::filesystem::path(file).filename().string();
    while (!state_.failure && table.next(batch)) {
      if (table.lines() % lines_between_looks != 0) continue;
      if (stop_.came()) fail({exit_code::interrupted, {}});
      bar_.show(name, static_cast<double>(table.bytes_read()) / size, state_.lines + table.lines());
    }
  }

  void bring(store::row_batch& batch, bool more) {
    // After a failure the table hands on what is left of its line.
    if (!state_.failure) {
      auto count = door_.bring(batch, more);
      begun_ = true;
      if (count) {
        state_.count += *count;
        state_.bad += count->refused;
      } else {
        fail(count.error());
      }
    }
    batch.clear();
  }

  void tell_complaints(const std::string& file, const store::row_batch& batch) {
    bar_.clear();
    for (const auto& each : batch.complaints()) fmt::print(stderr, "{}: {}\n", file, each);
    if (batch.refused() > batch.complaints().size())
      fmt::print(stderr, "{}: and {} more rows that cannot be read\n", file,
                 batch.refused() - batch.complaints().size());
  }

  bool fail(admin_failure why) {
    state_.failure = std::move(why);
    return false;
  }

  const import_options& options_;
  history_door& door_;
  const interrupt& stop_;
  progress_bar bar_;
  progress state_;
  bool begun_ = false;
};

std::string names_of(const std::vector<std::string>& files) {
  std::string names;
  for (const auto& each : files)
    names += (names.empty() ? "" : " ") + std::filesystem::path(each).filename().string();
  return names;
}

exit_code print_summary(const import_options& options, const progress& state, const std::string& where) {
  const nlohmann::ordered_json line{{"event", state.failure ? "broken off" : "imported"},
                                    {"files", options.files.size()},
                                    {"read", state.lines},
                                    {"rows", state.count.rows},
                                    {"new", state.count.fresh},
                                    {"present", state.count.rows - state.count.fresh},
                                    {"bad", state.bad},
                                    {"to", where}};
  return print_out(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

exit_code import_into(const import_options& options, history_door& door, const interrupt& stop) {
  importer work(options, door, stop);
  work.run();
  const auto& state = work.state();
  const auto printed = print_summary(options, state, door.where());
  if (state.failure) return tell_failure("import", *state.failure);
  if (state.count.rows == 0 && state.bad > 0) return complain(exit_code::failed, "no row could be read");
  return printed;
}

exit_code import_files(import_options options) {
  if (!options.columns.empty()) {
    auto chosen = feeds::parse_column_choices(options.columns);
    if (!chosen) return complain(exit_code::usage, "--columns: " + chosen.error().message);
    options.table.columns = std::move(*chosen);
  }
  if (!options.kind.empty())
    options.table.kind = options.kind == "trade"   ? feeds::row_kind::trade
                         : options.kind == "quote" ? feeds::row_kind::quote
                                                   : feeds::row_kind::bar;
  const interrupt stop;
  try {
    // All of them before the first row goes anywhere.
    for (const auto& file : options.files) feeds::import_table(file, options.table);
  } catch (const feeds::feed_error& why) {
    return complain(exit_code::usage, why.what());
  }
  const auto door = open_history_door(options.history, false, names_of(options.files), stop.fd());
  if (!door) return tell_failure("import", door.error());
  return import_into(options, **door, stop);
}

}  // namespace

void add_import(CLI::App& program, exit_code& outcome) {
  auto* command =
      program.add_subcommand("import", "Brings trades, quotes and bars from CSV files into history");
  auto options = std::make_shared<import_options>();
  command->add_option("FILE", options->files, "CSV with a header, or CSV.gz")->required();
  command->add_option("--kind", options->kind, "What the rows are, where their columns leave it open")
      ->check(CLI::IsMember({"trade", "quote", "bar"}));
  command->add_option("--symbol", options->table.symbol,
                      "Call all rows so; else the column symbol or the file's name tells");
  command->add_option("--interval", options->table.interval,
                      "Of bars; else the column interval or the file's name tells (…_1m_….csv)");
  command->add_option("--columns", options->columns, "Which columns hold what")
      ->type_name("FIELD=COLUMN:UNIT,…");
  command
      ->add_option("--directory,--to", options->history.directory,
                   "A server's data directory (default: store.directory of --config)")
      ->type_name("DIRECTORY");
  add_admin_address(*command, options->history.admin);
  command->footer(footer);
  command->callback([options, &outcome] { outcome = import_files(*options); });
}

}  // namespace tickcast::tools
