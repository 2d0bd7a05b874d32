#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {

actors::sent recording_client::append(const protocol::frame_ptr& frame) noexcept {
  if (closed) return actors::sent::closed;
  if (queued + frame->wire_size() > budget) {
    refused = true;
    return actors::sent::over_budget;
  }
  keep(frame);
  return actors::sent::queued;
}

actors::sent recording_client::answer(const protocol::frame_ptr& frame) noexcept {
  if (closed) return actors::sent::closed;
  keep(frame);
  return actors::sent::queued;
}

void recording_client::keep(const protocol::frame_ptr& frame) {
  queued += frame->wire_size();
  frames.push_back(encoding == protocol::encoding::json ? json::parse(frame->payload())
                                                        : json::from_msgpack(frame->payload()));
}

void recording_client::drain() {
  queued = 0;
  if (std::exchange(refused, false)) hold.drained();
}

void recording_client::say(const json& command) {
  if (encoding == protocol::encoding::json) {
    hold.receive(command.dump());
  } else {
    const auto bytes = json::to_msgpack(command);
    hold.receive(std::string(bytes.begin(), bytes.end()));
  }
}

std::vector<json> recording_client::got(const std::string& type) const {
  std::vector<json> result;
  for (const auto& each : frames)
    if (type.empty() || each["type"] == type) result.push_back(each);
  return result;
}

std::vector<std::uint64_t> recording_client::seqs(const std::string& topic) const {
  std::vector<std::uint64_t> result;
  for (const auto& each : frames)
    if (each["type"] == "update" && each["topic"] == topic) result.push_back(each["seq"]);
  return result;
}

world::world(std::uint32_t shards, std::function<void(config::config&)> change)
    : scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
  config::config settings;
  settings.limits.commands_per_s = 1000;
  if (change) change(settings);
  engine_ = std::make_unique<actors::engine>(std::move(settings), shards);
  directory_ = system_.spawn<actors::directory>(std::ref(*engine_), std::ref(directory_counters_));
  engine_->routes.set_directory(directory_);
  for (std::uint32_t i = 0; i < shards; ++i) {
    hosts_.push_back(std::make_unique<virtual_host>(system_, "shard-" + std::to_string(i)));
    rooms_.push_back(std::make_unique<actors::shard_room>(*hosts_[i], *engine_, i));
    dispatchers_.push_back(rooms_[i]->start_dispatcher());
    broadcasters_.push_back(rooms_[i]->start_broadcaster());
  }
  settle();
}

world::~world() {
  clients_.clear();
  ports_.clear();
  settle();
  for (auto& each : dispatchers_) actors::end(each);
  for (auto& each : broadcasters_) actors::end(each);
  actors::end(directory_);
  dispatchers_.clear();
  broadcasters_.clear();
  directory_ = nullptr;
  engine_->routes.clear();
  settle();
  for (auto& host : hosts_) EXPECT_EQ(host->alive(), 0U) << "an actor is left on " << host->name();
  EXPECT_EQ(engine_->probes.all().size(), 0U) << "an actor is left";
}

void world::settle() {
  for (;;) {
    std::size_t ran = scheduler_.run();
    for (auto& host : hosts_) ran += host->turn();
    if (ran == 0) return;
  }
}

void world::advance(std::chrono::milliseconds by) {
  for (auto& host : hosts_) host->advance(by);
  scheduler_.advance_time(by);
  settle();
}

recording_client& world::join(std::uint32_t shard, protocol::encoding as) {
  auto& made = *clients_.emplace_back(std::make_unique<recording_client>());
  made.encoding = as;
  made.hold = rooms_[shard]->open(made, {"test:" + std::to_string(clients_.size()), as});
  settle();
  return made;
}

recording_client& world::join(std::uint32_t shard, const std::vector<std::string>& topics,
                              protocol::encoding as) {
  auto& made = join(shard, as);
  made.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", topics}}}});
  settle();
  return made;
}

actors::feed_port& world::feed(const std::string& name, int priority, std::size_t most_in_flight) {
  auto& entry = engine_->feeds.add(name, priority, false, 0);
  engine_->feeds.set_state(entry, protocol::feed_state::live);
  actors::feed_port_options options;
  options.most_in_flight = most_in_flight;
  return *ports_.emplace_back(std::make_unique<actors::feed_port>(engine_->feeds, entry, engine_->symbols,
                                                                  engine_->routes, std::move(options)));
}

void world::trade(actors::feed_port& from, const std::string& symbol, std::int64_t second,
                  const std::string& price, const std::string& size, std::uint64_t id) {
  from.on_trade(symbol, make_trade(second, price, size, id == 0 ? ++last_id_ : id), {});
  from.flush();
  settle();
}

void world::restart_dispatcher(std::uint32_t shard) {
  actors::end(dispatchers_[shard], caf::exit_reason::unhandled_exception);
  settle();
  dispatchers_[shard] = rooms_[shard]->start_dispatcher();
  settle();
}

void world::restart_broadcaster(std::uint32_t shard) {
  actors::end(broadcasters_[shard], caf::exit_reason::unhandled_exception);
  settle();
  broadcasters_[shard] = rooms_[shard]->start_broadcaster();
  settle();
}

protocol::decimal operator""_d(const char* text, std::size_t size) {
  return protocol::decimal::parse({text, size}).value();
}

protocol::trade make_trade(std::int64_t second, const std::string& price, const std::string& size,
                           std::uint64_t id) {
  protocol::trade result;
  result.time_ns = second * 1'000'000'000;
  result.price = protocol::decimal::parse(price).value();
  result.size = protocol::decimal::parse(size).value();
  result.aggressor = protocol::side::buy;
  if (id != 0) {
    result.id.is = protocol::trade_id::kind::number;
    result.id.number = id;
  }
  return result;
}

}  // namespace tickcast::tests
