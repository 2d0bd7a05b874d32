#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "actors/actors.hpp"
#include "actors/clients/client_link.hpp"
#include "actors/clients/passport.hpp"
#include "actors/clients/shard_clients.hpp"
#include "actors/clients/user_side.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"
#include "protocol/client_message.hpp"

namespace tickcast::actors {

/// Counters of all connections of one shard.
struct connection_counters {
  std::atomic<std::uint64_t> opened{0};
  std::atomic<std::uint64_t> ended{0};
  std::atomic<std::uint64_t> failed{0};  ///< ended by an exception
  std::atomic<std::uint64_t> commands{0};
  std::array<std::atomic<std::uint64_t>, 16> errors{};  ///< error frames, by code - 100

  void count_error(protocol::error_code code) noexcept { bump(errors[static_cast<std::size_t>(code) - 100]); }
};

/// The actor of one WebSocket: decodes and checks what the client says (see actors.hpp). Lives on its shard;
/// its broadcaster calls `deliver` and `answer` directly.
class connection final : public hosted<connection_actor::base> {
public:
  static constexpr std::uint32_t no_seat = 0xffffffff;
  /// History commands of one connection that may be under way.
  static constexpr std::uint32_t most_reads = 4;
  /// Commands that may come before a sign-in has been judged.
  static constexpr std::size_t most_held = 64;

  connection(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
             connection_counters& counters, shard_clients& all, client_link& link, client_info&& info);

  protocol::encoding encoding() const noexcept { return encoding_; }
  /// Its place among the shard's clients.
  std::size_t place = 0;
  /// The broadcaster's place for this client.
  std::uint32_t seat = no_seat;
  /// Kept by the broadcaster: topics subscribed to, and updates left out because the client was behind.
  std::uint32_t subscriptions = 0;
  std::uint64_t dropped = 0;

  /// By its session, on the shard's thread.
  const probe& look() const noexcept { return own_probe(); }
  /// Whether what everybody gets is for it, too.
  bool is_welcome() const noexcept {
    return !turned_away_ && (connected_ || engine_.settings.auth.anonymous || standing_->who().signed_in());
  }
  /// Who it is; never null.
  const access::standing& standing() const noexcept { return *standing_; }
  /// By its session, about once a second: warns of the end of a sign-in, ends it, looks at it again.
  void pass_time();

  sent deliver(const protocol::frame_ptr& frame) noexcept {
    return link_ ? link_->append(frame) : sent::closed;
  }
  sent answer(const protocol::frame_ptr& frame) noexcept {
    return link_ ? link_->answer(frame) : sent::closed;
  }
  /// What deliver() will read, a step each; the later ones read what the earlier ones asked for.
  void expect_delivery() const noexcept { __builtin_prefetch(&link_); }
  void expect_delivery_soon() const noexcept { __builtin_prefetch(link_); }
  void expect_delivery_next() const noexcept {
    if (link_) link_->expect_append();
  }
  void refuse(std::uint64_t id, protocol::error_code code, std::string_view message) noexcept;
  /// The socket is gone: nothing is sent any more. By the session, before it ends the actor.
  void unlink() noexcept { link_ = nullptr; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void on_message(const std::string& text);
  void take(const std::string& text);
  void on_connect(std::uint64_t id, const protocol::connect_command& what);
  void on_history(std::uint64_t id, const protocol::history_command& what);
  void on_refresh(std::uint64_t id, const protocol::refresh_command& what);
  bool admitted(std::uint64_t id);
  /// Refuses what is not permitted. Where `form` is null, so is what may only be had late or in part.
  bool permitted(std::uint64_t id, access::action what, const std::string& topic,
                 access::topic_form* form = nullptr);
  bool granted(std::uint64_t id, access::action what, const protocol::topic_name& topic,
               access::topic_form& form);
  void ask(passport::step why, std::shared_ptr<const access::credentials> shown, bool anew);
  void on_judged(const judged& what);
  void on_signed_in(const access::identity& who);
  void on_refused(const access::refusal& why, passport::step step);
  void note_identity(const access::identity& who);
  void greet(std::uint64_t id);
  void turn_away(protocol::close_code code);
  void take_held();
  void on_subscribe(std::uint64_t id, protocol::subscribe_command& what);
  void on_unsubscribe(std::uint64_t id, protocol::unsubscribe_command& what);
  bool take_pattern(std::uint64_t id, const std::string& text, std::vector<protocol::topic_pattern>& to);
  // Users, backends, other clients (connection_user.cpp).
  user_side& side();
  const std::string& client_name();
  void announce();
  void announce_if_due();
  void on_welcome(const user_welcome& from);
  void on_to_client(const to_client& what);
  void on_call_ended(const call_ended& what);
  void on_topics(const device_topics& what);
  void on_dismissed(const dismissed& why);
  void on_look_again();
  bool may_publish_now();
  void on_publish(std::uint64_t id, const protocol::client_publish_command& what);
  bool may_publish(std::uint64_t id, const protocol::topic_name& topic);
  void on_presence(std::uint64_t id, const protocol::presence_command& what);
  void on_ack(std::uint64_t id, protocol::ack_command&& what);
  void on_call(std::uint64_t id, protocol::call_command&& what);
  void refill();
  bool within_rate();
  const broadcaster_actor& my_broadcaster();
  caf::strong_actor_ptr self_ptr() noexcept { return caf::strong_actor_ptr{ctrl()}; }

  engine& engine_;
  client_link* link_;
  connection_counters& counters_;
  shard_clients& all_;
  broadcaster_actor broadcaster_;
  std::uint64_t routes_version_ = 0;
  host::clock::time_point refilled_;
  double tokens_;
  double bytes_left_;
  std::uint32_t shard_;
  protocol::encoding encoding_;
  bool connected_ = false;
  bool turned_away_ = false;
  bool has_subscribed_ = false;
  access::standing_ptr standing_;
  std::unique_ptr<passport> passport_;
  std::unique_ptr<user_side> side_;
  std::string client_;  ///< its name, when it has needed one
  host::clock::time_point opened_;
  std::uint32_t reads_ = 0;  ///< history commands under way
};

}  // namespace tickcast::actors
