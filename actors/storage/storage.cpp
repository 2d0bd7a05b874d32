#include "actors/storage/storage.hpp"

#include <utility>

#include "actors/runtime/log.hpp"
#include "actors/storage/storage_keys.hpp"

namespace tickcast::actors {

storage::storage(caf::actor_config& cfg, engine& parts, store::tick_store& what, store::lane& lane)
    : observed(cfg, parts.probes, {"storage", "storage", "root", "workers"}),
      engine_(parts),
      store_(what),
      lane_(lane) {}

storage::behavior_type storage::make_behavior() {
  delayed_send(this, look_every, storage_look{});
  return {
      [this](const keep_event& event) { keep(event_key(event.topic), event.record, event.then); },
      [this](const keep_message& message) { keep(message.key, message.record, message.then); },
      [this](const storage_synced& ended) {
        for (const auto& then : std::exchange(syncing_, {})) then(ended.well);
        sync();
      },
      [this](const storage_look&) {
        look();
        delayed_send(this, look_every, storage_look{});
      },
  };
}

void storage::keep(const std::string& key, const std::string& record, const std::function<void(bool)>& then) {
  const bool taken = lane_.state(key, record);
  lane_.commit();
  if (!taken) engine_.keep.lost_states = true;
  if (!then) return;
  if (!taken) return then(false);
  waiting_.push_back(then);
  sync();
}

void storage::on_exit() {
  for (const auto& then : std::exchange(syncing_, {})) then(false);
  for (const auto& then : std::exchange(waiting_, {})) then(false);
}

/// Who comes while one is under way shares the next.
void storage::sync() {
  if (waiting_.empty() || !syncing_.empty()) return;
  syncing_ = std::exchange(waiting_, {});
  store_.sync([self = storage_actor(this)](const protocol::expected<void>& how) {
    tell(self, storage_synced{how.has_value()});
  });
}

void storage::look() {
  const auto now = store_.condition();
  if (now.is == told_) return;
  told_ = now.is;
  using state = store::condition::state;
  auto& to = log(component::storage);
  if (now.is == state::ok)
    to.info("the store is written again");
  else if (now.is == state::behind)
    to.warn("the store is behind: {}", now.why);
  else
    to.error("the store cannot be written: {}", now.why);
}

void storage::describe_to(description& to) {
  const auto condition = store_.condition();
  const auto figures = store_.read_figures();
  to.add("condition", store::to_string(condition.is));
  if (!condition.why.empty()) to.add("why", std::string_view(condition.why));
  to.add("rows_waiting_bytes", figures.lane_bytes + figures.backlog_bytes);
  to.add("longest_flush_us", figures.longest_flush_us);
  to.add("dropped_rows", figures.dropped_rows);
  to.add("lost_rows", figures.lost_rows);
}

}  // namespace tickcast::actors
