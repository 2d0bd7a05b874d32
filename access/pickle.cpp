#include "access/pickle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tickcast::access {
namespace {

using nlohmann::json;
using protocol::errc;
using protocol::unexpected;

enum op : unsigned char {
  op_mark = '(',
  op_stop = '.',
  op_pop = '0',
  op_pop_mark = '1',
  op_binint = 'J',
  op_binint1 = 'K',
  op_binint2 = 'M',
  op_none = 'N',
  op_binfloat = 'G',
  op_append = 'a',
  op_appends = 'e',
  op_binget = 'h',
  op_long_binget = 'j',
  op_binput = 'q',
  op_long_binput = 'r',
  op_setitem = 's',
  op_setitems = 'u',
  op_tuple = 't',
  op_empty_tuple = ')',
  op_empty_list = ']',
  op_empty_dict = '}',
  op_binunicode = 'X',
  op_short_binstring = 'U',
  op_binbytes = 'B',
  op_short_binbytes = 'C',
  op_proto = 0x80,
  op_tuple1 = 0x85,
  op_tuple2 = 0x86,
  op_tuple3 = 0x87,
  op_newtrue = 0x88,
  op_newfalse = 0x89,
  op_long1 = 0x8a,
  op_short_binunicode = 0x8c,
  op_binunicode8 = 0x8d,
  op_binbytes8 = 0x8e,
  op_empty_set = 0x8f,
  op_additems = 0x90,
  op_frozenset = 0x91,
  op_memoize = 0x94,
  op_frame = 0x95,
};

/// Values by number, so that what is shared is there once.
struct node {
  enum class kind : std::uint8_t { plain, list, map };
  kind is = kind::plain;
  json value = nullptr;              // plain
  std::vector<std::uint32_t> parts;  // list: elements; map: keys and values in turn
};

struct fault {
  errc code;
  std::string message;
};

class machine {
public:
  machine(std::string_view bytes, const pickle_limits& limits) : rest_(bytes), limits_(limits) {}

