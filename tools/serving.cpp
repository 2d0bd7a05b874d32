#include "tools/serving.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "actors/clients/gatekeeper.hpp"
#include "actors/runtime/closing_step.hpp"
#include "actors/topics/metrics.hpp"
#include "config/cpu_limit.hpp"
#include "feeds/plugin_process.hpp"
#include "net/admin/api/plugins.hpp"
#include "tools/access_metrics.hpp"
#include "tools/http_api.hpp"
#include "tools/http_service.hpp"
#include "tools/logging.hpp"
#include "tools/own_metrics.hpp"
#include "tools/service_commands.hpp"
#include "tools/state_directory.hpp"

namespace tickcast::tools {
namespace {

using namespace std::chrono_literals;

/// Time clients get to take what is queued for them and to answer the close; then they are cut off.
constexpr std::chrono::milliseconds closing_time{2500};
constexpr std::chrono::milliseconds closing_limit = closing_time + 1500ms;
/// Time that reads get to end when nobody waits for them any more.
constexpr std::chrono::milliseconds reading_time{500};
/// For the rows of an import that are being written when the server stops.
constexpr std::chrono::milliseconds importing_time = 10s;
constexpr std::chrono::milliseconds catch_up_time{2000};

std::uint32_t shard_count(const config::config& settings) {
  return settings.io.shards != 0 ? settings.io.shards : config::cpu_limit();
}

std::filesystem::path web_directory(const config::config& settings) {
  if (!settings.listen.web_directory.empty()) return settings.listen.web_directory;
  return TICKCAST_WEB_DIRECTORY;
}

/// Where libraries are copied to before they are loaded, and processes' sockets lie.
std::filesystem::path plugin_directory(const config::config& settings) {
  if (!settings.store.directory.empty())
    return std::filesystem::absolute(settings.store.directory) / "plugins";
  return std::filesystem::temp_directory_path() / fmt::format("tickcast-{}", ::getpid());
}

/// Where tokens and the audit log are kept when no data directory is configured.
std::string state_directory(const config::config& settings) {
  if (!settings.store.directory.empty()) return settings.store.directory;
  return default_state_directory();
}

}  // namespace

serving::serving(config::config settings, analytics::instruments listed)
    : lock_(settings.store.directory),
      engine_(std::move(settings), shard_count(settings), std::move(listed)),
      office_(engine_),
      system_config_(engine_.settings.workers.count),
      system_(system_config_),
      server_(engine_.settings, system_, engine_.shards),
      door_(engine_.settings),
      readers_(engine_.settings.http.readers, engine_.settings.http.waiting),
      reads_(readers_),
      admin_(engine_.settings.admin, state_directory(engine_.settings)),
      in_force_(engine_.settings) {
  given_up_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (given_up_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  for (std::uint32_t i = 0; i < engine_.shards; ++i)
    rooms_.push_back(std::make_unique<actors::shard_room>(server_.host(i), engine_, i));
  storage_ = std::make_unique<actors::storage_room>(engine_);
  storage_->restore(rooms_);
  users_ = std::make_unique<actors::users_room>(engine_);
  plugins_ = std::make_unique<actors::plugin_room>(
      system_, engine_, plugin_directory(engine_.settings),
      [this](const config::plugin_section&, plugins::plugin_outfit outfit) -> std::unique_ptr<plugins::run> {
        return std::make_unique<feeds::plugin_process>(zmq_, "/proc/self/exe", std::move(outfit));
      });
  set_up_gate();
  set_up_pages();
  set_up_api();
  set_up_questions();
  set_up_admin();
  server_.listen();
  admin_.listen();
  if (!engine_.settings.redis.url.empty()) set_up_redis();
  feeds_ = std::make_unique<feeds::feed_set>(engine_, zmq_, redis_.get());
  if (!engine_.settings.egress.endpoint.empty()) set_up_egress();
  if (!engine_.settings.service.router.empty()) set_up_service();
}

serving::~serving() {
  if (root_) stop();
  readers_.stop(reading_time);
  egress_.reset();
  service_.reset();
  feeds_.reset();
  redis_.reset();
  plugins_.reset();
  ::close(given_up_fd_);
}

void serving::set_up_redis() {
  redis_ = std::make_unique<feeds::redis_room>(engine_, system_, office_);
  admin_.add_source([this](actors::metric_writer& to) { redis_->read_metrics(to); });
}

void serving::set_up_egress() {
  egress_ = std::make_unique<feeds::egress_room>(engine_, system_, zmq_,
                                                 feeds_->gate_for(engine_.settings.egress.curve));
  admin_.watch(egress_->host());
  admin_.add_source([this](actors::metric_writer& to) { egress_->read_metrics(to); });
}

void serving::set_up_service() {
  service_ = std::make_unique<feeds::service_room>(engine_, system_, zmq_, questions_,
                                                   feeds_->gate_for(engine_.settings.service.curve));
  admin_.watch(service_->host());
  admin_.add_source([this](actors::metric_writer& to) { service_->read_metrics(to); });
}

void serving::set_up_questions() {
  const auto answered_by = [this](auto read) {
    return [this, read](const protocol::service_request& question, const feeds::service_way& back) {
      (*service_reads_.*read)(question, {[back](std::string_view payload) { back.reply(payload); },
                                         [back](protocol::error_code code, std::string why) {
                                           back.refuse(code, std::move(why));
                                         }});
    };
  };
  questions_.add("get_quote", "history", answered_by(&net::api::service_reads::get_quote));
  questions_.add("get_history", "history", answered_by(&net::api::service_reads::get_history));
  add_service_commands(questions_, office_, engine_, [this] { return stats(); });
  add_http_service(server_, questions_, engine_.settings.auth.api_keys);
}

std::string serving::stats() const {
  return nlohmann::json{
      {"version", TICKCAST_VERSION},
      {"uptime_s",
       std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_).count()},
      {"connections", server_.connections()},
      {"users", users_->counters().online.load()},
      {"messages_to_users", users_->counters().messages.load()},
      {"symbols", engine_.symbols.all().size()},
      {"event_topics", directory_counters_.event_topics.load()},
      {"events", directory_counters_.events.load()},
  }
      .dump();
}

void serving::set_up_pages() {
  const auto directory = web_directory(engine_.settings);
  if (!std::filesystem::is_directory(directory))
    throw std::runtime_error("the page's files are not at " + directory.string() +
                             "; set listen.web_directory");
  server_.add_directory(directory);
  // The console shares modules and styles with the chart page; its own page answers for the root.
  admin_.files().add_directory(directory);
  if (std::filesystem::is_directory(directory / "console"))
    admin_.files().add_directory(directory / "console");
  const auto charts = directory / "node_modules/echarts/dist/echarts.min.js";
  if (std::filesystem::exists(charts)) {
    server_.add_file("/vendor/echarts.min.js", charts);
    admin_.files().add_file("/vendor/echarts.min.js", charts);
  } else
    spdlog::warn("{} is missing: the chart page shows no chart; run `npm ci` in {}", charts.string(),
                 directory.string());
}

void serving::set_up_gate() {
  engine_.can_sign_in = true;
  server_.set_gate({.ask =
                        [this](std::shared_ptr<const access::credentials> shown, net::gate::taker done) {
                          actors::ask_gatekeeper(engine_, std::move(shown), false, std::move(done));
                        },
                    .rules = engine_.rules,
                    .nobody = engine_.nobody});
}

void serving::set_up_api() {
  auto& past = storage_->history();
  // What has waited longer is not waited for: the answer is then what there is.
  const auto catch_up = [&past] { past.sync().wait_for(catch_up_time); };
  instruments_ = std::make_unique<net::api::known_symbols>(engine_, past);
  past_desk_ = std::make_unique<net::api::past_desk>(engine_, past, readers_, catch_up);
  engine_.history = past_desk_.get();
  engine_.keep.past = &past;
  engine_.keep.catch_up = catch_up;
  engine_.keep.read_aside = [this](net::readers::job what) { return readers_.hand(std::move(what)); };
  plugin_past_ = std::make_unique<net::api::plugin_past>(engine_, past, readers_, catch_up);
  plugins_->set_past(plugin_past_.get());
  std::vector<actors::quote_window*> windows;
  for (const auto& each : rooms_) windows.push_back(&each->window());
  const net::api::api_sources sources{.engine = engine_,
                                      .past = past,
                                      .instruments = *instruments_,
                                      .reads = reads_,
                                      .windows = std::move(windows),
                                      .indicators = &indicators_,
                                      .catch_up = catch_up};
  add_http_api(server_, sources);
  service_reads_ = std::make_unique<net::api::service_reads>(sources, server_.host(0));
}

void serving::set_up_admin() {
  for (std::uint32_t i = 0; i < engine_.shards; ++i) {
    admin_.watch(server_.host(i));
    admin_.add_source([room = rooms_[i].get()](actors::metric_writer& to) { room->read_metrics(to); });
  }
  admin_.add_source(server_.metrics());
  admin_.add_source([this](actors::metric_writer& to) {
    readers_.read_metrics(to);
    reads_.read_metrics(to);
  });
  admin_.watch(plugins_->hub_host());
  admin_.add_source([this](actors::metric_writer& to) { plugins_->read_metrics(to); });
  admin_.add_source([this](actors::metric_writer& to) { storage_->read_metrics(to); });
  admin_.add_source([this](actors::metric_writer& to) {
    users_->read_metrics(to);
    office_.read_metrics(to);
  });
  admin_.add_source([this](actors::metric_writer& to) {
    actors::read_feed_metrics(engine_, to);
    actors::read_directory_metrics(directory_counters_, to);
    actors::read_actor_metrics(engine_, to);
    read_log_metrics(to);
    read_limit_metrics(engine_.settings, to);
    read_access_metrics(door_, to);
    read_reload_metrics(reloads_[0].load(), reloads_[1].load(), to);
    if (feeds_)
      to.counter("tickcast_curve_keys_refused_total", "ZeroMQ peers turned away for their CURVE key.", {},
                 static_cast<double>(feeds_->keys_refused()));
  });
  admin_.ready_when([this]() -> std::optional<std::string> {
    if (!ready_.load()) return "starting or stopping";
    if (server_.draining()) return "draining";
    return std::nullopt;
  });
  net::admin::console_sources sources;
  sources.feeds = [this] {
    std::vector<net::admin::feed_details> result;
    if (!feeds_) return result;
    for (const auto& each : feeds_->addresses())
      result.push_back({each.name, each.kind, each.endpoint, each.group});
    return result;
  };
  sources.suspend_feed = [this](const std::string& name, bool rests, const std::string& by) {
    if (!feeds_) return false;
    return rests ? feeds_->suspend(name, by) : feeds_->resume(name, by);
  };
  sources.log = [](std::uint64_t after) {
    std::vector<net::admin::log_line> result;
    for (auto& each : logging::newest(after))
      result.push_back({each.seq, each.at_us, each.level, std::move(each.component), std::move(each.text)});
    return result;
  };
  sources.log_dropped = [] { return logging::dropped(); };
  sources.state = [this] { return std::string(ready_.load() ? "serving" : "stopping"); };
  sources.plugins = [this] { return plugins_->report(); };
  net::admin::add_plugin_routes(admin_, *plugins_);
  history_ = std::make_unique<net::admin::history_routes>(admin_, storage_->history());
  console_ = std::make_unique<net::admin::console>(admin_, engine_, server_, std::move(sources));
}

std::vector<actors::child_spec> serving::root_children() {
  using actors::child_spec;
  std::vector<child_spec> children;
  const auto below = [this](std::string id, caf::actor (serving::*make)()) {
    return child_spec{.id = std::move(id),
                      .start = [this, make] { return (this->*make)(); },
                      .shutdown = actors::no_shutdown_limit};
  };
  children.push_back({.id = "storage", .start = [this] { return storage_->start(system_); }});
  children.push_back(below("topics", &serving::start_topics));
  children.push_back({.id = "gatekeeper", .start = [this] { return start_gatekeeper(); }});
  children.push_back(below("users", &serving::start_users));
  children.push_back(below("shards", &serving::start_shards));
  children.push_back(
      {.id = "clients",
       .start =
           [this] {
             // One that was restarted has closed all clients; the next ones are welcome.
             server_.accept_again();
             return system_.spawn<actors::closing_step>(std::ref(engine_.probes), "clients", [this] {
               const auto cut = server_.close_all(protocol::close_code::shutdown, closing_time);
               if (cut > 0) spdlog::warn("{} clients did not answer the close and were cut off", cut);
             });
           },
       .shutdown = closing_limit});
  children.push_back({.id = "plugins",
                      .start = [this] { return plugins_->start(); },
                      .shutdown = actors::no_shutdown_limit});
  if (egress_ || service_ || redis_) children.push_back(below("services", &serving::start_services));
  children.push_back(below("feeds", &serving::start_feeds));
  return children;
}

caf::actor serving::supervise(actors::supervisor::options how, std::vector<actors::child_spec> children) {
  return system_.spawn<actors::supervisor>(std::ref(engine_.probes), std::move(how), std::move(children));
}

caf::actor serving::start_topics() {
  const auto directory = [this] {
    auto made = system_.spawn<actors::directory>(std::ref(engine_), std::ref(directory_counters_));
    engine_.routes.set_directory(made);
    return caf::actor_cast<caf::actor>(made);
  };
  return supervise({.name = "topics", .parent = "root", .limits = {.intensity = 10, .period = 10s}},
                   {{"directory", directory}});
}

caf::actor serving::start_gatekeeper() {
  auto made = system_.spawn<actors::gatekeeper>(std::ref(engine_), std::ref(door_));
  engine_.routes.set_gatekeeper(made);
  return caf::actor_cast<caf::actor>(made);
}

caf::actor serving::start_users() {
  return supervise({.name = "users", .parent = "root", .limits = {.intensity = 10, .period = 10s}},
                   {{"user manager", [this] { return users_->start(system_); }},
                    {"presence", [this] { return users_->start_presence(system_); }}});
}

caf::actor serving::start_shards() {
  std::vector<actors::child_spec> children;
  for (std::uint32_t i = 0; i < engine_.shards; ++i) {
    const auto one = [this, i] { return start_shard(i); };
    children.push_back({.id = server_.host(i).name(), .start = one, .shutdown = actors::no_shutdown_limit});
  }
  return supervise({.name = "shards", .parent = "root", .limits = {.intensity = 3, .period = 60s}},
                   std::move(children));
}

caf::actor serving::start_shard(std::uint32_t index) {
  auto* room = rooms_[index].get();
  const auto dispatcher = [room] { return room->start_dispatcher(); };
  const auto broadcaster = [room] { return room->start_broadcaster(); };
  const auto quote_desk = [room] { return room->start_quote_desk(); };
  return supervise({.name = server_.host(index).name(),
                    .parent = "root/shards",
                    .limits = {.intensity = 10, .period = 10s}},
                   {{"dispatcher", dispatcher}, {"broadcaster", broadcaster}, {"quote_desk", quote_desk}});
}

caf::actor serving::start_services() {
  std::vector<actors::child_spec> children;
  if (egress_) children.push_back(egress_->child());
  if (service_) children.push_back(service_->child());
  if (redis_) children.push_back(redis_->child());
  return supervise({.name = "services",
                    .parent = "root",
                    .limits = {.intensity = 10, .period = 60s, .shortest = 200ms, .longest = 30s},
                    .each_its_own = true},
                   std::move(children));
}

caf::actor serving::start_feeds() {
  return supervise({.name = "feeds", .parent = "root", .limits = feeds::feed_restarts, .each_its_own = true},
                   feeds_->children(system_));
}

void serving::start() {
  if (egress_) egress_->start();
  if (service_) service_->start();
  root_ =
      supervise({.name = "root", .parent = "", .limits = {.intensity = 3, .period = 60s}}, root_children());
  root_->attach_functor([fd = given_up_fd_] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
  });
  std::vector<actors::client_room*> rooms;
  for (const auto& each : rooms_) rooms.push_back(each.get());
  server_.start(rooms);
  admin_.start();
  ready_.store(true);
}

