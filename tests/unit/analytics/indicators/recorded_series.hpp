#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analytics/indicators/bar_input.hpp"

namespace tickcast::tests {

/// A CSV file as columns of numbers by the names in its first line; NaN where a cell is empty or no number.
struct number_table {
  std::vector<std::string> names;
  std::map<std::string, std::vector<double>> columns;
};

/// Reads a file of the recorded data that lies beside the project, gzip or not. Nothing: it is not there.
std::optional<number_table> read_recorded(const std::string& path);

/// The columns open, high, low, close and volume as bars.
std::vector<analytics::indicators::bar_input> bars_of(const number_table& table);

}  // namespace tickcast::tests
