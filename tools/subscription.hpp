#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tickcast::tools {

/// What `tickcast subscribe` says and understands of client protocol v1 (docs/protocol.md). No I/O.
class subscription {
public:
  /// `count`: snapshots, updates and gaps to print before all is done; 0: no end.
  subscription(std::vector<std::string> topics, std::string token, std::uint64_t count);

  /// The commands to send, in order: connect, then subscribe.
  std::vector<std::string> commands() const;

  struct print {
    std::string line;   ///< the frame as it came, without line breaks
    bool last = false;  ///< `count` is reached
  };
  struct refused {
    std::string why;
  };
  struct nothing {};
  using answer = std::variant<nothing, print, refused>;
  /// One frame from the server. Frames of types that it does not know are passed over.
  answer on_frame(std::string_view frame);

  /// How long the server may be silent: what its connect reply says it pings after, and 8 s more.
  std::chrono::milliseconds patience() const noexcept { return patience_; }

private:
  std::vector<std::string> topics_;
  std::string token_;
  std::uint64_t count_;
  std::uint64_t printed_ = 0;
  std::chrono::milliseconds patience_{10000};
};

}  // namespace tickcast::tools
