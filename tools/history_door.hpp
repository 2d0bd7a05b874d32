#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/feed_message.hpp"
#include "store/history.hpp"
#include "store/row_batch.hpp"
#include "tools/admin_options.hpp"

namespace tickcast::tools {

/// The way of a command to kept history: straight to the directory, or through the server that works on it.
/// Thread: one at a time.
class history_door {
public:
  virtual ~history_door() = default;

  /// Merges the rows; what became of them is safe when it returns. `more`: further ones of the same import
  /// follow.
  virtual admin_result<store::import_count> bring(const store::row_batch& rows, bool more) = 0;
  /// As store::read_piece.
  virtual admin_result<std::optional<std::int64_t>> read(const std::string& topic, const store::range& which,
                                                         protocol::feed_sink& to) = 0;
  /// After the last bring().
  virtual admin_result<void> close() = 0;
  /// For people: the directory, or the server's address.
  virtual std::string where() const = 0;
};

/// Which history a command means.
struct history_options {
  std::string directory;  ///< a server's data directory; empty: as the configuration says
  admin_options admin;    ///< where the server is asked when one holds the directory
};

/// `must_exist`: a directory without history is a failure instead of being made. `what`: names an import in
/// the server's audit log. With neither a directory nor a configuration that names one the server is asked.
admin_result<std::unique_ptr<history_door>> open_history_door(const history_options& options, bool must_exist,
                                                              const std::string& what, int stop_fd);

}  // namespace tickcast::tools
