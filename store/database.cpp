#include "store/database.hpp"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "store/bytes.hpp"

namespace tickcast::store {
namespace {

enum family : std::size_t { notes, journals, trade_blocks, quote_blocks, bar_rows };
constexpr std::array family_names{"default", "journal", "trades", "quotes", "bars"};

constexpr std::size_t mebibyte = std::size_t{1} << 20;
// Between them the write buffers fill before the log is too long to be read back quickly after a crash.
constexpr std::size_t longest_log = 96 * mebibyte;
constexpr int tries_to_read = 5;
constexpr std::size_t spare_room = 4 * mebibyte;

std::size_t family_of(data_kind kind) noexcept {
  return kind == data_kind::trade ? trade_blocks : quote_blocks;
}

protocol::unexpected<protocol::error> failed(const rocksdb::Status& why) {
  return protocol::unexpected(protocol::error{
      protocol::errc::storage,
      why.IsNoSpace()
          ? fmt::format("the disk of store.directory is full ({}); make room or shorten store.retention",
                        why.ToString())
          : fmt::format("the database in store.directory: {}", why.ToString())});
}

protocol::expected<void> outcome_of(const rocksdb::Status& status) {
  if (!status.ok()) return failed(status);
  return {};
}

// RocksDB 7.8 must not write a log of its own: where that fails once, as on a full disk, the next line aborts
// the process (an assertion in WritableFileWriter, which Debian leaves in).
class no_log final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Nor must it take up writing by itself after a failure: the log it cannot write any more stays unusable in
// this version, and is used all the same (https://github.com/facebook/rocksdb/issues/11643). The database is
// opened anew instead.
class no_recovery final : public rocksdb::EventListener {
public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }
};

rocksdb::DBOptions options_of_database() {
  rocksdb::DBOptions options;
  options.info_log = std::make_shared<no_log>();
  options.listeners.push_back(std::make_shared<no_recovery>());
  options.max_bgerror_resume_count = 0;
  options.avoid_flush_during_shutdown = true;  // done by ~database, where it can succeed
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_total_wal_size = longest_log;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_open_files = 256;
  options.stats_dump_period_sec = 0;
  // The disk gets small helpings all the time instead of a large one that the writer waits for.
  options.bytes_per_sync = mebibyte;
  options.wal_bytes_per_sync = mebibyte;
  options.avoid_unnecessary_blocking_io = true;
  return options;
}

rocksdb::ColumnFamilyOptions options_of_family(family which, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = which == trade_blocks || which == quote_blocks ? 32 * 1024 : 8 * 1024;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = (which == notes ? 8 : 16) * mebibyte;
  options.max_write_buffer_number = 6;
  options.compression = rocksdb::kLZ4Compression;
  if (which != journals && which != notes) {
    options.bottommost_compression = rocksdb::kZSTD;
    options.level_compaction_dynamic_level_bytes = true;
  }
  // Rows come evenly; it is better to have more files for a while than to hold the writer.
  options.level0_file_num_compaction_trigger = 6;
  options.level0_slowdown_writes_trigger = 40;
  options.level0_stop_writes_trigger = 64;
  return options;
}

}  // namespace

void batch::add(action what, std::size_t family, std::string_view first, std::string_view second) {
  operations_.push_back(static_cast<char>(what));
  operations_.push_back(static_cast<char>(family));
  for (const auto text : {first, second}) {
    std::array<char, max_number_bytes> size;
    operations_.append(size.data(), put_number(size.data(), text.size()));
    operations_.append(text);
  }
}

void batch::put_note(const std::string& key, std::string_view bytes) {
  add(action::put, notes, key, bytes);
}
void batch::remove_note(const std::string& key) {
  add(action::remove, notes, key, {});
}
void batch::put_journal(std::uint64_t record, std::string_view bytes) {
  add(action::put, journals, journal_key(record), bytes);
}
void batch::trim_journal(std::uint64_t before) {
  add(action::remove_range, journals, journal_key(0), journal_key(before));
}
void batch::put_block(data_kind kind, const std::string& key, std::string_view bytes) {
  add(action::put, family_of(kind), key, bytes);
}
void batch::remove_block(data_kind kind, const std::string& key) {
  add(action::remove, family_of(kind), key, {});
}
void batch::put_bar(const std::string& key, std::string_view bytes) {
  add(action::put, bar_rows, key, bytes);
}
void batch::remove_bar(const std::string& key) {
  add(action::remove, bar_rows, key, {});
}

protocol::expected<std::shared_ptr<database>> database::open(const std::string& directory) {
  std::error_code why;
  std::filesystem::create_directories(directory, why);
  if (why)
    return protocol::unexpected(
        protocol::error{protocol::errc::storage,
                        fmt::format("store.directory {} cannot be made: {}; name one that can be written",
                                    directory, why.message())});
  return open(directory, false);
}

protocol::expected<std::shared_ptr<database>> database::open_to_read(const std::string& directory) {
  // Files that go between being listed and being opened are not listed the next time.
  auto opened = open(directory, true);
  for (int again = 1; !opened && again < tries_to_read; ++again) opened = open(directory, true);
  return opened;
}

