// Many random histories, each told to the store and to a plain list; whatever is read must be what the list
// says: across flushes, blocks, late rows, cancels, imports, crashes and reopenings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

using protocol::quote;
using protocol::trade;

constexpr auto by_time = [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; };

template <class Row>
std::vector<Row> expected_rows(std::vector<Row> all, const range& which) {
  std::stable_sort(all.begin(), all.end(), by_time);
  std::erase_if(all,
                [&](const Row& row) { return row.time_ns < which.from_ns || row.time_ns >= which.to_ns; });
  if (all.size() > which.limit) {
    if (which.which == keep::newest)
      all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(which.limit));
    else
      all.resize(which.limit);
  }
  return all;
}

// Where two lists part, in few words.
template <class Row>
testing::AssertionResult same(const std::vector<Row>& read, const std::vector<Row>& told) {
  if (read == told) return testing::AssertionSuccess();
  std::size_t i = 0;
  while (i < read.size() && i < told.size() && read[i] == told[i]) ++i;
  auto answer = testing::AssertionFailure()
                << read.size() << " rows read, " << told.size() << " told; number " << i;
  if (i < read.size()) answer << ", read: " << read[i].time_ns - start_ns << " ns";
  if (i < told.size()) answer << ", told: " << told[i].time_ns - start_ns << " ns";
  return answer;
}

class history_of_chance {
public:
  history_of_chance(unsigned seed, bool with_database) : random_(seed), with_database_(with_database) {
    open(with_database_ ? directory_.path() + "/0" : "");
  }

  void live(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) step();
    compare();
  }

