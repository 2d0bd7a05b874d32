#include "tools/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

constexpr std::chrono::milliseconds interval{100};
constexpr std::size_t width = 30;
constexpr std::size_t longest_name = 40;

}  // namespace

std::string progress_text(std::string_view what, double share, std::uint64_t rows) {
  share = std::clamp(share, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  return fmt::format("{}  [{}{}] {:3.0f}%  {} rows", cut(std::string(what), longest_name),
                     std::string(filled, '#'), std::string(width - filled, ' '), share * 100, as_count(rows));
}

progress_bar::progress_bar() : on_terminal_(::isatty(STDERR_FILENO) == 1) {}

progress_bar::~progress_bar() {
  clear();
}

void progress_bar::show(std::string_view what, double share, std::uint64_t rows) {
  if (!on_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + interval;
  shown_ = true;
  fmt::print(stderr, "\r{}\x1b[K", progress_text(what, share, rows));
  std::fflush(stderr);
}

void progress_bar::clear() {
  if (!shown_) return;
  shown_ = false;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace tickcast::tools
