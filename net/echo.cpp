#include "net/echo.hpp"

#include "protocol/frame.hpp"

namespace tickcast::net {
namespace {

class echo final : public peer {
public:
  explicit echo(actors::client_link& link) : link_(link) {}

  void receive(std::string&& message, protocol::encoding sent_as) override {
    link_.answer(protocol::make_frame(message, sent_as));
  }
  void drained() override {}

private:
  actors::client_link& link_;
};

}  // namespace

std::unique_ptr<peer> make_echo(actors::client_link& link) {
  return std::make_unique<echo>(link);
}

}  // namespace tickcast::net
