#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/outbox.hpp"
#include "actors/topics/stream.hpp"

namespace tickcast::actors {

/// What stays of an event topic when its actor fails; kept by the directory.
struct event_state {
  event_state(std::string topic, const config::topic_class_section& as);
  /// Goes on where it was kept.
  event_state(std::string topic, const config::topic_class_section& as, event_record&& from);
  stream out;
  std::string epoch;
  event_view view;
  std::chrono::milliseconds min_interval;
  std::chrono::steady_clock::time_point sends_from{};     ///< the next message is held back until then
  std::optional<publish_event> held;                      ///< the last one that came too early
  std::vector<std::shared_ptr<publish_errand>> held_for;  ///< who wait for its place
  bool is_kept = true;                                    ///< over restarts: not who came and went
  bool stored = false;                                    ///< a place is told when it is in the database
};

/// Numbers the messages of one topic without a symbol (see actors.hpp). On the workers.
class event_topic final : public observed<event_topic_actor::base> {
public:
  event_topic(caf::actor_config& cfg, engine& parts, std::shared_ptr<event_state> state);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void publish(const publish_event& event);
  bool hold_back(const publish_event& event);
  void send(const publish_event& event);
  void send_held();
  void tell_place(const std::vector<std::shared_ptr<publish_errand>>& whom);
  event_record record() const;
  void keep();
  void on_listen(const listen& wish);

  engine& engine_;
  std::shared_ptr<event_state> state_;
  switchboard::lines lines_;
  outbox out_;
  bool keeps_soon_ = false;
};

}  // namespace tickcast::actors
