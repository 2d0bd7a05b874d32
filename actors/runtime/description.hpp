#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tickcast::actors {

/// What an actor says of its own state when somebody looks: names and values, in the order said.
class description {
public:
  using value = std::variant<bool, std::int64_t, double, std::string>;

  void add(std::string name, std::string_view text) {
    fields.emplace_back(std::move(name), std::string(text));
  }
  void add(std::string name, const char* text) { add(std::move(name), std::string_view(text)); }
  void add(std::string name, bool yes) { fields.emplace_back(std::move(name), yes); }
  void add(std::string name, double number) { fields.emplace_back(std::move(name), number); }
  template <std::integral Number>
  void add(std::string name, Number number) {
    fields.emplace_back(std::move(name), static_cast<std::int64_t>(number));
  }

  std::vector<std::pair<std::string, value>> fields;
};

}  // namespace tickcast::actors
