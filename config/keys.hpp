#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/checks.hpp"
#include "config/config.hpp"

/// The one description of every key. Reading, checking, overrides, suggestions and docs/configuration.md are
/// visitors of it, so a key that stands here is known to all of them, and one that does not exists for none.
namespace tickcast::config {

/// Whether this version acts on a key. What it does not act on must stand at its default, or be told about.
enum class support : std::uint8_t {
  built,
  later,    ///< read and checked; set to something else it makes a notice
  refused,  ///< the same, and a fault: who sets it relies on it (access, encryption)
};

struct key_info {
  std::string_view name;
  std::string_view unit = {};
  std::string_view text;             ///< one sentence without the full stop
  bool hot = false;                  ///< takes effect while the server runs
  std::optional<range> within = {};  ///< whole numbers; without it the type's own range
  const text_rule* shape =
      nullptr;            ///< each string of the value, map values included; empty ones are not asked
  bool required = false;  ///< must be set in each row of its list
  bool secret = false;    ///< its value is never shown
  support state = support::built;
};

struct table_info {
  std::string_view name;
  std::string_view text;
  support state = support::built;  ///< of everything in it
};

/// A field with a fixed set of words: an enumeration seen as text.
class choice_ref {
public:
  template <class E, std::size_t N>
  choice_ref(E& field, const std::pair<std::string_view, E> (&words)[N])
      : get_([&field] { return static_cast<int>(field); }),
        set_([&field](int value) { field = static_cast<E>(value); }) {
    for (const auto& [word, value] : words) words_.emplace_back(word, static_cast<int>(value));
  }

  std::string_view get() const;
  /// False, and nothing changed, when `word` is none of them.
  bool set(std::string_view word) const;
  std::vector<std::string_view> words() const;

private:
  std::function<int()> get_;
  std::function<void(int)> set_;
  std::vector<std::pair<std::string_view, int>> words_;
};

using value_ref = std::variant<bool*, std::optional<bool>*, std::uint16_t*, std::uint32_t*, std::uint64_t*,
                               std::int32_t*, std::int64_t*, std::string*, std::vector<std::string>*,
                               std::map<std::string, std::string>*, replay_speed*, choice_ref>;

class key_visitor;

/// The rows of an array of tables. Each has a key `name`, unique among them, by which overrides find it.
class row_list {
public:
  virtual std::size_t size() const = 0;
  virtual void clear() = 0;
  /// Appends a row of defaults.
  virtual void add() = 0;
  virtual std::string& name(std::size_t row) = 0;
  virtual void describe(std::size_t row, key_visitor& visitor) = 0;

protected:
  ~row_list() = default;
};

class key_visitor {
public:
  virtual void key(const key_info& info, value_ref value) = 0;
  /// `describe` visits the keys of the table; whoever wants them calls it.
  virtual void table(const table_info& info, const std::function<void(key_visitor&)>& describe) = 0;
  virtual void list(const table_info& info, row_list& rows) = 0;

protected:
  ~key_visitor() = default;
};

/// Visits every section. The references given to the visitor point into `values`.
void describe(config& values, key_visitor& visitor);

void describe_server(config& values, key_visitor& visitor);   ///< listen admin io workers limits log debug
void describe_market(config& values, key_visitor& visitor);   ///< simulator feed feed_group bars instruments
void describe_backend(config& values, key_visitor& visitor);  ///< service egress redis store plugin
void describe_access(config& values, key_visitor& visitor);   ///< auth rule topic_class

/// The five keys of CURVE, wherever a socket has them.
void describe_curve(curve_keys& keys, key_visitor& visitor);
void describe_tls(tls_section& section, key_visitor& visitor);

/// Shows `rows` with the keys that `describe_row` names as a row_list.
template <class Row>
class typed_rows final : public row_list {
public:
  using describe_row = void (*)(Row&, key_visitor&);
  typed_rows(std::vector<Row>& rows, describe_row row) : rows_(rows), describe_(row) {}

  std::size_t size() const override { return rows_.size(); }
  void clear() override { rows_.clear(); }
  void add() override { rows_.emplace_back(); }
  std::string& name(std::size_t row) override { return rows_[row].name; }
  void describe(std::size_t row, key_visitor& visitor) override { describe_(rows_[row], visitor); }

private:
  std::vector<Row>& rows_;
  describe_row describe_;
};

}  // namespace tickcast::config
