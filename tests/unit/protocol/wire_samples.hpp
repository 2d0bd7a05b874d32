#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/feed_message.hpp"

namespace tickcast::protocol {

/// What a decoder delivered, in order.
struct recording_sink final : feed_sink {
  struct trade_seen {
    std::string symbol;
    trade value;
  };
  struct amendment_seen {
    std::string symbol;
    trade_amendment value;
  };
  struct quote_seen {
    std::string symbol;
    quote value;
  };
  struct bar_seen {
    std::string symbol;
    std::string interval;
    bar value;
  };
  struct event_seen {
    std::string topic;
    std::string data;
  };
  using item = std::variant<trade_seen, amendment_seen, quote_seen, bar_seen, event_seen, error>;
  std::vector<item> items;
  std::vector<std::optional<std::uint64_t>> seqs;
  std::size_t unknown_fields = 0;

  void on_trade(std::string_view symbol, trade&& value, std::optional<std::uint64_t> seq) override {
    add(trade_seen{std::string(symbol), std::move(value)}, seq);
  }
  void on_amendment(std::string_view symbol, trade_amendment&& value,
                    std::optional<std::uint64_t> seq) override {
    add(amendment_seen{std::string(symbol), std::move(value)}, seq);
  }
  void on_quote(std::string_view symbol, quote&& value, std::optional<std::uint64_t> seq) override {
    add(quote_seen{std::string(symbol), std::move(value)}, seq);
  }
  void on_bar(std::string_view symbol, std::string_view interval_text, bar&& value,
              std::optional<std::uint64_t> seq) override {
    add(bar_seen{std::string(symbol), std::string(interval_text), std::move(value)}, seq);
  }
  void on_event(std::string_view topic, std::string&& data, std::optional<std::uint64_t> seq) override {
    add(event_seen{std::string(topic), std::move(data)}, seq);
  }
  void on_refused(error&& why, std::optional<std::uint64_t> seq) override { add(std::move(why), seq); }
  void on_unknown_fields(std::size_t count) override { unknown_fields += count; }

  void add(item&& what, std::optional<std::uint64_t> seq) {
    items.push_back(std::move(what));
    seqs.push_back(seq);
  }
  /// The code of item `i`, if it is a refusal.
  std::optional<errc> refused(std::size_t i = 0) const {
    if (i >= items.size()) return std::nullopt;
    const error* const found = std::get_if<error>(&items[i]);
    return found == nullptr ? std::nullopt : std::optional(found->code);
  }
  template <class T>
  const T* get(std::size_t i = 0) const {
    return i < items.size() ? std::get_if<T>(&items[i]) : nullptr;
  }
};

/// `json` as it goes over the wire in either encoding. nlohmann keeps the order of the fields.
inline std::string as_wire(const nlohmann::ordered_json& json, encoding as) {
  if (as == encoding::json) return json.dump();
  const std::vector<std::uint8_t> bytes = nlohmann::ordered_json::to_msgpack(json);
  return std::string(bytes.begin(), bytes.end());
}

/// A payload of ours, read by somebody else's decoder.
inline nlohmann::ordered_json read_payload(std::string_view payload, encoding as) {
  return as == encoding::json ? nlohmann::ordered_json::parse(payload)
                              : nlohmann::ordered_json::from_msgpack(payload.begin(), payload.end());
}

inline std::string encoding_name(encoding as) {
  return as == encoding::json ? "json" : "msgpack";
}

}  // namespace tickcast::protocol
