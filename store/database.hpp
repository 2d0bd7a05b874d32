#pragma once
#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "store/keys.hpp"
#include "store/tier.hpp"

namespace tickcast::store {

/// What is written to the database at once, or not at all. Does not need the database to be open.
class batch {
public:
  void put_note(const std::string& key, std::string_view bytes);
  void remove_note(const std::string& key);
  void put_journal(std::uint64_t record, std::string_view bytes);
  /// Deletes the records before this one.
  void trim_journal(std::uint64_t before);
  /// `kind`: trade or quote; `key` as made by key_of_block or key_of_late.
  void put_block(data_kind kind, const std::string& key, std::string_view bytes);
  void remove_block(data_kind kind, const std::string& key);
  void put_bar(const std::string& key, std::string_view bytes);
  void remove_bar(const std::string& key);

  std::size_t bytes() const noexcept { return operations_.size(); }
  bool empty() const noexcept { return operations_.empty(); }

private:
  friend class database;
  enum class action : char { put, remove, remove_range };
  void add(action what, std::size_t family, std::string_view first, std::string_view second);

  std::string operations_;  // action, family, two texts; again and again
};

/// RocksDB in a directory: column families, options, errors in our words. Knows keys, not what they mean.
///
/// Thread: any; a batch belongs to one.
class database {
public:
  /// The rows as they are now, for as long as this is held.
  class snapshot {
  public:
    explicit snapshot(const database& of) : of_(of.rocks_.get()), held_(of_->GetSnapshot()) {}
    snapshot(const snapshot&) = delete;
    snapshot& operator=(const snapshot&) = delete;
    ~snapshot() { of_->ReleaseSnapshot(held_); }

  private:
    friend class database;
    rocksdb::DB* of_;
    const rocksdb::Snapshot* held_;
  };

  /// Opens what is in `directory`, or makes it. Errors: storage, with a sentence for a person.
  static protocol::expected<std::shared_ptr<database>> open(const std::string& directory);
  /// Opens what is there without changing anything, also while another process has it open: as it is at this
  /// moment, whatever that one writes or deletes later. Error: storage; there is none, too.
  static protocol::expected<std::shared_ptr<database>> open_to_read(const std::string& directory);
  /// Whether what was opened there once can be opened again and take `bytes` more, as far as can be told
  /// without doing it. Error: storage.
  static protocol::expected<void> check_room(const std::string& directory, std::size_t bytes);
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  /// Memory that was not written is written first, so that opening is quick.
  ~database();

  /// Writes all of it or nothing. `to_disk`: returns when the disk has it. Error: storage; from then on it
  /// can only be read, until it is opened anew.
  protocol::expected<void> write(const batch& what, bool to_disk);
  /// Merges all files of each family into the last level. Error: storage.
  protocol::expected<void> compact();

  protocol::expected<std::optional<std::string>> note(const std::string& key) const;
  /// Every note of a kind, in order of its key, which comes with the kind's byte.
  protocol::expected<void> for_each_note(
      note_kind kind, const std::function<void(std::string_view key, std::string_view bytes)>& visit,
      const snapshot* as_of = nullptr) const;
  protocol::expected<std::optional<std::string>> bar(const std::string& key) const;

  /// An iterator over [from, to), unpositioned, of the blocks of a kind, of the bars, or of the journal. The
  /// bounds are kept with it.
  class walk;
  walk blocks(data_kind kind, std::string from, std::string to, const snapshot* as_of = nullptr) const;
  walk bars(std::string from, std::string to, const snapshot* as_of = nullptr) const;
  walk journal(std::uint64_t from) const;

private:
  database() = default;
  static protocol::expected<std::shared_ptr<database>> open(const std::string& directory, bool to_read);
  walk walk_over(std::size_t family, std::string from, std::string to, const snapshot* as_of) const;

  std::unique_ptr<rocksdb::DB> rocks_;
  std::array<rocksdb::ColumnFamilyHandle*, 5> families_{};
  bool reads_only_ = false;
  std::atomic<bool> failed_{false};
};

/// A RocksDB iterator with its bounds.
class database::walk {
public:
  rocksdb::Iterator* operator->() const noexcept { return at_.get(); }
  bool valid() const { return at_->Valid(); }
  std::string_view key() const { return at_->key().ToStringView(); }
  std::string_view value() const { return at_->value().ToStringView(); }
  /// Error: storage, when walking ended because of one.
  protocol::expected<void> outcome() const;

private:
  friend class database;
  struct bounds {
    std::string from, to;
    rocksdb::Slice lower, upper;
  };
  std::unique_ptr<bounds> bounds_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

}  // namespace tickcast::store