private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  void open(const std::string& directory) {
    auto with = by_hand(directory, clock_);
    with.block_rows = static_cast<std::uint32_t>(2 + below(20));
    with.block_age = std::chrono::seconds(60);
    if (one_in(2)) with.memory_bytes = with_database_ ? 4096 : with.memory_bytes;
    if (one_in(2)) with.journal_bytes = 4096;
    store_ = std::make_unique<tick_store>(with);
    lane_ = store_->open_lane();
    lane_->name(0, "S");
  }

  void step() {
    const auto dice = below(100);
    if (dice < 45) return add_trade();
    if (dice < 75) return add_quote();
    if (dice < 78) return amend();
    if (dice < 88) return flush();
    if (dice < 90) return import_trades();
    if (dice < 92) return import_quotes();
    if (dice < 93) *clock_ += static_cast<std::int64_t>(below(100)) * second_ns;
    if (dice < 97) return compare();
    if (dice < 98 && with_database_) return one_in(2) ? crash() : reopen();
  }

  // Live times are even, imported ones odd: rows of one time then come from one side, and their order is
  // known.
  std::int64_t live_time() {
    now_ns_ += 2 * static_cast<std::int64_t>(one_in(3) ? 0 : below(1000));
    if (one_in(30)) now_ns_ += 2 * day_ns;
    if (!one_in(10)) return now_ns_;
    return now_ns_ - 2 * static_cast<std::int64_t>(below(one_in(2) ? 3000 : 4'000'000'000'000));
  }

  void add_trade() {
    trade row = trade_at(live_time(), one_in(4) ? 0 : next_id_++);
    row.price = protocol::decimal::from_parts(static_cast<std::int64_t>(below(100'000)), 2);
    lane_->append(0, ++position_, row);
    trades_.push_back(row);
  }

  void add_quote() {
    quote row = quote_at(live_time());
    row.bid = protocol::decimal::from_parts(static_cast<std::int64_t>(below(100'000)), 2);
    lane_->append(0, ++position_, row);
    quotes_.push_back(row);
  }

  void amend() {
    if (next_id_ == 1) return;
    auto row = trade_at(now_ns_, 1 + below(next_id_ - 1), "1.5", "2.5");
    const bool cancel = one_in(2);
    if (cancel)
      lane_->cancel(0, ++position_, row);
    else
      lane_->correct(0, ++position_, row);
    auto& present = amended_[row.id.number];
    if (present.second) return;
    present = {row, cancel};
  }

  void flush() {
    lane_->commit();
    store_->turn();
  }

  // Some of what is there already, none more often than it is there, and some that is new.
  template <class Row>
  std::vector<Row> to_import(const std::vector<Row>& present, auto make) {
    std::vector<Row> rows;
    std::set<std::size_t> picked;
    const auto around = now_ns_ - static_cast<std::int64_t>(below(10'000));
    for (auto count = below(40); count > 0; --count) {
      const auto pick = present.empty() || one_in(2) ? present.size() : below(present.size());
      if (pick == present.size())
        rows.push_back(make((around + static_cast<std::int64_t>(below(8000))) | 1));
      else if (picked.insert(pick).second)
        rows.push_back(present[pick]);
    }
    return rows;
  }

  void import_trades() {
    flush();
    auto rows = to_import(trades_, [&](std::int64_t time_ns) {
      return trade_at(time_ns, one_in(3) ? 0 : 1'000'000 + below(50), "3", "4");
    });
    std::size_t brought = 0;
    std::map<std::string, std::size_t> seen;
    for (const auto& row : rows) {
      const auto same = [&](const trade& each) {
        return row.id.is == protocol::trade_id::kind::none ? each == row
                                                           : each.time_ns == row.time_ns && each.id == row.id;
      };
      const auto there = static_cast<std::size_t>(std::count_if(trades_.begin(), trades_.end(), same));
      const auto times = ++seen[key_of(row)];
      if (there >= (row.id.is == protocol::trade_id::kind::none ? times : 1)) continue;
      trades_.push_back(row);
      ++brought;
    }
    ASSERT_EQ(must(store_->merge_trades("S", rows)), brought);
    ASSERT_EQ(must(store_->merge_trades("S", rows)), 0U);
  }

  static std::string key_of(const trade& row) {
    return std::to_string(row.time_ns) + "/" + std::to_string(row.id.number) + "/" + row.price.to_string();
  }

  void import_quotes() {
    flush();
    auto rows =
        to_import(quotes_, [&](std::int64_t time_ns) { return quote_at(time_ns, one_in(2) ? "1" : "2"); });
    std::size_t brought = 0;
    std::map<std::pair<std::int64_t, std::string>, std::size_t> seen;
    for (const auto& row : rows) {
      const auto there = static_cast<std::size_t>(std::count(quotes_.begin(), quotes_.end(), row));
      if (there >= ++seen[{row.time_ns, row.bid.to_string()}]) continue;
      quotes_.push_back(row);
      ++brought;
    }
    ASSERT_EQ(must(store_->merge_quotes("S", rows)), brought);
    ASSERT_EQ(must(store_->merge_quotes("S", rows)), 0U);
  }

  void reopen() {
    flush();
    must(store_->close());
    store_.reset();
    open(directory_.path() + "/" + std::to_string(directories_));
  }

  // What lies in the directory between two flushes is what a killed process leaves.
  void crash() {
    flush();
    const auto from = directory_.path() + "/" + std::to_string(directories_);
    const auto to = directory_.path() + "/" + std::to_string(++directories_);
    // RocksDB may be making or clearing away a file in the background; only a quiet moment counts.
    for (;;) {
      const auto before = files_of(from);
      std::error_code missing;
      std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, missing);
      if (!missing && files_of(from) == before && files_of(to) == before) break;
      std::filesystem::remove_all(to);
    }
    store_.reset();
    open(to);
  }

  static std::map<std::string, std::uintmax_t> files_of(const std::string& directory) {
    std::map<std::string, std::uintmax_t> sizes;
    for (std::error_code gone; const auto& each : std::filesystem::recursive_directory_iterator(directory))
      if (each.is_regular_file(gone)) sizes[each.path().filename()] = each.file_size(gone);
    return sizes;
  }

  std::vector<trade> standing() const {
    std::vector<trade> rows;
    for (auto row : trades_) {
      if (const auto found = amended_.find(row.id.number); row.id.number != 0 && found != amended_.end()) {
        if (found->second.second) continue;
        row.price = found->second.first.price;
        row.size = found->second.first.size;
      }
      rows.push_back(row);
    }
    return rows;
  }

  void compare() {
    flush();
    for (int i = 0; i < 4; ++i) {
      range which;
      if (!one_in(4))
        which.from_ns = now_ns_ - static_cast<std::int64_t>(below(one_in(2) ? 20'000 : 3 * day_ns));
      if (!one_in(4))
        which.to_ns = now_ns_ - static_cast<std::int64_t>(below(one_in(2) ? 20'000 : 3 * day_ns));
      which.limit = 1 + below(one_in(2) ? 20 : 10'000);
      which.which = one_in(2) ? keep::newest : keep::oldest;
      ASSERT_TRUE(same(must(store_->trades("S", which)), expected_rows(standing(), which)));
      ASSERT_TRUE(same(must(store_->quotes("S", which)), expected_rows(quotes_, which)));
    }
  }

  std::mt19937_64 random_;
  const bool with_database_;
  scratch_directory directory_;
  int directories_ = 0;
  std::shared_ptr<std::int64_t> clock_ = std::make_shared<std::int64_t>(start_ns);
  std::unique_ptr<tick_store> store_;
  std::shared_ptr<lane> lane_;
  std::int64_t now_ns_ = start_ns;
  std::uint64_t position_ = 0;
  std::uint64_t next_id_ = 1;
  std::vector<trade> trades_;
  std::vector<quote> quotes_;
  std::map<std::uint64_t, std::pair<trade, bool>> amended_;  // the last one, and whether it is a cancel
};

class store_model : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(store, store_model, testing::Values(false, true),
                         [](const auto& with) { return with.param ? "database" : "memory"; });

TEST_P(store_model, whatever_happens_reads_are_what_was_told) {
  const auto* more = std::getenv("TICKCAST_ROUNDS");
  const unsigned rounds = more ? static_cast<unsigned>(std::stoul(more)) : 10;
  for (unsigned seed = 1; seed <= rounds && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    history_of_chance(seed, GetParam()).live(2000);
  }
}

}  // namespace
}  // namespace tickcast::store