protocol::expected<std::shared_ptr<database>> database::open(const std::string& directory, bool to_read) {
  const auto cache = rocksdb::NewLRUCache(64 * mebibyte);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < family_names.size(); ++i)
    families.emplace_back(family_names[i], options_of_family(static_cast<family>(i), cache));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  auto options = options_of_database();
  // What is open stays readable when the other process deletes it.
  if (to_read) options.max_open_files = -1;
  const auto status = to_read ? rocksdb::DB::OpenForReadOnly(options, directory, families, &handles, &opened)
                              : rocksdb::DB::Open(options, directory, families, &handles, &opened);
  if (!status.ok()) return failed(status);
  std::shared_ptr<database> made(new database);
  made->rocks_.reset(opened);
  std::copy(handles.begin(), handles.end(), made->families_.begin());
  made->reads_only_ = to_read;
  return made;
}

protocol::expected<void> database::check_room(const std::string& directory, std::size_t bytes) {
  std::error_code why;
  // Opening writes anew what the logs hold.
  for (const auto& each : std::filesystem::directory_iterator(directory, why))
    if (each.path().extension() == ".log") bytes += each.file_size(why);
  const auto space = std::filesystem::space(directory, why);
  if (!why && space.available < bytes + spare_room)
    return protocol::unexpected(protocol::error{
        protocol::errc::storage,
        fmt::format(
            "the disk of store.directory is full: {} MB are free, {} are needed; make room or shorten "
            "store.retention",
            space.available / mebibyte, (bytes + spare_room) / mebibyte)});
  const auto probe = std::filesystem::path(directory) / "probe";
  bool wrote = !why;
  if (wrote) wrote = static_cast<bool>(std::ofstream(probe) << std::string(mebibyte, 'x') << std::flush);
  std::filesystem::remove(probe, why);
  if (!wrote)
    return protocol::unexpected(protocol::error{
        protocol::errc::storage, fmt::format("store.directory {} cannot be written", directory)});
  return {};
}

database::~database() {
  if (!rocks_) return;
  // Nobody hears of an error any more; the log has all of it anyway.
  if (!failed_ && !reads_only_) static_cast<void>(rocks_->Flush({}, {families_.begin(), families_.end()}));
  for (auto* family : families_) static_cast<void>(rocks_->DestroyColumnFamilyHandle(family));
  static_cast<void>(rocks_->Close());
}

protocol::expected<void> database::write(const batch& what, bool to_disk) {
  rocksdb::WriteBatch operations;
  for (byte_reader in(what.operations_); in.left() > 0;) {
    const auto action = static_cast<batch::action>(in.byte());
    auto* family = families_[in.byte()];
    const auto first = in.text();
    const auto second = in.text();
    if (action == batch::action::put)
      operations.Put(family, first, second);
    else if (action == batch::action::remove)
      operations.Delete(family, first);
    else
      operations.DeleteRange(family, first, second);
  }
  rocksdb::WriteOptions options;
  options.sync = to_disk;
  auto outcome = outcome_of(rocks_->Write(options, &operations));
  if (!outcome) failed_ = true;
  return outcome;
}

protocol::expected<void> database::compact() {
  rocksdb::CompactRangeOptions whole;
  whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  whole.exclusive_manual_compaction = false;
  for (auto* family : families_)
    if (const auto done = outcome_of(rocks_->CompactRange(whole, family, nullptr, nullptr)); !done)
      return done;
  return {};
}

protocol::expected<std::optional<std::string>> database::note(const std::string& key) const {
  std::string value;
  const auto status = rocks_->Get({}, families_[notes], key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return failed(status);
  return value;
}

protocol::expected<void> database::for_each_note(
    note_kind kind, const std::function<void(std::string_view, std::string_view)>& visit,
    const snapshot* as_of) const {
  auto at = walk_over(notes, std::string(1, static_cast<char>(kind)),
                      std::string(1, static_cast<char>(static_cast<char>(kind) + 1)), as_of);
  for (at->SeekToFirst(); at.valid(); at->Next()) visit(at.key(), at.value());
  return at.outcome();
}

protocol::expected<std::optional<std::string>> database::bar(const std::string& key) const {
  std::string value;
  const auto status = rocks_->Get({}, families_[bar_rows], key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return failed(status);
  return value;
}

database::walk database::blocks(data_kind kind, std::string from, std::string to,
                                const snapshot* as_of) const {
  return walk_over(family_of(kind), std::move(from), std::move(to), as_of);
}

database::walk database::bars(std::string from, std::string to, const snapshot* as_of) const {
  return walk_over(bar_rows, std::move(from), std::move(to), as_of);
}

database::walk database::journal(std::uint64_t from) const {
  return walk_over(journals, journal_key(from), journal_key(~std::uint64_t{0}), nullptr);
}

database::walk database::walk_over(std::size_t family, std::string from, std::string to,
                                   const snapshot* as_of) const {
  walk made;
  made.bounds_ = std::make_unique<walk::bounds>();
  made.bounds_->from = std::move(from);
  made.bounds_->to = std::move(to);
  made.bounds_->lower = made.bounds_->from;
  made.bounds_->upper = made.bounds_->to;
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &made.bounds_->lower;
  options.iterate_upper_bound = &made.bounds_->upper;
  if (as_of) options.snapshot = as_of->held_;
  made.at_.reset(rocks_->NewIterator(options, families_[family]));
  return made;
}

protocol::expected<void> database::walk::outcome() const {
  return outcome_of(at_->status());
}

}  // namespace tickcast::store
