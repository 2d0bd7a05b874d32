#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/decimal.hpp"

namespace tickcast::plugins {

/// A plugin's parameters as they stand in its configuration: text by name. Reading one that is absent gives
/// the fallback; reading one that is no such thing throws std::invalid_argument with a sentence. What
/// parameter_check has let through does not throw.
class parameters {
public:
  parameters() = default;
  explicit parameters(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  parameters(std::initializer_list<std::pair<const std::string, std::string>> values) : values_(values) {}

  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  double number(std::string_view name, double fallback = 0) const;
  std::int64_t whole(std::string_view name, std::int64_t fallback = 0) const;
  /// true/false, yes/no, on/off, 1/0.
  bool flag(std::string_view name, bool fallback = false) const;
  /// An exact number, e.g. a price.
  protocol::decimal exact(std::string_view name, protocol::decimal fallback = {}) const;
  /// Split at commas, blanks around the parts taken away; an empty text is an empty list.
  std::vector<std::string> list(std::string_view name) const;

  const std::map<std::string, std::string>& all() const noexcept { return values_; }

private:
  const std::string* find(std::string_view name) const;

  std::map<std::string, std::string> values_;
};

/// Says what is wrong with parameters, sentence by sentence. Name every parameter once; those that are not
/// named are faults too:
///
///     static std::vector<std::string> check(const parameters& given) {
///       return parameter_check(given).symbol("symbol").number("limit", 0, 1e6, optional).faults();
///     }
class parameter_check {
public:
  enum need : bool { required, optional };

  explicit parameter_check(const parameters& given) : given_(given) {}

  parameter_check& text(std::string_view name, need is = required);
  /// A symbol as it stands in topics.
  parameter_check& symbol(std::string_view name, need is = required);
  /// A topic that plugins may write.
  parameter_check& topic(std::string_view name, need is = required);
  parameter_check& number(std::string_view name, double least, double most, need is = required);
  parameter_check& whole(std::string_view name, std::int64_t least, std::int64_t most, need is = required);
  parameter_check& flag(std::string_view name, need is = optional);
  /// An interval as it stands in topics: "1m", "100t", "1m@bid".
  parameter_check& interval(std::string_view name, need is = required);
  /// An indicator's call: "rsi(14)".
  parameter_check& indicator(std::string_view name, need is = required);
  /// The faults found, those of parameters nobody named included; empty: all is well.
  std::vector<std::string> faults() const;

private:
  bool begin(std::string_view name, need is);

  const parameters& given_;
  std::vector<std::string> known_;
  std::vector<std::string> faults_;
};

}  // namespace tickcast::plugins
