#include <zmq.h>

#include <cstring>
#include <msgpack.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/outlet.hpp"

namespace tickcast::bench {
namespace {

constexpr int high_water_mark = 100'000;

void pack_text(msgpack::packer<msgpack::sbuffer>& to, std::string_view text) {
  to.pack_str(static_cast<std::uint32_t>(text.size()));
  to.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void write_big_endian(char* to, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) to[i] = static_cast<char>(value);
}

/// One encoded message whose changing fields have a fixed width, so that the next one is a copy and three
/// writes.
struct message_template {
  std::string bytes;
  std::size_t time_at = 0;
  std::size_t price_at = 0;
  std::size_t id_at = 0;
};

message_template make_template(const shape& of, std::uint32_t topic) {
  message_template made;
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> to{buffer};
  if (of.is_event()) {
    to.pack_map(3);
    pack_text(to, "type"), pack_text(to, "event");
    pack_text(to, "topic"), pack_text(to, topic_name(of, topic));
    pack_text(to, "data"), to.pack_map(2);
    pack_text(to, "body"), pack_text(to, event_body(of));
  } else {
    to.pack_map(7);
    pack_text(to, "type"), pack_text(to, "trade");
    pack_text(to, "symbol"), pack_text(to, symbol_name(topic));
    pack_text(to, "time"), to.pack_fix_uint64(0);
    made.time_at = buffer.size() - 8;
    pack_text(to, "price"), pack_text(to, price_of(0).view());
    made.price_at = buffer.size() - price_of(0).view().size();
    pack_text(to, "size"), pack_text(to, size_text);
    pack_text(to, "side"), pack_text(to, "buy");
  }
  pack_text(to, "id"), to.pack_fix_uint64(0);
  made.id_at = buffer.size() - 8;
  made.bytes.assign(buffer.data(), buffer.size());
  return made;
}

class zmq_outlet final : public outlet {
public:
  zmq_outlet(const std::string& endpoint, const shape& of, std::uint32_t topics) : shape_(of) {
    for (std::uint32_t i = 0; i < topics; ++i) templates_.push_back(make_template(of, i));
    check(::zmq_setsockopt(socket_, ZMQ_SNDHWM, &high_water_mark, sizeof high_water_mark) == 0, "ZMQ_SNDHWM");
    check(::zmq_connect(socket_, endpoint.c_str()) == 0, "zmq_connect");
  }
  ~zmq_outlet() override {
    const int linger_ms = 1000;
    ::zmq_setsockopt(socket_, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  zmq_outlet(const zmq_outlet&) = delete;
  zmq_outlet& operator=(const zmq_outlet&) = delete;

  void add(const update& what) override {
    message_template& next = templates_[what.topic];
    if (!shape_.is_event()) {
      write_big_endian(next.bytes.data() + next.time_at, static_cast<std::uint64_t>(what.time_ns));
      const price_text price = price_of(what.seq);
      std::memcpy(next.bytes.data() + next.price_at, price.digits, price.view().size());
    }
    write_big_endian(next.bytes.data() + next.id_at, static_cast<std::uint64_t>(what.stamp_ns));
    // Waits at the high-water mark: that many updates behind, the server is past its limit anyway.
    check(::zmq_send(socket_, next.bytes.data(), next.bytes.size(), 0) >= 0, "zmq_send");
  }
  void flush() override {}
  std::size_t pending() const override { return 0; }
  void wait(int) override {}

private:
  static void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string{what} + ": " + ::zmq_strerror(::zmq_errno()));
  }

  shape shape_;
  std::vector<message_template> templates_;
  void* context_ = ::zmq_ctx_new();
  void* socket_ = ::zmq_socket(context_, ZMQ_PUSH);
};

}  // namespace

std::unique_ptr<outlet> make_zmq_outlet(const std::string& endpoint, const shape& of, std::uint32_t topics) {
  return std::make_unique<zmq_outlet>(endpoint, of, topics);
}

}  // namespace tickcast::bench
