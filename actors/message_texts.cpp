#include "actors/message_texts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actors/messages.hpp"
#include "actors/runtime/message_trace.hpp"

namespace tickcast::actors {
namespace {

constexpr std::size_t names_shown = 10;

template <class Names>
std::string some_of(const Names& names) {
  std::string text = fmt::format("{} topics: ", names.size());
  for (std::size_t i = 0; i < std::min(names.size(), names_shown); ++i)
    text += (i > 0 ? ", " : "") + names[i];
  return names.size() > names_shown ? text + ", …" : text;
}

std::string texts_of(const std::vector<protocol::topic_pattern>& patterns) {
  std::string text;
  for (const auto& each : patterns) text += " \"" + each.text + '"';
  return text;
}

}  // namespace

void teach_message_texts() {
  tell_message<tick_batch>([](const tick_batch& m) {
    return fmt::format("{} ticks of {}", m.ticks->items.size(), m.ticks->from().name);
  });
  tell_message<event_batch>([](const event_batch& m) {
    auto text = fmt::format("{} events of {}:", m.events->items.size(), m.events->from().name);
    for (std::size_t i = 0; i < std::min(m.events->items.size(), names_shown); ++i)
      text += fmt::format(" {} {}", m.events->items[i].topic, m.events->items[i].data);
    return text;
  });
  tell_message<engine_event>([](const engine_event& m) { return fmt::format("{} {}", m.topic, m.data); });
  tell_message<listen>([](const listen& m) {
    return fmt::format("{} for post {} {}", m.topic, m.post, m.classes == 0 ? "no longer" : "from now on");
  });
  tell_message<watch_topics>([](const watch_topics& m) {
    return fmt::format("\"{}\" for post {} from now on", m.pattern.text, m.post);
  });
  tell_message<unwatch_topics>([](const unwatch_topics& m) {
    return fmt::format("\"{}\" for post {} no longer", m.pattern.text, m.post);
  });
  tell_message<look_at_topic>([](const look_at_topic& m) { return m.topic; });
  tell_message<indicator_seeded>([](const indicator_seeded& m) {
    return fmt::format("{} over bars of {} for symbol {}", m.call, m.interval, m.symbol_id);
  });
  tell_message<topics_known>([](const topics_known& m) { return some_of(*m.names); });
  tell_message<attached>([](const attached& m) {
    if (m.refused) return "refused: " + m.refused->message;
    return fmt::format("epoch {} seq {}{}", m.epoch, m.seq, m.quarantined ? ", in quarantine" : "");
  });
  tell_message<updates>([](const updates& m) { return fmt::format("{} updates", m.items->size()); });
  tell_message<subscribe>([](const subscribe& m) { return some_of(m.topics) + texts_of(m.patterns); });
  tell_message<unsubscribe>([](const unsubscribe& m) { return some_of(m.topics) + texts_of(m.patterns); });
  // What somebody signs in by is nobody else's to see.
  tell_message<client_message>([](const client_message& m) {
    const auto has = [&](std::string_view word) { return m.text->find(word) != std::string::npos; };
    return has("connect") || has("refresh") || has("token") || has("api_key") ? "(a sign-in, not shown)"
                                                                              : *m.text;
  });
  tell_message<publish_event>([](const publish_event& m) { return m.what->data; });
  tell_message<feed_ended>([](const feed_ended& m) { return m.error.empty() ? "orderly" : m.error; });
  tell_message<suspend_feed>([](const suspend_feed& m) { return "by " + m.by; });
  tell_message<resume_feed>([](const resume_feed& m) { return "by " + m.by; });
  tell_message<restart_due>([](const restart_due& m) { return m.id; });
  tell_message<kill_due>([](const kill_due& m) { return m.id; });
  tell_message<terminate_child>([](const terminate_child& m) { return m.id; });
  tell_message<restart_child>([](const restart_child& m) { return m.id; });
}

}  // namespace tickcast::actors
