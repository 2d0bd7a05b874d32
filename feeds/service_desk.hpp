#pragma once
#include <string>

#include "actors/actors.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"
#include "feeds/answer_box.hpp"
#include "feeds/call_book.hpp"
#include "feeds/router_socket.hpp"
#include "feeds/service_questions.hpp"

namespace tickcast::feeds {

/// Takes what backends send to the ROUTER: hands questions and commands to who answers their type, and
/// clients' calls to the workers that have claimed theirs. What comes back goes to the socket by way of the
/// host, and so reaches its backend also when the desk was restarted meanwhile. On the service's host.
class service_desk final : public actors::hosted<actors::call_taker_actor::base> {
public:
  /// Who claims types, as the claim board shows it.
  static constexpr const char* owner = "service.router";

  service_desk(caf::actor_config& cfg, actors::host& where, actors::engine& parts, router_socket& socket,
               const service_questions& questions, std::shared_ptr<answer_box> answers,
               service_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(actors::description& to) override;

private:
  void read();
  void take(routed_message message);
  void refuse(const routed_message& to, const protocol::service_refusal& why);
  void answer_question(const protocol::service_request& question, routed_message&& message);

  // Calls (service_calls.cpp).
  void on_call(const actors::client_call& what);
  void on_claim(const protocol::service_request& question, const routed_message& message);
  void on_unclaim(const protocol::service_request& question, const routed_message& message);
  void on_answer(const protocol::service_request& answer, const routed_message& message);
  void lose_worker(const std::string& peer, std::string_view why);
  void look();
  void tell_board();

  actors::engine& engine_;
  router_socket& socket_;
  const service_questions& questions_;
  const std::shared_ptr<answer_box> answers_;
  service_counters& counters_;
  call_book book_;
  std::set<std::string> claimed_;  ///< as the claim board has it
};

}  // namespace tickcast::feeds
