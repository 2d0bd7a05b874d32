#include <cstdint>
#include <memory>
#include <stdexcept>

#include "tickcast/caf_plugin.hpp"

namespace {

using namespace tickcast::plugins;

struct look {
  std::int64_t total;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(look)

namespace {

/// Publishes the running number of trades of X, by way of a message to itself; throws at a price of 13.
caf::behavior sum(caf::event_based_actor* self, context& engine) {
  engine.subscribe("trade.X");
  auto total = std::make_shared<std::int64_t>(0);
  return {
      [=](const trade_message& trade) {
        if (trade.value.price.to_double() == 13) throw std::runtime_error("a price of 13");
        self->send(self, look{++*total});
      },
      [&engine](const look& at) {
        engine.publish("signal.sum", {{"total", at.total}});
      },
      [](const history_message&) {},
  };
}

}  // namespace

TICKCAST_CAF_PLUGIN(sum, "caf_sum", "1.0");
