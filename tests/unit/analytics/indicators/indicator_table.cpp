#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "analytics/indicators/batch.hpp"
#include "analytics/indicators/reference.hpp"
#include "tests/unit/analytics/indicators/seeded_series.hpp"

// indicator_table --reference : the tables of docs/indicators.md.
// indicator_table KIND BARS SEED CALL... : a seeded series and the calls' outputs over it, as one JSON object
// of columns with all digits, null for NaN. What other programs compare themselves with.

namespace {

using tickcast::analytics::indicators::bar_input;

void print(const std::string& name, const std::vector<double>& column, bool first) {
  fmt::print("{}\"{}\":[", first ? "" : ",\n", name);
  for (std::size_t i = 0; i < column.size(); ++i)
    fmt::print("{}{}", i == 0 ? "" : ",", column[i] == column[i] ? fmt::format("{}", column[i]) : "null");
  fmt::print("]");
}

std::vector<double> column_of(const std::vector<bar_input>& bars, double bar_input::*field) {
  std::vector<double> column;
  for (const auto& bar : bars) column.push_back(bar.*field);
  return column;
}

}  // namespace

int main(int count, char** words) {
  if (count == 2 && std::string_view{words[1]} == "--reference") {
    fmt::print("{}", tickcast::analytics::indicators::reference());
    return 0;
  }
  if (count < 4) {
    fmt::print(stderr, "usage: indicator_table --reference | KIND BARS SEED CALL...\n");
    return 2;
  }
  const auto bars = tickcast::tests::seeded_series(words[1], std::strtoul(words[2], nullptr, 10),
                                                   std::strtoul(words[3], nullptr, 10));
  fmt::print("{{");
  print("open", column_of(bars, &bar_input::open), true);
  print("high", column_of(bars, &bar_input::high), false);
  print("low", column_of(bars, &bar_input::low), false);
  print("close", column_of(bars, &bar_input::close), false);
  print("volume", column_of(bars, &bar_input::volume), false);
  for (int i = 4; i < count; ++i) {
    const auto call = tickcast::analytics::indicators::parse_call(words[i]);
    if (!call) {
      fmt::print(stderr, "indicator_table: {}\n", call.error().message);
      return 1;
    }
    const auto columns = compute(*call, bars);
    const auto names = call->outputs();
    for (std::size_t o = 0; o < names.size(); ++o) print(names[o], columns[o], false);
  }
  fmt::print("}}\n");
}
