#pragma once
#include <string>
#include <string_view>

#include "one_shard.hpp"

namespace tickcast::net::test {

/// One shard whose HTTP is asked.
class http_shard : public one_shard {
protected:
  /// Head and, as far as Content-Length says, body of the answer to `request`.
  struct answer {
    std::string head;
    std::string body;
    int status() const { return std::stoi(head.substr(9, 3)); }
    bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
  };
  answer get(raw_client& client, std::string_view request, bool with_body = true) {
    answer got{ask(client, request), {}};
    const auto at = got.head.find("Content-Length: ");
    const auto size = at == std::string::npos || !with_body ? 0 : std::stoul(got.head.substr(at + 16));
    EXPECT_TRUE(until([&] {
      client.pull();
      return client.received.size() >= size;
    }));
    got.body = client.received.substr(0, size);
    client.received.erase(0, size);
    return got;
  }
  answer get(std::string_view request) {
    auto client = connect();
    return get(client, request);
  }
  static std::string path(std::string_view target, std::string_view more = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
  }
};

}  // namespace tickcast::net::test
