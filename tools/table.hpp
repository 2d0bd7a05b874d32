#pragma once
#include <string>
#include <vector>

namespace tickcast::tools {

/// A table for a terminal: columns as wide as their widest cell, two blanks between, figures to the right.
class table {
public:
  struct column {
    std::string title;
    bool is_figure = false;
  };
  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns. Bytes that would disturb a terminal are shown as '?'.
  void add(std::vector<std::string> cells);
  /// Header and rows, each line with its end. Widths count code points of UTF-8.
  std::string print() const;

private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tickcast::tools
