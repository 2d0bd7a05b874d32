#pragma once
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/admin/admin_request.hpp"

namespace tickcast::net::admin {

/// Offset, limit, sort and filter of a list request.
struct list_query {
  static constexpr std::size_t most_rows = 500;

  std::size_t offset = 0;
  std::size_t limit = 50;
  std::string sort;  ///< a field; empty: as they come
  bool descending = false;
  std::string filter;

  /// A sentence that says what is wrong, or empty.
  static std::string read(const admin_request& from, list_query& to);
};

/// A value that is more than a figure or a text; it is not sorted by.
struct composite {
  nlohmann::json value;
};
/// One value of a row; monostate: not known.
using cell = std::variant<std::monostate, bool, std::int64_t, double, std::string, composite>;
nlohmann::json to_json(const cell& value);
/// Order for sorting: unknown first, then numbers, then text.
bool before(const cell& a, const cell& b);
/// Whether `text` contains `filter`, or matches it as a glob when it has a `*` or `?`; in any case.
bool matches(std::string_view text, std::string_view filter);

/// How to read one field of a row.
template <class Row>
struct field {
  std::string_view name;
  std::function<cell(const Row&)> read;
  bool searched = false;  ///< the filter looks here
};

/// Filters, sorts and cuts `rows`, and makes JSON of those that are left alone.
template <class Row>
http_answer list(const admin_request& request, const std::vector<Row>& rows,
                 const std::vector<field<Row>>& fields, bool complete = true) {
  list_query query;
  if (auto wrong = list_query::read(request, query); !wrong.empty())
    return refuse(admin_error::bad_request, wrong);
  std::vector<const Row*> kept;
  kept.reserve(rows.size());
  for (const auto& row : rows) {
    const bool fits =
        query.filter.empty() || std::any_of(fields.begin(), fields.end(), [&](const auto& each) {
          if (!each.searched) return false;
          const auto value = each.read(row);
          const auto* text = std::get_if<std::string>(&value);
          return text && matches(*text, query.filter);
        });
    if (fits) kept.push_back(&row);
  }
  const auto begin = std::min(query.offset, kept.size());
  const auto end = std::min(begin + query.limit, kept.size());
  if (!query.sort.empty()) {
    const auto by =
        std::find_if(fields.begin(), fields.end(), [&](const auto& each) { return each.name == query.sort; });
    if (by == fields.end())
      return refuse(admin_error::bad_request, "there is no field " + query.sort + " to sort by");
    std::vector<std::pair<cell, const Row*>> keyed;
    keyed.reserve(kept.size());
    for (const auto* row : kept) keyed.emplace_back(by->read(*row), row);
    std::partial_sort(keyed.begin(), keyed.begin() + static_cast<std::ptrdiff_t>(end), keyed.end(),
                      [&](const auto& a, const auto& b) {
                        if (before(a.first, b.first)) return !query.descending;
                        if (before(b.first, a.first)) return query.descending;
                        return a.second < b.second;
                      });
    for (std::size_t i = 0; i < end; ++i) kept[i] = keyed[i].second;
  }
  nlohmann::json page = nlohmann::json::array();
  for (auto i = begin; i < end; ++i) {
    nlohmann::json row = nlohmann::json::object();
    for (const auto& each : fields) row[std::string(each.name)] = to_json(each.read(*kept[i]));
    page.push_back(std::move(row));
  }
  return json_answer({{"at", now_us()},
                      {"total", rows.size()},
                      {"matched", kept.size()},
                      {"offset", query.offset},
                      {"complete", complete},
                      {"rows", std::move(page)}});
}

}  // namespace tickcast::net::admin