  protocol::expected<json> run() {
    try {
      for (;;)
        if (!step()) return result();
    } catch (const fault& why) {
      return unexpected(protocol::error{why.code, "the pickle cannot be read: " + why.message});
    }
  }

private:
  [[noreturn]] static void fail(errc code, std::string message) { throw fault{code, std::move(message)}; }
  [[noreturn]] static void cut_short() { fail(errc::malformed, "it is cut short"); }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) cut_short();
    const auto taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(static_cast<std::size_t>(count));
    return taken;
  }
  /// Little-endian, at most eight bytes.
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const auto taken = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(taken[i]);
    return value;
  }

  std::uint32_t add(node made) {
    if (nodes_.size() >= limits_.values) fail(errc::too_large, "it holds too many values");
    nodes_.push_back(std::move(made));
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  void push(std::uint32_t index) {
    if (stack_.size() >= limits_.values) fail(errc::too_large, "it holds too many values");
    stack_.push_back(index);
  }
  void push_plain(json value) { push(add({node::kind::plain, std::move(value), {}})); }
  void push_text(std::string_view text) { push_plain(std::string(text)); }
  void push_empty(node::kind kind) { push(add({kind, nullptr, {}})); }
  std::uint32_t pop() {
    if (stack_.size() <= floor()) fail(errc::malformed, "it takes what it has not put");
    const auto top = stack_.back();
    stack_.pop_back();
    return top;
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<std::uint32_t> pop_to_mark() {
    if (marks_.empty()) fail(errc::malformed, "a mark is missing");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<std::uint32_t> taken(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return taken;
  }
  node& top(node::kind wanted) {
    if (stack_.size() <= floor() || nodes_[stack_.back()].is != wanted)
      fail(errc::malformed, "it adds to what is no list or dictionary");
    return nodes_[stack_.back()];
  }
  void extend(node::kind wanted, const std::vector<std::uint32_t>& parts) {
    if (wanted == node::kind::map && parts.size() % 2 != 0) fail(errc::malformed, "a key has no value");
    auto& to = top(wanted).parts;
    parts_ += parts.size();
    if (parts_ > limits_.values) fail(errc::too_large, "it holds too many values");
    to.insert(to.end(), parts.begin(), parts.end());
  }
  void push_tuple(std::vector<std::uint32_t> parts) {
    push_empty(node::kind::list);
    extend(node::kind::list, parts);
  }
  void push_last(std::size_t count) {
    std::vector<std::uint32_t> parts(count);
    for (auto at = parts.rbegin(); at != parts.rend(); ++at) *at = pop();
    push_tuple(std::move(parts));
  }
  void push_long(std::size_t bytes) {
    if (bytes > 8) fail(errc::number_overflow, "it holds an integer of more than 64 bits");
    if (bytes == 0) return push_plain(0);
    auto value = number(bytes);
    const auto sign = std::uint64_t{1} << (8 * bytes - 1);
    if (bytes < 8 && (value & sign) != 0) value |= ~std::uint64_t{0} << (8 * bytes);
    push_plain(static_cast<std::int64_t>(value));
  }
  void push_float() {
    std::uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
    push_plain(std::bit_cast<double>(bits));
  }
  void remember(std::uint64_t at) {
    if (stack_.empty()) fail(errc::malformed, "it remembers nothing");
    if (at >= limits_.values) fail(errc::too_large, "it remembers too many values");
    if (memo_.size() <= at) memo_.resize(static_cast<std::size_t>(at) + 1);
    memo_[static_cast<std::size_t>(at)] = stack_.back();
    ++remembered_;
  }
  void recall(std::uint64_t at) {
    if (at >= memo_.size() || !memo_[static_cast<std::size_t>(at)])
      fail(errc::malformed, "it recalls what it has not remembered");
    push(*memo_[static_cast<std::size_t>(at)]);
  }

  /// False: the end.
  bool step() {
    const auto code = static_cast<unsigned char>(take(1).front());
    if (code == op_stop) return false;
    if (!step_text(code) && !step_number(code) && !step_container(code)) step_control(code);
    return true;
  }
  bool step_text(unsigned char code) {
    switch (code) {
      case op_short_binunicode:
      case op_short_binbytes:
      case op_short_binstring:
        push_text(take(number(1)));
        return true;
      case op_binunicode:
      case op_binbytes:
        push_text(take(number(4)));
        return true;
      case op_binunicode8:
      case op_binbytes8:
        push_text(take(number(8)));
        return true;
      default:
        return false;
    }
  }
  bool step_number(unsigned char code) {
    switch (code) {
      case op_none:
        push_plain(nullptr);
        return true;
      case op_newtrue:
      case op_newfalse:
        push_plain(code == op_newtrue);
        return true;
      case op_binint:
        push_plain(static_cast<std::int32_t>(number(4)));
        return true;
      case op_binint1:
        push_plain(number(1));
        return true;
      case op_binint2:
        push_plain(number(2));
        return true;
      case op_long1:
        push_long(static_cast<std::size_t>(number(1)));
        return true;
      case op_binfloat:
        push_float();
        return true;
      default:
        return false;
    }
  }
  bool step_container(unsigned char code) {
    switch (code) {
      case op_empty_list:
      case op_empty_set:
      case op_empty_tuple:
        push_empty(node::kind::list);
        return true;
      case op_empty_dict:
        push_empty(node::kind::map);
        return true;
      case op_tuple1:
      case op_tuple2:
      case op_tuple3:
        push_last(1U + code - op_tuple1);
        return true;
      case op_tuple:
      case op_frozenset:
        push_tuple(pop_to_mark());
        return true;
      case op_append: {
        const auto one = pop();
        extend(node::kind::list, {one});
        return true;
      }
      case op_appends:
      case op_additems: {
        const auto all = pop_to_mark();
        extend(node::kind::list, all);
        return true;
      }
      case op_setitem: {
        const auto value = pop();
        const auto key = pop();
        extend(node::kind::map, {key, value});
        return true;
      }
      case op_setitems: {
        const auto all = pop_to_mark();
        extend(node::kind::map, all);
        return true;
      }
      default:
        return false;
    }
  }
  void step_control(unsigned char code) {
    switch (code) {
      case op_proto:
        if (const auto version = number(1); version < 2 || version > 5)
          fail(errc::unsupported, "its protocol is none of 2 to 5");
        return;
      case op_frame:
        number(8);
        return;
      case op_mark:
        if (marks_.size() >= limits_.values) fail(errc::too_large, "it holds too many marks");
        marks_.push_back(stack_.size());
        return;
      case op_pop:
        pop();
        return;
      case op_pop_mark:
        pop_to_mark();
        return;
      case op_binput:
        remember(number(1));
        return;
      case op_long_binput:
        remember(number(4));
        return;
      case op_memoize:
        remember(remembered_);
        return;
      case op_binget:
        recall(number(1));
        return;
      case op_long_binget:
        recall(number(4));
        return;
      default:
        fail(errc::unsupported,
             fmt::format("opcode 0x{:02x} names or makes more than data: keep plain values in sessions",
                         code));
    }
  }

  json result() {
    if (stack_.size() != 1 || !marks_.empty()) fail(errc::malformed, "it ends with values left over");
    if (!rest_.empty()) fail(errc::malformed, "something follows it");
    std::size_t left = limits_.values;
    return unfold(stack_.back(), limits_.depth, left);
  }
  static std::string key_text(const json& key) {
    return key.is_string() ? key.get<std::string>() : key.dump();
  }
  json unfold(std::uint32_t index, std::size_t depth, std::size_t& left) {
    if (depth == 0) fail(errc::too_deep, "it is nested too deep, or in itself");
    if (left == 0) fail(errc::too_large, "it holds too many values");
    --left;
    const auto& from = nodes_[index];
    if (from.is == node::kind::plain) {
      unfolded_bytes_ += from.value.is_string() ? from.value.get_ref<const std::string&>().size() : 8;
      if (unfolded_bytes_ > 4 * limits_.bytes) fail(errc::too_large, "it unfolds to too much");
      return from.value;
    }
    if (from.is == node::kind::list) {
      auto made = json::array();
      for (const auto each : from.parts) made.push_back(unfold(each, depth - 1, left));
      return made;
    }
    auto made = json::object();
    for (std::size_t i = 0; i < from.parts.size(); i += 2) {
      const auto& key = nodes_[from.parts[i]];
      if (key.is != node::kind::plain) fail(errc::bad_field, "a dictionary has a key that is no plain value");
      auto text = key_text(key.value);
      unfolded_bytes_ += text.size();
      if (unfolded_bytes_ > 4 * limits_.bytes) fail(errc::too_large, "it unfolds to too much");
      made[std::move(text)] = unfold(from.parts[i + 1], depth - 1, left);
    }
    return made;
  }

  std::string_view rest_;
  const pickle_limits& limits_;
  std::vector<node> nodes_;
  std::vector<std::uint32_t> stack_;
  std::vector<std::size_t> marks_;
  std::vector<std::optional<std::uint32_t>> memo_;
  std::uint64_t remembered_ = 0;
  std::size_t parts_ = 0;
  std::size_t unfolded_bytes_ = 0;
};

}  // namespace

protocol::expected<json> read_pickle(std::string_view bytes, const pickle_limits& limits) {
  if (bytes.size() > limits.bytes)
    return unexpected(protocol::error{errc::too_large, "the pickle is too large"});
  if (bytes.size() < 2 || static_cast<unsigned char>(bytes.front()) != op_proto)
    return unexpected(protocol::error{errc::malformed, "this is no pickle of protocol 2 or later"});
  return machine(bytes, limits).run();
}

}  // namespace tickcast::access
