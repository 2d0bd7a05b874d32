#include "actors/clients/gatekeeper.hpp"

#include "actors/runtime/log.hpp"

namespace tickcast::actors {

sign_in_passage::~sign_in_passage() {
  answer(access::refuse(access::reason::unreachable,
                        "a part of the server is just being restarted: sign in again"));
}

void sign_in_passage::answer(access::verdict verdict) {
  if (!answered_.exchange(true)) to_(std::move(verdict));
}

gatekeeper::gatekeeper(caf::actor_config& cfg, engine& parts, access::doorkeeper& door)
    : observed(cfg, parts.probes, {"gatekeeper", "gatekeeper", "root", "workers"}), door_(door) {}

gatekeeper::behavior_type gatekeeper::make_behavior() {
  return {
      [this](const sign_in& what) {
        if (const auto told = door_.refresh_keys()) log(component::clients).warn("{}", *told);
        const auto back = [way = what.back](access::verdict verdict) { way->answer(std::move(verdict)); };
        if (what.anew)
          door_.ask_anew(*what.shown, back);
        else
          door_.ask(*what.shown, back);
      },
  };
}

void gatekeeper::describe_to(description& to) {
  const auto& count = door_.count();
  std::uint64_t admitted = 0;
  std::uint64_t refused = 0;
  for (const auto& each : count.admitted) admitted += each.load(std::memory_order_relaxed);
  for (const auto& each : count.refused) refused += each.load(std::memory_order_relaxed);
  to.add("admitted", admitted);
  to.add("refused", refused);
  to.add("waiting_for_backends", door_.backend_counts().waiting);
}

void ask_gatekeeper(const engine& parts, std::shared_ptr<const access::credentials> shown, bool anew,
                    access::doorkeeper::taker done) {
  tell(parts.routes.gatekeeper(),
       sign_in{std::move(shown), anew, std::make_shared<sign_in_passage>(std::move(done))});
}

}  // namespace tickcast::actors
