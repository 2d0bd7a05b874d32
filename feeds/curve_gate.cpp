#include "feeds/curve_gate.hpp"

#include <zmq.h>

#include <array>
#include <zmq_addon.hpp>

#include "feeds/source.hpp"

namespace tickcast::feeds {
namespace {

// Frames of a request, in order; credentials follow for CURVE (the key, 32 bytes).
enum : std::size_t { version, request_id, domain, address, identity, mechanism, credentials, curve_frames };

}  // namespace

curve_gate::curve_gate(zmq::context_t& context) : socket_(context, zmq::socket_type::rep) {
  socket_.set(zmq::sockopt::linger, 0);
  try {
    socket_.bind("inproc://zeromq.zap.01");
  } catch (const zmq::error_t& why) {
    throw feed_error(std::string("cannot check CURVE keys: ") + why.what() + "; a context takes one gate");
  }
  thread_ = std::thread([this] { answer_until_stopped(); });
}

curve_gate::~curve_gate() {
  stop_.request();
  thread_.join();
}

void curve_gate::allow(const std::string& domain_name, const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  allowed_[domain_name] = {keys.begin(), keys.end()};
}

bool curve_gate::renew(const std::string& domain_name, const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  const auto known = allowed_.find(domain_name);
  if (known == allowed_.end() || keys.empty()) return false;
  known->second = {keys.begin(), keys.end()};
  return true;
}

bool curve_gate::may_enter(const std::string& domain_name, std::string_view how, const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto known = allowed_.find(domain_name);
  if (known == allowed_.end()) return domain_name.empty();
  return how == "CURVE" && known->second.contains(key);
}

void curve_gate::answer_one() {
  std::vector<zmq::message_t> request;
  if (!zmq::recv_multipart(socket_, std::back_inserter(request), zmq::recv_flags::dontwait)) return;
  // libzmq itself is the only one who asks; a request of another shape gets an empty answer, which it
  // refuses.
  if (request.size() < credentials || request[version].to_string_view() != "1.0") {
    socket_.send(zmq::message_t(), zmq::send_flags::dontwait);
    return;
  }
  std::array<char, 41> key{};
  if (request.size() == curve_frames && request[credentials].size() == 32) {
    zmq_z85_encode(key.data(), request[credentials].data<std::uint8_t>(), 32);
  }
  const bool enters =
      may_enter(request[domain].to_string(), request[mechanism].to_string_view(), std::string(key.data()));
  if (!enters) refused_.fetch_add(1, std::memory_order_relaxed);
  const std::array<zmq::const_buffer, 6> answer{
      zmq::str_buffer("1.0"),
      zmq::buffer(request[request_id].to_string_view()),
      enters ? zmq::str_buffer("200") : zmq::str_buffer("400"),
      enters ? zmq::str_buffer("OK") : zmq::str_buffer("No"),
      zmq::buffer(std::string_view(key.data())),
      zmq::const_buffer(),
  };
  zmq::send_multipart(socket_, answer, zmq::send_flags::dontwait);
}

void curve_gate::answer_until_stopped() {
  std::array<zmq::pollitem_t, 2> set{zmq::pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0},
                                     zmq::pollitem_t{nullptr, stop_.fd(), ZMQ_POLLIN, 0}};
  while (!stop_.requested()) {
    try {
      zmq::poll(set.data(), set.size(), std::chrono::milliseconds(-1));
      if (set[0].revents != 0) answer_one();
    } catch (const zmq::error_t& why) {
      if (why.num() == ETERM) break;
      if (why.num() != EINTR) refused_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // A context that ends waits for this socket, and it ends before the gate does when somebody stops in
  // disorder.
  socket_.close();
}

}  // namespace tickcast::feeds
