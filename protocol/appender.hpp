#pragma once
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace tickcast::protocol {

/// Appends small pieces to a string through a bare pointer: std::string's own append, called once a piece,
/// costs more than making the pieces. The string has its true size only after the end of the appender, and
/// nobody else may touch it, or move it away, until then.
class appender {
public:
  explicit appender(std::string& to) : to_(to), at_(nullptr), end_(nullptr) { use(to.size(), to.capacity()); }
  appender(const appender&) = delete;
  appender& operator=(const appender&) = delete;
  ~appender() { to_.resize(size()); }

  std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - to_.data()); }

  /// Room for `bytes`; `advance` then says how far it was filled.
  char* room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) use(size(), 2 * to_.size() + bytes);
    return at_;
  }
  void advance(char* to) noexcept { at_ = to; }
  void append(std::string_view piece) {
    if (piece.empty()) return;
    std::memcpy(room(piece.size()), piece.data(), piece.size());
    at_ += piece.size();
  }
  void append(char byte) {
    *room(1) = byte;
    ++at_;
  }

private:
  void use(std::size_t size, std::size_t capacity) {
    to_.resize(capacity);
    at_ = to_.data() + size;
    end_ = to_.data() + capacity;
  }

  std::string& to_;
  char* at_;
  char* end_;
};

}  // namespace tickcast::protocol
