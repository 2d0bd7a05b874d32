// What the store can do, measured in one process: writing at a rate while somebody reads, opening what
// another process left, bytes a row of recordings. One JSON line on stdout.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "bench/engine/made_market.hpp"
#include "bench/load/histogram.hpp"
#include "feeds/recording.hpp"
#include "store/store.hpp"

namespace tickcast::bench {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::int64_t start_ns = 1'723'161'600'000'000'000;

struct options {
  std::string directory;
  std::uint64_t rate = 500'000;  // trades a second; 0: as many as go
  std::uint64_t trades = 10'000'000;
  std::uint32_t symbols = 1000;
  bool read = false;
  bool crash = false;
  std::vector<std::string> files;
};

double seconds_of(clockid_t which) {
  timespec spent{};
  ::clock_gettime(which, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

double since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

std::uintmax_t bytes_of(const std::string& directory) {
  std::uintmax_t bytes = 0;
  std::error_code gone;
  for (const auto& each : std::filesystem::recursive_directory_iterator(directory))
    if (each.is_regular_file(gone)) bytes += each.file_size(gone);
  return bytes;
}

template <class T>
T must(protocol::expected<T> value) {
  if (!value) throw std::runtime_error(value.error().message);
  return std::move(*value);
}
void must(const protocol::expected<void>& value) {
  if (!value) throw std::runtime_error(value.error().message);
}

std::string name_of(std::uint32_t symbol) {
  return fmt::format("S{:05}", symbol);
}

/// Hands trades to a lane in turns of a millisecond, as a shard does; what a lane has no room for is counted
/// and not repeated.
class producer {
public:
  producer(store::tick_store& to, const options& of)
      : of_(of), market_(of.symbols), positions_(of.symbols), lane_(to.open_lane()) {
    for (std::uint32_t i = 0; i < of.symbols; ++i) lane_->name(i, name_of(i));
  }

  void run() {
    const auto begin = clock::now();
    const auto cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    while (sent_ < of_.trades) {
      const auto passed = since(begin);
      const auto due =
          of_.rate == 0
              ? std::min(sent_ + 500, of_.trades)
              : std::min(static_cast<std::uint64_t>(passed * static_cast<double>(of_.rate)), of_.trades);
      for (; sent_ < due; ++sent_) send();
      lane_->commit();
      if (of_.rate == 0)
        while (lane_->waiting_bytes() > lane_->capacity_bytes() / 4)
          std::this_thread::sleep_for(std::chrono::microseconds(200));
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    cpu_s_ = seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
    elapsed_s_ = since(begin);
  }

  double cpu_s() const { return cpu_s_; }
  double elapsed_s() const { return elapsed_s_; }

private:
  void send() {
    const auto symbol = static_cast<std::uint32_t>(sent_ * 7919 % of_.symbols);
    const auto now_ns = start_ns + static_cast<std::int64_t>(sent_) * 2000;
    lane_->append(symbol, ++positions_[symbol], market_.next(symbol, now_ns));
    // As a quote topic does: a checkpoint of a few hundred bytes every few seconds.
    if (positions_[symbol] % checkpoint_rows_ == symbol % checkpoint_rows_)
      lane_->checkpoint(symbol, positions_[symbol], std::string(400, 'c'));
  }

  const options& of_;
  made_market market_;
  std::vector<std::uint64_t> positions_;
  std::shared_ptr<store::lane> lane_;
  const std::uint64_t checkpoint_rows_ =
      std::max<std::uint64_t>(1, 5 * std::max<std::uint64_t>(of_.rate, 500'000) / of_.symbols);
  std::uint64_t sent_ = 0;
  double cpu_s_ = 0;
  double elapsed_s_ = 0;
};

void import_bars(store::tick_store& to, std::uint32_t symbols) {
  std::vector<protocol::bar> bars(1000);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto price = protocol::decimal::from_parts(600'000 + static_cast<std::int64_t>(i % 90), 1);
    bars[i] = {start_ns - static_cast<std::int64_t>(i + 1) * 60'000'000'000,
               price,
               price,
               price,
               price,
               protocol::decimal::from_integer(12),
               40,
               true,
               price,
               0};
  }
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(symbols, 200); ++i)
    must(to.merge_bars("1m", name_of(i), bars));
}

struct read_times {
  histogram trades;
  histogram bars;
};

// What a chart asks for, again and again, of one symbol after the other.
void read_while(const store::tick_store& from, std::uint32_t symbols, const std::atomic<bool>& goes_on,
                read_times& to) {
  for (std::uint32_t i = 0; goes_on; ++i) {
    const auto symbol = name_of(i * 37 % std::min<std::uint32_t>(symbols, 200));
    const auto begin = clock::now();
    must(from.bars("1m", symbol, {.limit = 500}));
    const auto middle = clock::now();
    must(from.trades(symbol, {.limit = 1000}));
    to.bars.add((middle - begin).count());
    to.trades.add((clock::now() - middle).count());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

int write(const options& of) {
  store::settings with;
  with.directory = of.directory;
  store::tick_store store(with);
  if (of.read) import_bars(store, of.symbols);
  const auto before = store.read_figures();
  const auto cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  producer from(store, of);
  read_times times;
  {
    std::atomic<bool> goes_on{true};
    std::jthread reader;
    if (of.read) reader = std::jthread([&] { read_while(store, of.symbols, goes_on, times); });
    std::jthread([&] { from.run(); }).join();
    goes_on = false;
  }
  must(store.sync().get());
  const auto cpu_s = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
  const auto figures = store.read_figures();
  const auto written = static_cast<double>(figures.trades - before.trades);
  nlohmann::json answer{
      {"trades", figures.trades - before.trades},
      {"dropped", figures.dropped_rows},
      {"elapsed_s", from.elapsed_s()},
      {"trades_per_s", written / from.elapsed_s()},
      {"lane_us", from.cpu_s() / written * 1e6},
      {"writer_us", static_cast<double>(figures.writer_cpu_us - before.writer_cpu_us) / written},
      {"rest_us", (cpu_s - from.cpu_s()) / written * 1e6 -
                      static_cast<double>(figures.writer_cpu_us - before.writer_cpu_us) / written},
      {"longest_flush_ms", static_cast<double>(figures.longest_flush_us) / 1000},
      {"flushes", figures.flushes - before.flushes},
      {"memory_mb", static_cast<double>(figures.memory_bytes) / 1e6},
      {"journal_mb", static_cast<double>(figures.journal_bytes) / 1e6},
      {"block_bytes", static_cast<double>(figures.trade_bytes) /
                          static_cast<double>(std::max<std::uint64_t>(figures.trades, 1))}};
  if (of.read) {
    answer["reads"] = times.trades.count();
    answer["trades_p50_us"] = static_cast<double>(times.trades.quantile(0.5)) / 1000;
    answer["trades_p99_us"] = static_cast<double>(times.trades.quantile(0.99)) / 1000;
    answer["bars_p50_us"] = static_cast<double>(times.bars.quantile(0.5)) / 1000;
    answer["bars_p99_us"] = static_cast<double>(times.bars.quantile(0.99)) / 1000;
  }
  std::cout << answer << std::endl;
  if (of.crash) ::_exit(0);
  must(store.close());
  return 0;
}

int open(const options& of) {
  const auto begin = clock::now();
  store::settings with;
  with.directory = of.directory;
  store::tick_store store(with);
  const auto opened_s = since(begin);
  if (store.condition().is != store::condition::state::ok) throw std::runtime_error(store.condition().why);
  auto found = must(store.recovered());
  std::uint64_t rows = 0;
  store::recovered_row row;
  while (must(found.rows->next(row))) ++rows;
  const auto recovered_s = since(begin);
  found.rows.reset();
  const auto symbols = store.symbols();
  if (symbols.empty() || must(store.trades(symbols.front(), {.limit = 1000})).empty())
    throw std::runtime_error("there are no trades");
  std::cout << nlohmann::json{{"open_s", opened_s},
                              {"recovered_s", recovered_s},
                              {"first_read_s", since(begin)},
                              {"journal_rows", rows},
                              {"disk_mb", static_cast<double>(bytes_of(of.directory)) / 1e6}}
            << std::endl;
  ::_exit(0);
}

int compact(const options& of) {
  store::settings with;
  with.directory = of.directory;
  {
    store::tick_store store(with);
    must(store.compact());
    must(store.close());
  }
  std::cout << nlohmann::json{{"disk_mb", static_cast<double>(bytes_of(of.directory)) / 1e6}} << std::endl;
  return 0;
}

struct recorded {
  std::vector<protocol::trade> trades;
  std::vector<protocol::quote> quotes;
};

nlohmann::json size_of(const options& of, const std::string& file) {
  recorded rows;
  feeds::recording from(file, {});
  for (; from.peek() != nullptr; from.pop()) {
    if (auto* trade = std::get_if<protocol::trade>(&from.peek()->value))
      rows.trades.push_back(*trade);
    else
      rows.quotes.push_back(std::get<protocol::quote>(from.peek()->value));
  }
  store::settings with;
  with.directory = of.directory + "/" + std::filesystem::path(file).filename().string();
  // A few symbols alike, so that what a database costs by itself does not count.
  constexpr std::size_t copies = 20;
  store::figures figures;
  {
    store::tick_store store(with);
    for (std::size_t i = 0; i < copies; ++i) {
      const auto symbol = name_of(static_cast<std::uint32_t>(i));
      must(store.merge_trades(symbol, rows.trades));
      must(store.merge_quotes(symbol, rows.quotes));
    }
    must(store.compact());
    figures = store.read_figures();
    must(store.close());
  }
  const auto count = static_cast<double>(rows.trades.size() + rows.quotes.size());
  std::uintmax_t tables = 0;
  for (const auto& each : std::filesystem::directory_iterator(with.directory + "/history"))
    if (each.path().extension() == ".sst") tables += each.file_size();
  return {{"file", std::filesystem::path(file).filename().string()},
          {"rows", count},
          {"kept", static_cast<double>(figures.imported) / copies},
          {"block_bytes", static_cast<double>(figures.trade_bytes + figures.quote_bytes) /
                              static_cast<double>(figures.imported)},
          {"disk_bytes", static_cast<double>(tables) / static_cast<double>(figures.imported)},
          {"file_bytes", static_cast<double>(std::filesystem::file_size(file)) / count}};
}

int sizes(const options& of) {
  auto answer = nlohmann::json::array();
  for (const auto& file : of.files) answer.push_back(size_of(of, file));
  std::cout << answer << std::endl;
  return 0;
}

}  // namespace
}  // namespace tickcast::bench

int main(int count, char** arguments) {
  using namespace tickcast::bench;
  CLI::App app("measures the store");
  options of;
  app.require_subcommand(1);
  app.add_option("--directory", of.directory, "where the database lies")->required();
  auto* write_command = app.add_subcommand("write", "writes trades, and tells what that took");
  write_command->add_option("--rate", of.rate, "trades a second; 0: as many as go");
  write_command->add_option("--trades", of.trades, "how many");
  write_command->add_option("--symbols", of.symbols, "of how many symbols");
  write_command->add_flag("--read", of.read, "and reads meanwhile");
  write_command->add_flag("--crash", of.crash, "ends without closing");
  auto* open_command = app.add_subcommand("open", "opens what is there and reads it as a restart does");
  auto* compact_command = app.add_subcommand("compact", "makes it as small as it gets");
  auto* sizes_command = app.add_subcommand("sizes", "bytes a row of recordings");
  sizes_command->add_option("files", of.files, "CSV, plain or gzip")->required();
  CLI11_PARSE(app, count, arguments);
  try {
    if (*write_command) return write(of);
    if (*open_command) return open(of);
    if (*compact_command) return compact(of);
    if (*sizes_command) return sizes(of);
  } catch (const std::exception& why) {
    std::cerr << "store_load: " << why.what() << '\n';
  }
  return 1;
}
