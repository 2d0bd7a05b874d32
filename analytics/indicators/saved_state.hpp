#pragma once
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/error.hpp"

namespace tickcast::analytics::indicators {

/// Bytes that are kept over a restart: numbers as they lie in memory, after a header with the version of
/// their layout, the call they belong to and a checksum. For the same program on the same kind of machine
/// alone.
class saved_state {
public:
  /// To be raised whenever the members of a kernel or the order of what is kept change.
  static constexpr std::uint32_t version = 1;

  explicit saved_state(std::string_view call);

  template <class T>
  void put(const T& what) {
    static_assert(std::is_trivially_copyable_v<T>);
    put_all(std::as_bytes(std::span{&what, 1}));
  }
  void put_all(std::span<const std::byte> bytes);
  /// Room for so many bytes, to be filled in before anything else is put.
  std::byte* put_space(std::size_t bytes);
  /// The finished bytes.
  std::vector<std::byte> sealed();

  /// What follows the header, ready to be read. An error: the bytes are damaged, of another call or version.
  static protocol::expected<saved_state> open(std::string_view call, std::span<const std::byte> bytes);
  template <class T>
  bool get(T& what) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (rest_.size() < sizeof(T)) return false;
    std::memcpy(static_cast<void*>(&what), rest_.data(), sizeof(T));
    rest_ = rest_.subspan(sizeof(T));
    return true;
  }
  std::span<const std::byte> rest() const noexcept { return rest_; }

  static protocol::error refused(std::string_view call, std::string_view why);

private:
  saved_state() = default;

  std::vector<std::byte> bytes_;
  std::span<const std::byte> rest_;
};

}  // namespace tickcast::analytics::indicators
