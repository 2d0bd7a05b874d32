#include "actors/plugins/plugin_manager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "actors/plugins/plugin_keeper.hpp"
#include "actors/runtime/log.hpp"

namespace tickcast::actors {

plugin_manager::plugin_manager(caf::actor_config& cfg, plugin_board& board, host& hub_host,
                               hub_counters& counters)
    : observed(cfg, board.parts().probes, {"plugins", "plugins", "root", "workers"}),
      board_(board),
      hub_host_(hub_host),
      counters_(counters) {}

plugin_manager::behavior_type plugin_manager::make_behavior() {
  set_exit_handler([this](caf::exit_msg& message) { told_to_end(std::move(message.reason)); });
  set_down_handler([this](caf::down_msg& message) { ended(message); });
  start_hub();
  for (const auto& section : board_.parts().settings.plugins) board_.add(section);
  // All that are on the board: a manager before this one may have left some.
  for (const auto& each : board_.all()) start_keeper(each, {});
  return {
      [this](const load_plugin& wish) { load(wish); },
      [this](const reload_plugin& wish) {
        const auto found = kept_.find(wish.name);
        if (found == kept_.end() || !found->second.handle)
          wish.then(fmt::format("there is no plugin {}", wish.name));
        else
          tell(found->second.handle, reload_plugin(wish));
      },
      [this](const unload_plugin& wish) { unload(wish); },
  };
}

void plugin_manager::on_exit() {
  for (auto& [name, each] : kept_) end(each.handle);
  kept_.clear();
  end(hub_);
  hub_ = nullptr;
  board_.set_hub({});
  board_.parts().routes.set_post(board_.parts().routes.plugin_post(), {});
}

void plugin_manager::start_hub() {
  hub_ = spawn_on<plugin_hub>(hub_host_, std::ref(board_), std::ref(counters_));
  monitor(hub_);
  board_.set_hub(hub_);
  board_.parts().routes.set_post(board_.parts().routes.plugin_post(), hub_);
}

void plugin_manager::start_keeper(std::shared_ptr<plugin_record> of, plugin_outcome then) {
  auto& entry = kept_[of->section.name];
  entry.record = of;
  entry.handle = spawn<plugin_keeper>(std::ref(board_), std::move(of), std::move(then));
  monitor(entry.handle);
}

void plugin_manager::load(const load_plugin& wish) {
  auto record = stopping_ ? nullptr : board_.add(*wish.what);
  if (!record) {
    wish.then(stopping_ ? "the server is stopping"
                        : fmt::format("there is a plugin {} already", wish.what->name));
    return;
  }
  start_keeper(std::move(record), wish.then);
}

void plugin_manager::unload(const unload_plugin& wish) {
  const auto found = kept_.find(wish.name);
  if (found == kept_.end()) {
    wish.then(fmt::format("there is no plugin {}", wish.name));
    return;
  }
  if (std::exchange(found->second.unloading, true)) {
    wish.then(fmt::format("plugin {} is being unloaded already", wish.name));
    return;
  }
  found->second.then = wish.then;
  end(found->second.handle);
}

void plugin_manager::ended(const caf::down_msg& message) {
  if (hub_ && message.source == hub_.address()) {
    if (stopping_) {
      hub_ = nullptr;
      quit(reason_);
    } else if (hub_budget_.spend(clock().now())) {
      start_hub();
    } else {
      quit(caf::make_error(caf::sec::runtime_error, "the plugins' hub failed too often"));
    }
    return;
  }
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& each) {
    return each.second.handle && each.second.handle.address() == message.source;
  });
  if (found == kept_.end()) return;
  auto& entry = found->second;
  entry.handle = nullptr;
  if (stopping_) {
    kept_.erase(found);
    end_next();
  } else if (entry.unloading) {
    const auto told = std::move(entry.then);
    board_.remove(found->first);
    log(component::plugins).info("plugin {} is unloaded", found->first);
    kept_.erase(found);
    if (told) told({});
  } else if (entry.budget.spend(clock().now())) {
    start_keeper(entry.record, {});
  } else {
    entry.record->state.store(plugin_state::failed);
  }
}

void plugin_manager::told_to_end(caf::error reason) {
  if (std::exchange(stopping_, true)) return;
  reason_ = std::move(reason);
  // At once: one that does not end must not use up the others' time.
  std::erase_if(kept_, [](const auto& each) { return !each.second.handle; });
  for (auto& [name, each] : kept_) end(each.handle);
  end_next();
}

void plugin_manager::end_next() {
  if (kept_.empty()) end(hub_);
}

}  // namespace tickcast::actors
