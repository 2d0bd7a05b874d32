#include "actors/plugins/plugin_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "actors/plugins/engine_outlet.hpp"

namespace tickcast::actors {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

std::int64_t wall_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

const config::feed_section* feed_of(const config::config& settings, const std::string& plugin) {
  const auto found = std::find_if(settings.feeds.begin(), settings.feeds.end(), [&](const auto& each) {
    return each.kind == config::feed_kind::plugin && each.plugin == plugin;
  });
  return found == settings.feeds.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(plugin_state state) noexcept {
  switch (state) {
    case plugin_state::starting:
      return "starting";
    case plugin_state::running:
      return "running";
    case plugin_state::stuck:
      return "stuck";
    case plugin_state::restarting:
      return "restarting";
    case plugin_state::stopped:
      return "stopped";
    case plugin_state::failed:
      return "failed";
  }
  return "unknown";
}

// ---- record

plugin_record::plugin_record(config::plugin_section what, feed_entry& its_feed,
                             const config::feed_section* as_what)
    : section(std::move(what)), feed(its_feed), as_feed(as_what), library_(section.library) {}

std::string plugin_record::library() const {
  const std::lock_guard guard{mutex_};
  return library_;
}
void plugin_record::set_library(std::string file) {
  const std::lock_guard guard{mutex_};
  library_ = std::move(file);
}
std::string plugin_record::version() const {
  const std::lock_guard guard{mutex_};
  return version_;
}
void plugin_record::set_version(std::string version) {
  const std::lock_guard guard{mutex_};
  version_ = std::move(version);
}
std::shared_ptr<plugins::inbox> plugin_record::letters() const {
  const std::lock_guard guard{mutex_};
  return letters_;
}
void plugin_record::set_letters(std::shared_ptr<plugins::inbox> letters) {
  const std::lock_guard guard{mutex_};
  letters_ = std::move(letters);
}
void plugin_record::show(std::shared_ptr<const plugins::run> run) {
  const std::lock_guard guard{mutex_};
  shown_ = std::move(run);
}
void plugin_record::failed(std::string why, bool retired) {
  const std::lock_guard guard{mutex_};
  last_error_ = why;
  failures_.push_back({wall_ns(), std::move(why), retired});
  if (failures_.size() > most_failures) failures_.pop_front();
}
void plugin_record::clear_error() {
  const std::lock_guard guard{mutex_};
  last_error_.clear();
}

plugin_report plugin_record::report() const {
  plugin_report result;
  result.name = section.name;
  result.isolation = config::to_string(section.isolation);
  result.state = state.load(relaxed);
  result.parameters = section.parameters;
  result.subscriptions = seen->subscriptions();
  result.restarts = restarts.load(relaxed);
  result.budget_spent = budget_spent.load(relaxed);
  result.budget_restarts = section.budget_restarts;
  result.budget_period_ms = section.budget_period_ms;
  result.alarms = alarms.load(relaxed);
  result.waiting = seen->waiting.load(relaxed);
  result.bound = section.budget_mailbox;
  result.dropped = seen->dropped.load(relaxed);
  result.handled = seen->handled.load(relaxed);
  result.published = seen->published.load(relaxed);
  result.over_budget = seen->over_budget.load(relaxed);
  result.refused = seen->refused.load(relaxed);
  result.log_dropped = seen->log_dropped.load(relaxed);
  result.p50_ns = seen->times.quantile_ns(0.5);
  result.p99_ns = seen->times.quantile_ns(0.99);
  result.longest_ns = seen->times.longest_ns();
  result.counters = seen->counters();
  result.gauges = seen->gauges();
  const std::lock_guard guard{mutex_};
  result.library = library_;
  result.version = version_;
  result.failures.assign(failures_.begin(), failures_.end());
  result.last_error = last_error_;
  if (shown_) {
    const auto& beat = shown_->beat();
    if (const auto began = beat.handler_began_ns.load(std::memory_order_acquire); began != 0) {
      result.handler = beat.handler.load(relaxed);
      result.handler_running_ns = std::max<std::int64_t>(steady_ns() - began, 0);
    }
  }
  return result;
}

// ---- board

plugin_board::plugin_board(caf::actor_system& system, engine& parts, std::filesystem::path scratch,
                           run_maker process_maker)
    : system_(system),
      engine_(parts),
      scratch_(std::move(scratch)),
      process_maker_(std::move(process_maker)),
      listed_(std::make_shared<const analytics::instruments>(parts.instruments)) {}

std::shared_ptr<plugin_record> plugin_board::add(const config::plugin_section& what) {
  const std::lock_guard guard{mutex_};
  if (records_.contains(what.name)) return nullptr;
  const auto* as_feed = feed_of(engine_.settings, what.name);
  // No configured feed can be called so: a plugin without a feed of its own still shows as one.
  const auto name = as_feed ? as_feed->name : "plugin:" + what.name;
  auto& entry = engine_.feeds.add(name, as_feed ? as_feed->priority : 0, false,
                                  as_feed ? as_feed->stale_ms * 1'000'000 : 0);
  auto made = std::make_shared<plugin_record>(what, entry, as_feed);
  records_.emplace(what.name, made);
  return made;
}

void plugin_board::remove(const std::string& name) {
  const std::lock_guard guard{mutex_};
  records_.erase(name);
}

std::shared_ptr<plugin_record> plugin_board::find(const std::string& name) const {
  const std::lock_guard guard{mutex_};
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<plugin_record>> plugin_board::all() const {
  const std::lock_guard guard{mutex_};
  std::vector<std::shared_ptr<plugin_record>> result;
  for (const auto& [name, each] : records_) result.push_back(each);
  return result;
}

void plugin_board::set_hub(plugin_hub_actor hub) {
  const std::lock_guard guard{mutex_};
  hub_ = std::move(hub);
}

plugin_hub_actor plugin_board::hub() const {
  const std::lock_guard guard{mutex_};
  return hub_;
}

std::unique_ptr<plugins::run> plugin_board::make_run(plugin_record& of, const std::string& library,
                                                     const std::shared_ptr<plugins::inbox>& letters) {
  const auto& section = of.section;
  const auto* as_feed = of.as_feed;
  feed_port_options port;
  port.most_in_flight = engine_.settings.limits.in_flight_ticks;
  if (as_feed) {
    port.prefix = as_feed->prefix;
    port.map = {as_feed->map.begin(), as_feed->map.end()};
  }
  plugins::plugin_outfit outfit;
  outfit.options.name = section.name;
  outfit.options.given = plugins::parameters(section.parameters);
  outfit.options.publishes_per_s = section.budget_publishes_per_s;
  outfit.options.is_feed = as_feed != nullptr;
  outfit.options.system = &system_;
  outfit.library = library;
  outfit.scratch = scratch_;
  outfit.listed = listed_;
  outfit.letters = letters;
  outfit.seen = of.seen;
  outfit.out = std::make_shared<engine_outlet>(*this, section.name, letters, of.feed, std::move(port));
  if (section.isolation == config::plugin_isolation::thread)
    return std::make_unique<plugins::plugin_thread>(std::move(outfit));
  if (!process_maker_) throw std::runtime_error("plugins cannot run in processes of their own here");
  return process_maker_(section, std::move(outfit));
}

void plugin_board::ask(const std::shared_ptr<plugins::inbox>& asker, std::uint64_t id,
                       const std::string& from, const std::string& to, std::string question) {
  const auto asked = find(to);
  const auto letters = asked ? asked->letters() : nullptr;
  const auto refuse = [&](std::string why) {
    asker->put({nullptr, 0, plugins::answer_text{id, false, std::move(why)}});
    asker->wake();
  };
  if (!letters) return refuse(fmt::format("there is no plugin {} that runs", to));
  std::uint64_t number;
  {
    const std::lock_guard guard{mutex_};
    number = ++last_question_;
    open_.emplace(number, open_question{asker, id});
    if (open_.size() > most_questions) open_.erase(open_.begin());
  }
  if (!letters->put({nullptr, 0, plugins::question{number, from, std::move(question)}})) {
    {
      const std::lock_guard guard{mutex_};
      open_.erase(number);
    }
    return refuse(fmt::format("too many questions wait for {}", to));
  }
  letters->wake();
}

void plugin_board::reply(std::uint64_t question, bool ok, std::string text) {
  std::shared_ptr<plugins::inbox> asker;
  std::uint64_t id = 0;
  {
    const std::lock_guard guard{mutex_};
    const auto found = open_.find(question);
    if (found == open_.end()) return;
    asker = found->second.asker.lock();
    id = found->second.id;
    open_.erase(found);
  }
  if (!asker) return;
  asker->put({nullptr, 0, plugins::answer_text{id, ok, std::move(text)}});
  asker->wake();
}

void plugin_board::bury(const std::string& name, std::shared_ptr<plugins::run> run) {
  const std::lock_guard guard{mutex_};
  graves_.push_back({name, std::move(run)});
}

std::size_t plugin_board::lingering(const std::optional<std::string>& name) const {
  const std::lock_guard guard{mutex_};
  std::erase_if(graves_, [](const grave& each) { return !each.run->lingers(); });
  return static_cast<std::size_t>(std::count_if(
      graves_.begin(), graves_.end(), [&](const grave& each) { return !name || each.name == *name; }));
}

}  // namespace tickcast::actors
