#include "tools/table.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tickcast::tools {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void append(std::string& line, const std::string& cell, std::size_t width, bool to_the_right) {
  const std::string room(width - width_of(cell), ' ');
  line += to_the_right ? room + cell : cell + room;
}

}  // namespace

void table::add(std::vector<std::string> cells) {
  if (cells.size() != columns_.size())
    throw std::invalid_argument("a row has as many cells as the table has columns");
  for (auto& cell : cells)
    std::replace_if(
        cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        '?');
  rows_.push_back(std::move(cells));
}

std::string table::print() const {
  std::vector<std::vector<std::string>> all(1);
  for (const auto& described : columns_) all[0].push_back(described.title);
  all.insert(all.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : all)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const auto& row : all) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      append(line, row[i], widths[i], columns_[i].is_figure);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace tickcast::tools
