#include "protocol/feed_reader.hpp"

#include <fmt/format.h>

#include <utility>

namespace tickcast::protocol {
namespace {

error too_deep_error() {
  return error{errc::too_deep, fmt::format("the message is nested deeper than {} levels", max_depth)};
}

}  // namespace

bool feed_reader::begin_map() {
  if (!enter()) return false;
  if (begins_message()) {
    if (in_array_ && !count_element()) return false;
    message_depth_ = depth_;
    current_ = field::unknown;
    too_deep_ = false;
    unknown_ = 0;
    fields_.clear();
    forget_data();
  } else if (captures_nested()) {
    capture_->begin_map();
  }
  return true;
}

bool feed_reader::end_map() {
  if (depth_ == message_depth_) {
    --depth_;
    end_message();
    return true;
  }
  --depth_;
  if (capturing_) capture_->end_map();
  nested_ended();
  return true;
}

bool feed_reader::begin_array() {
  if (!enter()) return false;
  if (depth_ == 1) {
    in_array_ = true;
  } else if (begins_message()) {
    return refuse_element();
  } else if (captures_nested()) {
    capture_->begin_array();
  }
  return true;
}

bool feed_reader::end_array() {
  --depth_;
  if (capturing_) capture_->end_array();
  nested_ended();
  return true;
}

bool feed_reader::odd_key() {
  if (depth_ == message_depth_) {
    current_ = field::unknown;
    ++unknown_;
  } else if (capturing_) {
    inner_key("");
    inexpressible_ = true;
  }
  return true;
}

void feed_reader::finish(parse_end end) {
  switch (end) {
    case parse_end::whole:
      if (lone_map_ended_) return deliver();
      if (not_a_map_) {
        sink_.on_refused(error{errc::not_a_map, "the body is neither a map nor an array of maps"}, {});
      }
      return;
    case parse_end::broken:
      return sink_.on_refused(
          error{errc::malformed, "the body is not whole MessagePack or JSON, or something follows it"}, {});
    case parse_end::range:
      return sink_.on_refused(error{errc::number_overflow, "the body holds a number beyond 1e308"}, {});
    case parse_end::stopped:
      break;
  }
  if (too_large_) {
    return sink_.on_refused(
        error{errc::too_large,
              fmt::format("the array holds more than {} messages: the rest is left out, send "
                          "smaller arrays",
                          max_feed_array)},
        {});
  }
  sink_.on_refused(too_deep_error(), {});
}

bool feed_reader::enter() {
  ++depth_;
  if (depth_ > max_depth) {
    too_deep_ = true;
    capturing_ = false;
    capture_.reset();
  }
  return depth_ <= most_depth_passed_over;
}

bool feed_reader::other_value(wire_value v) {
  if (depth_ == 0) {
    not_a_map_ = true;
  } else if (message_depth_ == 0) {
    if (depth_ == 1) return refuse_element();
  } else if (depth_ == message_depth_) {
    const bool can_be_said = capture_->value(v);
    capture_.reset();
    fields_.set(field::data, wire_value::of_kind(v.is == wire_value::kind::null ? wire_value::kind::null
                                                 : can_be_said                  ? wire_value::kind::nested
                                                                                : wire_value::kind::opaque));
  } else if (capturing_) {
    inner_value(v);
  }
  return true;
}

void feed_reader::inner_key(std::string_view name) {
  if (!capture_->key(name)) inexpressible_ = true;
  if (from_ != message_source::service || depth_ != message_depth_ + 1) return;
  publish_.current = name == "topic" ? field::topic : name == "data" ? field::data : field::unknown;
  if (publish_.current == field::data) publish_.data_begin = capture_->size();
}

void feed_reader::inner_value(wire_value v) {
  if (!capture_->value(v)) inexpressible_ = true;
  if (depth_ != message_depth_ + 1) return;
  if (publish_.current == field::topic) {
    publish_.has_topic = true;
    publish_.topic_kind = v.is;
    publish_.topic = v.is == wire_value::kind::text ? v.text() : std::string_view();
    publish_.current = field::unknown;
  }
  nested_ended();
}

bool feed_reader::captures_nested() {
  if (message_depth_ == 0) return false;
  if (depth_ == message_depth_ + 1 && current_ != field::unknown) {
    fields_.set(current_, wire_value::of_kind(wire_value::kind::nested));
    capturing_ = current_ == field::data && !too_deep_;
  }
  return capturing_;
}

void feed_reader::nested_ended() {
  if (!capturing_) return;
  if (depth_ == message_depth_) {
    capturing_ = false;
    capture_.reset();
    if (inexpressible_) fields_.set(field::data, wire_value::of_kind(wire_value::kind::opaque));
  } else if (depth_ == message_depth_ + 1 && publish_.current != field::unknown) {
    if (publish_.current == field::topic) {
      publish_.has_topic = true;
      publish_.topic_kind = wire_value::kind::nested;
    } else {
      publish_.has_data = true;
      publish_.data_end = capture_->size();
    }
    publish_.current = field::unknown;
  }
}

bool feed_reader::count_element() {
  too_large_ = ++elements_ > max_feed_array;
  return !too_large_;
}

bool feed_reader::refuse_element() {
  if (!count_element()) return false;
  sink_.on_refused(error{errc::not_a_map, fmt::format("element {} of the array is not a map", elements_)},
                   {});
  return true;
}

void feed_reader::end_message() {
  message_depth_ = 0;
  if (in_array_) {
    deliver();
  } else {
    lone_map_ended_ = true;
  }
}

void feed_reader::deliver() {
  if (too_deep_) return fields_.refuse(sink_, too_deep_error());
  if (from_ == message_source::service && fields_.is_type("publish")) take_publish_part();
  fields_.deliver(sink_, from_, data_);
  if (unknown_ != 0) sink_.on_unknown_fields(unknown_);
}

void feed_reader::begin_data() {
  forget_data();
  capture_.emplace(data_);
}

void feed_reader::forget_data() {
  capture_.reset();
  data_.clear();
  inexpressible_ = false;
  publish_.current = field::unknown;
  publish_.has_topic = false;
  publish_.has_data = false;
}

void feed_reader::take_publish_part() {
  if (publish_.has_topic) {
    fields_.set(field::topic, publish_.topic_kind == wire_value::kind::text
                                  ? wire_value::of_text(publish_.topic)
                                  : wire_value::of_kind(publish_.topic_kind));
  } else {
    fields_.remove(field::topic);
  }
  if (!publish_.has_data) return fields_.remove(field::data);
  data_.erase(publish_.data_end);
  data_.erase(0, publish_.data_begin);
}

}  // namespace tickcast::protocol
