#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/topics/engine.hpp"
#include "actors/topics/quote_window.hpp"
#include "actors/topics/view_passage.hpp"
#include "net/api/instruments.hpp"
#include "net/http_exchange.hpp"
#include "net/shared_reads.hpp"
#include "store/history.hpp"

namespace tickcast::net::api {

/// One column of an indicator: "macd(12,26,9).signal"; NaN where it has no value yet.
struct indicator_column {
  std::string name;
  std::vector<double> values;
};

/// Computes indicators over bars. Any thread; takes its time.
class indicator_source {
public:
  virtual ~indicator_source() = default;
  /// The columns of calls as in "sma(30),macd(12,26,9)", each as long as `bars`, which are of an instrument
  /// with these hours. Errors: bad_field, with a sentence that says what to write instead.
  virtual protocol::expected<std::vector<indicator_column>> compute(
      std::string_view calls, std::span<const protocol::bar> bars,
      const analytics::calendar& hours) const = 0;
};

/// What the routes answer from. All of it outlives the server's loops and the reader threads.
struct api_sources {
  actors::engine& engine;
  const store::history& past;
  const instrument_source& instruments;
  shared_reads& reads;
  std::vector<actors::quote_window*> windows;  ///< by shard
  const indicator_source* indicators = nullptr;
  /// Has `past` write all that it was given, and waits for it; for reader threads. Empty: it has it at once.
  std::function<void()> catch_up = {};
};

/// A route of the client port.
struct api_route {
  std::string path;  ///< ends in "/" when all paths below are meant
  std::string name;  ///< in metrics
  std::vector<std::string_view> parameters;
  http_late_handler handler;
};

/// Asks the symbol's dispatcher where the topic stands; `done` runs on the symbol's shard, at once where the
/// engine does not know the symbol. Nothing: nobody could take the question just now.
void look_at(const actors::engine& parts, const std::string& topic, std::string_view symbol,
             actors::view_passage::taker done);

/// Has `find` answer `question` on a reader thread, from where the topic stands now. `key` tells questions
/// apart.
struct past_question {
  std::string key;
  std::string topic;
  std::string symbol;
  bool in_part = false;  ///< whether the answer can leave fields out
};
/// Where the topic stands, and what of its past may be shown.
struct past_sight {
  actors::topic_sight now;           ///< to read by
  actors::topic_sight shown;         ///< to tell: without a position where the past comes late
  std::int64_t end_ns;               ///< rows from then on may not be shown
  const protocol::field_mask* mask;  ///< the only fields to show; null: all
};
void read_past(const std::shared_ptr<const api_sources>& from, http_exchange& exchange,
               past_question question, std::function<http_content_ptr(const past_sight&)> find);
/// Asks the directory where an event topic stands.
void look_at_event(const actors::engine& parts, const std::string& topic, actors::view_passage::taker done);

/// The 404 for a symbol that is not known.
http_content_ptr refuse_unknown(std::string_view symbol);
/// A 404 for a symbol that neither the engine nor history knows. Null: it is known. On reader threads.
http_content_ptr refuse_unknown(const api_sources& from, std::string_view symbol);

}  // namespace tickcast::net::api
