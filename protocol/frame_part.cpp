#include "protocol/frame_part.hpp"

#include "protocol/feed_message.hpp"
#include "protocol/json_capture.hpp"
#include "protocol/parse_json.hpp"
#include "protocol/parse_msgpack.hpp"

namespace tickcast::protocol {
namespace {

/// Takes what a parser tells (wire_value.hpp) and writes down what stands at the path.
class part_reader {
public:
  explicit part_reader(std::initializer_list<std::string_view> path) : path_(path) {}

  bool begin_map() {
    if (capturing_) {
      to_->begin_map();
    } else if (here_) {
      begin_part();
      to_->begin_map();
    }
    return enter(true);
  }
  bool begin_array() {
    if (capturing_) {
      to_->begin_array();
    } else if (here_) {
      begin_part();
      to_->begin_array();
    }
    return enter(false);
  }
  bool end_map() {
    if (capturing_) to_->end_map();
    return leave();
  }
  bool end_array() {
    if (capturing_) to_->end_array();
    return leave();
  }
  bool key(std::string_view name) {
    if (capturing_) {
      sayable_ = to_->key(name) && sayable_;
      return true;
    }
    // Keys count only on the way: in the maps that the path has led to.
    const bool on_the_way = depth_ == matched_ + 1 && matched_ < path_.size();
    next_matches_ = on_the_way && name == *(path_.begin() + static_cast<std::ptrdiff_t>(matched_));
    here_ = next_matches_ && matched_ + 1 == path_.size();
    if (next_matches_) found_ = false;
    return true;
  }
  bool odd_key() {
    if (capturing_) sayable_ = false;
    next_matches_ = here_ = false;
    if (capturing_) to_->key("");
    return true;
  }
  bool value(wire_value v) {
    if (capturing_) {
      sayable_ = to_->value(v) && sayable_;
    } else if (here_) {
      begin_part();
      sayable_ = to_->value(v);
      capturing_ = false;
    }
    next_matches_ = here_ = false;
    return true;
  }

  bool found() const noexcept { return found_; }
  std::optional<std::string> take() && {
    to_.reset();  // the text is whole when its writer is gone
    if (!found_ || !sayable_) return std::nullopt;
    return std::move(text_);
  }

private:
  void begin_part() {
    to_.reset();
    text_.clear();
    to_.emplace(text_);
    found_ = sayable_ = capturing_ = true;
    captured_depth_ = depth_;
    here_ = next_matches_ = false;
  }
  bool enter(bool map) {
    if (!capturing_ && next_matches_ && map) ++matched_;
    next_matches_ = here_ = false;
    return ++depth_ <= max_depth;
  }
  bool leave() {
    --depth_;
    if (capturing_ && depth_ == captured_depth_) capturing_ = false;
    if (matched_ > 0 && depth_ <= matched_) matched_ = depth_ - (depth_ > 0 ? 1 : 0);
    return true;
  }

  std::initializer_list<std::string_view> path_;
  std::string text_;
  std::optional<json_capture> to_;
  std::size_t depth_ = 0;           ///< maps and arrays that are open
  std::size_t matched_ = 0;         ///< keys of the path whose maps are open
  std::size_t captured_depth_ = 0;  ///< where the part stands
  bool next_matches_ = false;       ///< the value to come is the next step of the path
  bool here_ = false;               ///< the value to come is the part
  bool capturing_ = false;
  bool found_ = false;
  bool sayable_ = true;
};

}  // namespace

std::optional<std::string> find_part(std::string_view frame, encoding as,
                                     std::initializer_list<std::string_view> path, bool* is_there) {
  part_reader reader(path);
  const auto end = as == encoding::json ? parse_json(frame, reader) : parse_msgpack(frame, reader);
  if (end != parse_end::whole) return std::nullopt;
  if (is_there) *is_there = reader.found();
  return std::move(reader).take();
}

}  // namespace tickcast::protocol