std::string serving::start_line() const {
  const auto& settings = engine_.settings;
  const auto host = [](const std::string& address) {
    return address.find(':') == std::string::npos ? address : "[" + address + "]";
  };
  nlohmann::json line{
      {"event", "started"},
      {"version", TICKCAST_VERSION},
      {"pid", ::getpid()},
      {"shards", engine_.shards},
      {"http", fmt::format("http{}://{}:{}", server_.speaks_tls() ? "s" : "", host(settings.listen.address),
                           server_.port())},
      {"ws", fmt::format("ws{}://{}:{}/ws", server_.speaks_tls() ? "s" : "", host(settings.listen.address),
                         server_.port())},
      {"admin", fmt::format("http{}://{}:{}", admin_.speaks_tls() ? "s" : "", host(settings.admin.address),
                            admin_.port())},
      {"admin_tokens", admin_.token_path()},
      {"feeds", nlohmann::json::array()},
  };
  if (egress_) line["egress"] = egress_->endpoint();
  if (service_) line["service_router"] = service_->endpoint();
  for (const auto& each : feeds_->addresses()) {
    if (each.kind == "service")
      line["service_pull"] = each.endpoint;
    else
      line["feeds"].push_back({{"name", each.name}, {"kind", each.kind}, {"endpoint", each.endpoint}});
  }
  return line.dump();
}

