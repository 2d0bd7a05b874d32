#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/runner/message.hpp"
#include "plugins/runner/run.hpp"
#include "plugins/runner/vitals.hpp"

/// What a server and a plugin in a process of its own say to each other, in MessagePack: maps with a field
/// `t`. Both ends are the same program, so there is no version; what cannot be read ends the run.
///
///     to the plugin     prepare go stop messages
///     to the server     hello prepared running ended subscribe unsubscribe refresh event trade quote bar
///                       ask reply read log done beat
namespace tickcast::plugins::wire {

using nlohmann::json;

std::string pack(const json& what);
/// Throws json::exception for what is no MessagePack map with `t`.
json unpack(std::string_view bytes);

json of(protocol::decimal value);
json of(const protocol::trade& value);
json of(const protocol::quote& value);
json of(const protocol::bar& value);
json of(const message& what);
json of(const past_request& what);
json of(const run_end& end);
protocol::trade trade_of(const json& from);
protocol::quote quote_of(const json& from);
protocol::bar bar_of(const json& from);
message message_of(const json& from);
past_request request_of(const json& from);
run_end end_of(const json& from);

/// Everything of vitals that a plugin's own process knows: absolute counts since it began.
json of(const vitals& seen, const pulse& beat, std::int64_t steady_ns);

/// Enters beats of one process into the plugin's vitals, which have counted before it.
class beat_reader {
public:
  beat_reader(vitals& to, pulse& beat) : to_(to), pulse_(beat) {}
  void take(const json& beat, std::int64_t steady_ns);

private:
  std::uint64_t rise(const json& beat, const char* field);

  vitals& to_;
  pulse& pulse_;
  json last_ = json::object();
};

}  // namespace tickcast::plugins::wire
