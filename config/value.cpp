#include "config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "config/suggestion.hpp"

namespace tickcast::config {
namespace {

constexpr double fastest_replay = 1'000'000;

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

template <class T>
constexpr bool is_whole = std::is_integral_v<T> && !std::is_same_v<T, bool>;

std::string_view type_of_node(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a point";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

template <class T>
range range_of(const key_info& info) {
  if (info.within) return *info.within;
  return {static_cast<std::int64_t>(std::numeric_limits<T>::lowest()),
          static_cast<std::int64_t>(
              std::min<std::uint64_t>(static_cast<std::uint64_t>(std::numeric_limits<T>::max()),
                                      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())))};
}

std::string join(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// Reads one node for one key; each overload is one type of field.
class value_reader {
public:
  value_reader(const key_info& info, const value_ref& field, const toml::node& node,
               const complaint& complain)
      : info_(info), field_(field), node_(node), complain_(complain) {}

  void operator()(bool* field) const {
    if (const auto value = exact<bool>()) *field = *value;
  }
  void operator()(std::optional<bool>* field) const {
    if (const auto value = exact<bool>()) *field = *value;
  }

  template <class T>
  requires is_whole<T>
  void operator()(T* field) const {
    const auto value = exact<std::int64_t>();
    if (!value) return;
    const auto [least, most] = range_of<T>(info_);
    if (*value < least || *value > most) return complain(node_, "out of range");
    *field = static_cast<T>(*value);
  }

  void operator()(std::string* field) const {
    const auto value = exact<std::string>();
    if (value && (value->empty() || fits(node_, *value))) *field = *value;
  }

  void operator()(std::vector<std::string>* field) const {
    if (const auto one = node_.value_exact<std::string>()) {
      if (fits(node_, *one)) *field = {*one};
      return;
    }
    const auto* list = node_.as_array();
    if (!list) return wrong_type();
    std::vector<std::string> taken;
    bool good = true;
    for (const auto& element : *list) {
      const auto text = element.value_exact<std::string>();
      if (!text) {
        complain(element, fmt::format("must hold strings only, not {}", type_of_node(element)));
      } else if (std::find(taken.begin(), taken.end(), *text) != taken.end()) {
        complain(element, "stands in the list twice");
      } else if (fits(element, *text)) {
        taken.push_back(*text);
        continue;
      }
      good = false;
    }
    if (good) *field = std::move(taken);
  }

  void operator()(std::map<std::string, std::string>* field) const {
    const auto* table = node_.as_table();
    if (!table) return wrong_type();
    std::map<std::string, std::string> taken;
    bool good = true;
    for (const auto& [key, element] : *table) {
      const auto text = as_text(element);
      if (key.str().empty()) {
        complain(element, "an empty name");
      } else if (!text) {
        complain(element, fmt::format("{} must be a string, not {}", key.str(), type_of_node(element)));
      } else if (fits(element, *text)) {
        taken.emplace(key.str(), *text);
        continue;
      }
      good = false;
    }
    if (good) *field = std::move(taken);
  }

  void operator()(replay_speed* field) const {
    if (node_.value_exact<std::string>() == "max") {
      field->factor = 0;
    } else if (!node_.is_number()) {
      wrong_type();
    } else {
      const double factor = node_.value<double>().value_or(0);
      if (!(factor > 0) || factor > fastest_replay) return complain(node_, "out of range");
      field->factor = factor;
    }
  }

  void operator()(const choice_ref& field) const {
    const auto word = exact<std::string>();
    if (!word || field.set(*word)) return;
    const auto meant = suggest(*word, field.words());
    complain(node_, meant ? fmt::format("no such word; did you mean \"{}\"?", *meant) : "no such word");
  }

private:
  template <class T>
  std::optional<T> exact() const {
    auto value = node_.value_exact<T>();
    if (!value) wrong_type();
    return value;
  }

  static std::optional<std::string> as_text(const toml::node& element) {
    if (auto text = element.value_exact<std::string>()) return text;
    if (element.is_number() || element.is_boolean()) return show(element);
    return std::nullopt;
  }

  bool fits(const toml::node& culprit, const std::string& text) const {
    if (text.find('\0') != std::string::npos) {
      complain(culprit, "holds a zero byte");
    } else if (text.empty()) {
      complain(culprit, "an empty string");
    } else if (info_.shape && !info_.shape->holds(text)) {
      complain(culprit, "not of the right form");
    } else {
      return true;
    }
    return false;
  }

  void wrong_type() const {
    complain(node_, fmt::format("must be {}, not {}", type_of(field_), type_of_node(node_)));
  }
  void complain(const toml::node& culprit, std::string message) const {
    complain_(culprit, std::move(message), allowed_for(info_, field_));
  }

  const key_info& info_;
  const value_ref& field_;
  const toml::node& node_;
  const complaint& complain_;
};

}  // namespace

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted.append({'\\', c});
    else if (byte < 0x20 || byte == 0x7F)
      quoted += fmt::format("\\u{:04X}", byte);
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string show(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return quote(*text);
  if (node.is_array()) return node.as_array()->empty() ? "[]" : "[…]";
  if (node.is_table()) return "{…}";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return "a date or time";
}

void read_value(const key_info& info, const value_ref& field, const toml::node& node,
                const complaint& complain) {
  std::visit(value_reader(info, field, node, complain), field);
}

std::string write_value(const value_ref& field) {
  const auto list = [](const std::vector<std::string>& texts) {
    std::vector<std::string> quoted;
    for (const auto& text : texts) quoted.push_back(quote(text));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
  };
  const auto table = [](const std::map<std::string, std::string>& entries) {
    std::vector<std::string> pairs;
    for (const auto& [key, text] : entries) pairs.push_back(fmt::format("{} = {}", quote(key), quote(text)));
    return pairs.empty() ? std::string("{}") : fmt::format("{{ {} }}", fmt::join(pairs, ", "));
  };
  return std::visit(
      overloaded{
          [](const bool* v) { return fmt::format("{}", *v); },
          [](const std::optional<bool>* v) { return *v ? fmt::format("{}", **v) : std::string(); },
          [](const std::string* v) { return quote(*v); },
          [&](const std::vector<std::string>* v) { return list(*v); },
          [&](const std::map<std::string, std::string>* v) { return table(*v); },
          [](const replay_speed* v) {
            return v->is_max() ? std::string("\"max\"") : fmt::format("{}", v->factor);
          },
          [](const choice_ref& v) { return quote(v.get()); },
          [](const auto* v) { return fmt::format("{}", *v); },
      },
      field);
}

std::string_view type_of(const value_ref& field) {
  return std::visit(
      overloaded{
          [](const bool*) { return std::string_view("true or false"); },
          [](const std::optional<bool>*) { return std::string_view("true or false"); },
          [](const std::string*) { return std::string_view("a string"); },
          [](const std::vector<std::string>*) { return std::string_view("a list of strings"); },
          [](const std::map<std::string, std::string>*) { return std::string_view("a table of strings"); },
          [](const replay_speed*) { return std::string_view("a number or \"max\""); },
          [](const choice_ref&) { return std::string_view("a string"); },
          [](const auto*) { return std::string_view("a whole number"); },
      },
      field);
}

std::string allowed_for(const key_info& info, const value_ref& field) {
  if (const auto* choice = std::get_if<choice_ref>(&field)) return join(choice->words());
  if (std::holds_alternative<replay_speed*>(field))
    return fmt::format("a number above 0, at most {}, or \"max\"", fastest_replay);
  return std::visit(
      [&]<class T>(const T&) -> std::string {
        using value = std::remove_pointer_t<T>;
        if constexpr (std::is_pointer_v<T> && is_whole<value>) {
          const auto [least, most] = range_of<value>(info);
          return fmt::format("{} to {}", least, most);
        } else {
          return info.shape ? std::string(info.shape->allowed) : std::string();
        }
      },
      field);
}

}  // namespace tickcast::config