void serving::wait_for(const actors::host& where, std::chrono::steady_clock::time_point deadline) {
  while (where.alive() > 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      spdlog::error("{} actors on {} did not end", where.alive(), where.name());
      return;
    }
    std::this_thread::sleep_for(1ms);
  }
}

void serving::wait_for_hosts() {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  for (std::uint32_t i = 0; i < engine_.shards; ++i) wait_for(server_.host(i), deadline);
  if (egress_) wait_for(egress_->host(), deadline);
  if (service_) wait_for(service_->host(), deadline);
}

void serving::stop() {
  ready_.store(false);
  server_.stop_accepting();
  actors::end(root_);
  {
    caf::scoped_actor self{system_};
    self->wait_for(root_);
  }
  root_ = nullptr;
  // A root that gave up has stopped its children too; the sockets may still be there.
  server_.close_all(protocol::close_code::shutdown, 500ms);
  reading_still_ = readers_.stop(reading_time);
  engine_.claims.clear();
  if (!users_->stop(std::chrono::steady_clock::now() + 2s)) spdlog::error("user agents did not end");
  engine_.routes.clear();
  wait_for_hosts();
  server_.stop_loops();
  reading_still_ += history_->stop(importing_time);
  storage_->close(rooms_);
  if (egress_) egress_->stop();
  if (service_) service_->stop();
  admin_.stop();
}

}  // namespace tickcast::tools
