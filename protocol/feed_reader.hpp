#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/feed_fields.hpp"
#include "protocol/json_capture.hpp"

namespace tickcast::protocol {

/// Takes what a parser tells of one body (wire_value.hpp), cuts it into messages and delivers them. A lone
/// map is delivered by `finish`, when nothing follows it; the maps of an array as soon as each is whole.
class feed_reader {
public:
  feed_reader(feed_sink& sink, message_source from, feed_fields::text_store* copies)
      : sink_(sink), from_(from), fields_(copies) {}

  bool begin_map();
  bool end_map();
  bool begin_array();
  bool end_array();
  bool key(std::string_view name) {
    if (depth_ == message_depth_) {
      current_ = find_field(name);
      if (current_ == field::data)
        begin_data();
      else if (current_ == field::unknown)
        ++unknown_;
    } else if (capturing_) {
      inner_key(name);
    }
    return true;
  }
  bool odd_key();
  bool value(wire_value v) {
    if (message_depth_ == 0 || depth_ != message_depth_ || current_ == field::data) return other_value(v);
    if (current_ != field::unknown) fields_.set(current_, v);
    return true;
  }

  /// After the last event. `end`: how the parser ended.
  void finish(parse_end end);

private:
  /// Nesting that is passed over before the parser is stopped; the parsers keep a little memory a level.
  static constexpr std::size_t most_depth_passed_over = 1024;

  /// What a service's `publish` has inside `data`; the positions are those in data_.
  struct publish_part {
    field current = field::unknown;
    bool has_topic = false;
    bool has_data = false;
    wire_value::kind topic_kind = wire_value::kind::null;
    std::string topic;
    std::size_t data_begin = 0;
    std::size_t data_end = 0;
  };

  bool enter();
  bool begins_message() const noexcept { return depth_ == (in_array_ ? 2U : 1U) && message_depth_ == 0; }
  bool other_value(wire_value v);
  void inner_key(std::string_view name);
  void inner_value(wire_value v);
  /// Before the bracket of a map or an array inside a message is written; false when it is not captured.
  bool captures_nested();
  void nested_ended();
  bool count_element();
  bool refuse_element();
  void end_message();
  void deliver();
  void forget_data();
  void begin_data();
  void take_publish_part();

  feed_sink& sink_;
  message_source from_;
  feed_fields fields_;
  field current_ = field::unknown;
  std::size_t depth_ = 0;
  std::size_t message_depth_ = 0;  ///< depth of the message's own fields; 0 outside of messages
  std::size_t elements_ = 0;
  std::size_t unknown_ = 0;  ///< fields of this message
  bool in_array_ = false;
  bool lone_map_ended_ = false;
  bool not_a_map_ = false;
  bool too_deep_ = false;
  bool too_large_ = false;
  bool capturing_ = false;      ///< inside a map or an array that is `data`
  bool inexpressible_ = false;  ///< `data` holds what JSON cannot say
  std::string data_;
  std::optional<json_capture> capture_;  ///< writes data_, from the key `data` to the end of its value
  publish_part publish_;
};

}  // namespace tickcast::protocol
