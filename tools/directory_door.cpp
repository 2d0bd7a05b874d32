#include "tools/directory_door.hpp"

#include <fmt/format.h>

#include <utility>

#include "store/store.hpp"
#include "store/whole_times.hpp"

namespace tickcast::tools {
namespace {

/// Imports go straight to the database; what is kept in memory is of no use here.
constexpr std::size_t memory_bytes = std::size_t{16} << 20;

store::settings settings_for(const std::string& directory) {
  store::settings with;
  with.directory = directory;
  with.memory_bytes = memory_bytes;
  with.kept = {{0, 0}, {0, 0}, {0, 0}};
  return with;
}

template <class T>
admin_result<T> pass_on(protocol::expected<T>&& result) {
  if (result) return std::move(*result);
  return tl::unexpected(admin_failure{exit_code::failed, result.error().message});
}

class directory_door final : public history_door {
public:
  directory_door(std::unique_ptr<data_lock> lock, const std::string& directory)
      : lock_(std::move(lock)), directory_(directory), store_(settings_for(directory)) {}

  /// A sentence when the database cannot be used.
  std::string fault() const {
    const auto now = store_.condition();
    return now.is == store::condition::state::failing ? now.why : std::string();
  }

  admin_result<store::import_count> bring(const store::row_batch& rows, bool) override {
    return pass_on(rows.merge_into(store_));
  }
  admin_result<std::optional<std::int64_t>> read(const std::string& topic, const store::range& which,
                                                 protocol::feed_sink& to) override {
    const auto parsed = protocol::parse_topic(topic);
    if (!parsed) return tl::unexpected(admin_failure{exit_code::usage, parsed.error().message});
    return pass_on(store::read_piece(store_, *parsed, which, to));
  }
  admin_result<void> close() override {
    if (const auto done = store_.close(); !done)
      return tl::unexpected(admin_failure{exit_code::failed, done.error().message});
    return {};
  }
  std::string where() const override { return directory_; }

private:
  std::unique_ptr<data_lock> lock_;
  std::string directory_;
  store::tick_store store_;
};

}  // namespace

admin_result<std::unique_ptr<history_door>> open_directory(std::unique_ptr<data_lock> lock,
                                                           const std::string& directory) {
  auto door = std::make_unique<directory_door>(std::move(lock), directory);
  if (auto fault = door->fault(); !fault.empty())
    return tl::unexpected(admin_failure{exit_code::failed, fmt::format("{}: {}", directory, fault)});
  return door;
}

}  // namespace tickcast::tools
