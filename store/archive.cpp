#include "store/archive.hpp"

#include <algorithm>
#include <limits>
#include <mutex>

#include "store/core.hpp"
#include "store/opening.hpp"
#include "store/reading.hpp"

namespace tickcast::store {
namespace {

settings settings_of(const std::string& directory) {
  settings with;
  with.directory = directory;
  with.threads = false;
  return with;
}

template <class Row>
bool has_rows(const tick_series<Row>& series) {
  return series.state().oldest_ns != std::numeric_limits<std::int64_t>::max();
}

}  // namespace

archive::archive(const std::string& directory) : core_(std::make_unique<core>(settings_of(directory))) {}

archive::~archive() = default;

protocol::expected<std::shared_ptr<const archive>> archive::open(const std::string& directory) {
  std::shared_ptr<archive> made(new archive(directory));
  if (auto opened = open_database_to_read(*made->core_); !opened)
    return protocol::unexpected(std::move(opened.error()));
  return std::shared_ptr<const archive>(std::move(made));
}

protocol::expected<std::vector<protocol::trade>> archive::trades(std::string_view symbol,
                                                                 const range& which) const {
  return read_ticks<protocol::trade>(*core_, symbol, which);
}

protocol::expected<std::vector<protocol::quote>> archive::quotes(std::string_view symbol,
                                                                 const range& which) const {
  return read_ticks<protocol::quote>(*core_, symbol, which);
}

protocol::expected<std::vector<protocol::bar>> archive::bars(std::string_view interval,
                                                             std::string_view symbol,
                                                             const range& which) const {
  return read_bars(*core_, interval, symbol, which);
}

std::vector<std::string> archive::symbols() const {
  std::vector<std::string> names;
  const auto known = core_->symbols();
  for (const auto* symbol : known->all()) {
    const bool any_bars = std::any_of(symbol->bars.begin(), symbol->bars.end(),
                                      [](const auto& each) { return each.second.state().rows > 0; });
    if (any_bars || has_rows(symbol->trades) || has_rows(symbol->quotes)) names.push_back(symbol->name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> archive::intervals(std::string_view symbol) const {
  std::vector<std::string> found;
  const auto known = core_->symbols();
  const auto* memory = known->find(symbol);
  if (!memory) return found;
  for (const auto& [interval, series] : memory->bars)
    if (series.state().rows > 0) found.push_back(interval);
  return found;
}

}  // namespace tickcast::store
