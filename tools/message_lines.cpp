#include "tools/message_lines.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tickcast::tools {
namespace {

constexpr std::size_t bytes_at_once = std::size_t{64} << 10;

}  // namespace

bool message_lines::open(const std::string& file) {
  if (file.empty()) return true;
  own_.reset(std::fopen(file.c_str(), "wb"));
  to_ = own_.get();
  return to_ != nullptr;
}

void message_lines::add(std::string_view topic, std::int64_t time_ns, std::string_view json_text) {
  fmt::format_to(std::back_inserter(gathered_), R"({{"topic":"{}","time":{},"data":{}}})", topic, time_ns,
                 json_text);
  gathered_ += '\n';
  ++count_;
  if (gathered_.size() >= bytes_at_once) write();
}

void message_lines::write() {
  failed_ = failed_ || std::fwrite(gathered_.data(), 1, gathered_.size(), to_) != gathered_.size();
  gathered_.clear();
}

bool message_lines::finish() {
  write();
  failed_ = failed_ || std::fflush(to_) != 0;
  return !failed_;
}

}  // namespace tickcast::tools
