#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "actors/topics/feed_port.hpp"
#include "plugins/runner/inbox.hpp"
#include "plugins/runner/outlet.hpp"

namespace tickcast::actors {

class plugin_board;

/// A plugin's way into the engine: what it publishes goes through a feed port of its own, bounded by its
/// credit; topics come from the hub. Thread: the plugin's, but for retire().
class engine_outlet final : public plugins::outlet {
public:
  engine_outlet(plugin_board& board, std::string name, std::shared_ptr<plugins::inbox> letters,
                feed_entry& entry, feed_port_options options);

  void subscribe(const std::string& pattern) override;
  void unsubscribe(const std::string& pattern) override;
  void refresh(const std::vector<std::string>& topics) override;
  plugins::published event(std::string_view topic, std::string&& json_text) override;
  plugins::published trade(std::string_view symbol, const protocol::trade& value) override;
  plugins::published quote(std::string_view symbol, const protocol::quote& value) override;
  plugins::published bar(std::string_view symbol, std::string_view interval,
                         const protocol::bar& value) override;
  void flush() override;
  void ask(std::string_view plugin, std::uint64_t id, std::string&& question) override;
  void reply(std::uint64_t id, bool ok, std::string&& text) override;
  void read(const plugins::past_request& what) override;
  void log(plugins::log_level level, std::string_view text) override;
  void retire() noexcept override { retired_.store(true); }

private:
  /// Most that gathers before it is sent without waiting for flush().
  static constexpr std::size_t most_gathered = 256;
  bool may_publish();
  plugins::published gathered();

  plugin_board& board_;
  std::string name_;
  std::shared_ptr<plugins::inbox> letters_;
  feed_port port_;
  std::size_t gathered_ = 0;
  std::atomic<bool> retired_{false};
};

}  // namespace tickcast::actors
