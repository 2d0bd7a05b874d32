#include "tests/unit/analytics/indicators/recorded_series.hpp"

#include <zlib.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string_view>

namespace tickcast::tests {
namespace {

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

double number_in(std::string_view cell) {
  double value = NAN;
  const auto [stop, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return fault == std::errc{} && stop == cell.data() + cell.size() ? value : NAN;
}

}  // namespace

std::optional<number_table> read_recorded(const std::string& path) {
  const auto file = std::filesystem::path{TICKCAST_SOURCE_DIRECTORY} / "../shared/data" / path;
  if (!std::filesystem::exists(file)) return std::nullopt;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> input{gzopen(file.c_str(), "rb"), gzclose};
  number_table table;
  std::vector<char> buffer(1 << 16);
  while (gzgets(input.get(), buffer.data(), static_cast<int>(buffer.size())) != nullptr) {
    std::string_view line{buffer.data()};
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    const auto cells = cells_of(line);
    if (table.names.empty()) {
      table.names.assign(cells.begin(), cells.end());
      continue;
    }
    for (std::size_t i = 0; i < table.names.size(); ++i)
      table.columns[table.names[i]].push_back(i < cells.size() ? number_in(cells[i]) : NAN);
  }
  return table;
}

std::vector<analytics::indicators::bar_input> bars_of(const number_table& table) {
  const auto& at = table.columns;
  std::vector<analytics::indicators::bar_input> bars;
  for (std::size_t i = 0; i < at.at("close").size(); ++i)
    bars.push_back(
        {at.at("open")[i], at.at("high")[i], at.at("low")[i], at.at("close")[i], at.at("volume")[i], false});
  return bars;
}

}  // namespace tickcast::tests
