#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/runner/indicator_line.hpp"
#include "plugins/runner/message.hpp"
#include "tickcast/indicator.hpp"

namespace tickcast::plugins {

/// When a symbol trades; never null.
using hours_finder = std::function<std::shared_ptr<const analytics::calendar>(const std::string& symbol)>;
/// All of them round the clock, UTC.
hours_finder round_the_clock();

/// What an indicator_desk needs of the runner around it.
struct indicator_ways {
  /// Asks for a topic's past; the answer comes to take_past().
  std::function<void(const past_request&)> read;
  /// Has look_again() called soon.
  std::function<void()> look_soon;
  std::function<void(const std::string& sentence)> complain;
  /// The bars of the topic that were told so far, the newest last.
  std::function<std::vector<protocol::bar>(const topic_ref&)> told;
  hours_finder hours;
};

/// The indicators of one plugin. Each line of bars is seeded from the stored ones, piece by piece, and then
/// kept up to date by its topic's messages. Until it is seeded for the first time those are held back, at
/// most `most_held`, so that no handler sees a bar before its indicators have it. One thread.
class indicator_desk {
public:
  static constexpr std::size_t most_indicators = 256;
  static constexpr std::size_t most_held = 10'000;
  static constexpr std::size_t piece = 10'000;  ///< bars that are asked for at once

  explicit indicator_desk(indicator_ways ways) : ways_(std::move(ways)) {}

  /// Its questions have numbers behind this one, and desk_bit.
  void number_from(std::uint64_t last) noexcept { last_question_ = last; }
  /// Throws std::invalid_argument.
  indicator add(std::string_view symbol, std::string_view interval, std::string_view call);
  /// Whether there are indicators over the topic's bars.
  bool has(std::string_view topic) const { return lines_.contains(topic); }
  /// The topic has been told, or was before: seeding may begin.
  void begin(const std::string& topic);
  /// True: it was held back. False: it is to be delivered, behind those of released().
  bool hold(const message& what);
  /// What was held and need not be any longer.
  std::vector<message> released(std::string_view topic);
  /// A bar, or a topic's bars once more.
  void take(const message& what);
  /// Takes a piece of history in. Returns the messages that were held for it, once it was the last.
  std::vector<message> take_past(const past_answer& given);
  /// Asks again where history was busy.
  void look_again();
  void forget(std::string_view topic);

private:
  struct slot;
  struct line {
    line(const topic_ref& topic, std::shared_ptr<const analytics::calendar> trades)
        : of(topic), hours(std::move(trades)) {}
    topic_ref of;
    std::shared_ptr<const analytics::calendar> hours;
    std::vector<analytics::indicators::call> calls;
    std::vector<std::shared_ptr<slot>> slots;  ///< as the calls
    std::optional<indicator_line> now;         ///< not before it is seeded
    std::size_t shown = 0;                     ///< slots that `now` computes
    std::optional<indicator_line> next;        ///< while it is seeded
    std::uint64_t asked = 0;                   ///< the question under way; 0: none
    past wanted;
    bool tries_again = false;
    bool holds = true;  ///< until it is seeded for the first time
    std::vector<message> held;
  };

  void seed(line& of);
  void ask(line& of, std::int64_t from_ns);
  void settle(line& of);
  static void show(line& of);

  indicator_ways ways_;
  std::map<std::string, line, std::less<>> lines_;
  std::uint64_t last_question_ = 0;
  std::size_t count_ = 0;
};

/// Questions of the desk have this bit, those of the plugin do not.
inline constexpr std::uint64_t desk_bit = std::uint64_t{1} << 63;

}  // namespace tickcast::plugins
