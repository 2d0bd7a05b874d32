// Feeds and topics: /api/feeds, /api/topics.
#include <nlohmann/json.hpp>

#include "net/admin/api/console.hpp"
#include "net/admin/listing.hpp"
#include "protocol/topic.hpp"

namespace tickcast::net::admin {
namespace {

/// Dispatchers, broadcasters and event topics that have not answered by then are missing.
constexpr std::chrono::milliseconds patience{500};

std::int64_t value(const std::atomic<std::uint64_t>& of) {
  return static_cast<std::int64_t>(of.load(std::memory_order_relaxed));
}

struct topic_row {
  actors::topic_report::line of;
  std::optional<double> updates_per_s;
};

std::string kind_of(const std::string& topic) {
  const auto name = protocol::parse_topic(topic);
  return name ? std::string(name->word) : std::string();
}

cell text_or_null(const std::string& text) {
  return text.empty() ? cell{} : cell{text};
}

const std::vector<field<topic_row>>& topic_fields() {
  using r = const topic_row&;
  static const std::vector<field<topic_row>> fields{
      {"topic", [](r t) { return t.of.topic; }, true},
      {"kind", [](r t) { return text_or_null(kind_of(t.of.topic)); }},
      {"shard", [](r t) { return t.of.shard < 0 ? cell{} : cell{static_cast<std::int64_t>(t.of.shard)}; }},
      {"epoch", [](r t) { return text_or_null(t.of.epoch); }},
      {"seq", [](r t) { return static_cast<std::int64_t>(t.of.seq); }},
      {"updates_per_s", [](r t) { return t.updates_per_s ? cell{*t.updates_per_s} : cell{}; }},
      {"subscribers", [](r t) { return static_cast<std::int64_t>(t.of.subscribers); }},
      {"feed", [](r t) { return text_or_null(t.of.feed.name); }, true},
      {"state", [](r t) { return text_or_null(t.of.feed.state); }, true},
  };
  return fields;
}

struct feed_row {
  const actors::feed_entry* of;
  feed_details details;
  std::optional<double> ticks_per_s;
  std::uint64_t restarts = 0;
  std::int64_t now_ns = 0;
  const actors::stored_offset* stored = nullptr;
};

std::int64_t refused_by(const actors::feed_entry& feed) {
  std::int64_t all = 0;
  for (const auto& each : feed.refused) all += value(each);
  return all;
}

const std::vector<field<feed_row>>& feed_fields() {
  using r = const feed_row&;
  static const std::vector<field<feed_row>> fields{
      {"name", [](r f) { return f.of->name; }, true},
      {"kind", [](r f) { return text_or_null(f.details.kind); }, true},
      {"endpoint", [](r f) { return text_or_null(f.details.endpoint); }, true},
      {"state",
       [](r f) { return std::string(protocol::to_string(f.of->state.load(std::memory_order_relaxed))); },
       true},
      {"since",
       [](r f) {
         const auto since = f.of->since_ns.load(std::memory_order_relaxed);
         return since == 0 ? cell{} : cell{since / 1000};
       }},
      {"reason", [](r f) { return text_or_null(f.of->reason.get()); }, true},
      {"suspended", [](r f) { return !f.of->suspended_by.get().empty(); }},
      {"in_session", [](r f) { return f.of->in_session.load(std::memory_order_relaxed); }},
      {"peers", [](r f) { return f.of->peers.watched ? cell{value(f.of->peers.now)} : cell{}; }},
      {"connects", [](r f) { return f.of->peers.watched ? cell{value(f.of->peers.connects)} : cell{}; }},
      {"disconnects",
       [](r f) { return f.of->peers.watched ? cell{value(f.of->peers.disconnects)} : cell{}; }},
      {"retries", [](r f) { return f.of->peers.watched ? cell{value(f.of->peers.retries)} : cell{}; }},
      {"last_peer", [](r f) { return text_or_null(f.of->peers.last.get()); }},
      {"stale_symbols", [](r f) { return value(f.of->stale_symbols); }},
      {"group", [](r f) { return text_or_null(f.details.group); }},
      {"simulated", [](r f) { return f.of->simulated; }},
      {"priority", [](r f) { return static_cast<std::int64_t>(f.of->priority); }},
      {"ticks", [](r f) { return value(f.of->ticks); }},
      {"events", [](r f) { return value(f.of->events); }},
      {"ticks_per_s", [](r f) { return f.ticks_per_s ? cell{*f.ticks_per_s} : cell{}; }},
      {"messages", [](r f) { return value(f.of->messages); }},
      {"gaps", [](r f) { return value(f.of->gaps); }},
      {"gap_lost", [](r f) { return value(f.of->gap_lost); }},
      {"lost", [](r f) { return value(f.of->lost); }},
      {"refused", [](r f) { return refused_by(*f.of); }},
      {"unknown_fields", [](r f) { return value(f.of->unknown_fields); }},
      {"repeated", [](r f) { return value(f.of->repeated); }},
      {"not_owner", [](r f) { return value(f.of->not_owner); }},
      {"in_flight", [](r f) { return value(f.of->in_flight); }},
      {"paused", [](r f) { return value(f.of->paused); }},
      {"restarts", [](r f) { return static_cast<std::int64_t>(f.restarts); }},
      {"stored_seq",
       [](r f) { return f.stored ? cell{static_cast<std::int64_t>(f.stored->lowest())} : cell{}; }},
      {"silent_ms",
       [](r f) {
         const auto heard = f.of->last_tick_ns.load(std::memory_order_relaxed);
         return heard == 0 ? cell{} : cell{std::max<std::int64_t>(0, f.now_ns - heard) / 1'000'000};
       }},
  };
  return fields;
}

}  // namespace

void console::add_topic_routes() {
  admin_.api().get("/api/feeds", [this](const admin_request& request) {
    const auto now = std::chrono::steady_clock::now();
    feeds_.begin(now);
    const auto details = sources_.feeds();
    std::unordered_map<std::string, std::uint64_t> restarts;
    for (const auto& supervisor : engine_.probes.supervisors.all())
      for (const auto& each : supervisor->children) restarts[each.id] += each.restarts;
    std::vector<feed_row> rows;
    for (const auto* each : engine_.feeds.all()) {
      feed_row row{each,
                   {},
                   feeds_.per_s(each->name, static_cast<double>(value(each->ticks))),
                   restarts[each->name],
                   std::chrono::nanoseconds(now.time_since_epoch()).count(),
                   engine_.keep.offsets.find(each->name)};
      for (const auto& known : details)
        if (known.name == each->name) row.details = known;
      rows.push_back(std::move(row));
    }
    return list(request, rows, feed_fields());
  });

  admin_.api().get("/api/topics", [this](const admin_request& request, const responder& answer) {
    // The last of those who were asked lets go of the report, and so it is whole.
    const auto make = [this, request](const actors::topic_report& report, bool complete) {
      topics_.begin(std::chrono::steady_clock::now());
      std::vector<topic_row> rows;
      const auto kind = request.text("kind");
      for (auto& each : report.lines()) {
        // Of all, so that who looks at one kind does not disturb who looks at another.
        const auto per_s = topics_.per_s(each.topic, static_cast<double>(each.seq));
        if (!kind.empty() && kind_of(each.topic) != kind) continue;
        rows.push_back({std::move(each), per_s});
      }
      return list(request, rows, topic_fields(), complete);
    };
    const auto now = std::chrono::steady_clock::now();
    // While somebody is stuck with the last question, more of them would only gather in its mailbox.
    if (const auto old = topics_asked_.lock(); old && now - topics_asked_at_ > patience) {
      answer(make(*topics_kept_, false));
      return;
    }
    const auto kept = std::make_shared<actors::topic_report>();
    const std::shared_ptr<actors::topic_report> asked(
        kept.get(), [kept, make, answer, this](actors::topic_report*) {
          asio::post(admin_.context(), [kept, make, answer] { answer(make(*kept, true)); });
        });
    topics_kept_ = kept;
    topics_asked_ = asked;
    topics_asked_at_ = now;
    const auto lines = engine_.routes.copy();
    for (const auto& each : lines.dispatchers) actors::tell(each, actors::report_topics{asked});
    for (const auto& each : lines.broadcasters) actors::tell(each, actors::report_topics{asked});
    actors::tell(lines.directory, actors::report_topics{asked});
    answer.within(patience, [kept, make] { return make(*kept, false); });
  });
}

}  // namespace tickcast::net::admin
