#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "store/history.hpp"

namespace tickcast::store {

class core;

/// The history of a directory to read alone, also while a server works on it: what was flushed to the disk
/// when it was opened (the server flushes every `store.flush_ms`), and nothing of later. Changes nothing.
///
/// Thread: any, as history.
class archive final : public history {
public:
  /// `directory`: as settings::directory. Error: storage, when nothing is there, too.
  static protocol::expected<std::shared_ptr<const archive>> open(const std::string& directory);
  ~archive() override;

  protocol::expected<std::vector<protocol::trade>> trades(std::string_view symbol,
                                                          const range& which) const override;
  protocol::expected<std::vector<protocol::quote>> quotes(std::string_view symbol,
                                                          const range& which) const override;
  protocol::expected<std::vector<protocol::bar>> bars(std::string_view interval, std::string_view symbol,
                                                      const range& which) const override;
  std::vector<std::string> symbols() const override;
  std::vector<std::string> intervals(std::string_view symbol) const override;

private:
  explicit archive(const std::string& directory);

  std::unique_ptr<core> core_;
};

}  // namespace tickcast::store
