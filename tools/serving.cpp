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

#include "actors/runtime/closing_step.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/topics/metrics.hpp"
#include "config/cpu_limit.hpp"
#include "tools/http_api.hpp"
#include "tools/logging.hpp"

namespace tickcast::tools {
namespace {

using namespace std::chrono_literals;

/// Time clients get to take what is queued for them and to answer the close; then they are cut off.
constexpr std::chrono::milliseconds closing_time{2500};
constexpr std::chrono::milliseconds closing_limit = closing_time + 1500ms;

std::uint32_t shard_count(const config::config& settings) {
  return settings.io.shards != 0 ? settings.io.shards : config::cpu_limit();
}

std::filesystem::path web_directory(const config::config& settings) {
  if (!settings.listen.web_directory.empty()) return settings.listen.web_directory;
  return TICKCAST_WEB_DIRECTORY;
}

/// A child that runs before its supervisor does: what starts after the supervisor must find it on the
/// switchboard.
std::function<caf::actor()> already_started(caf::actor made, std::function<caf::actor()> again) {
  return [made = std::move(made), again = std::move(again)]() mutable {
    return made ? std::exchange(made, nullptr) : again();
  };
}

}  // namespace

serving::serving(config::config settings)
    : lock_(settings.store.directory),
      engine_(std::move(settings), shard_count(settings)),
      system_config_(engine_.settings.workers.count),
      system_(system_config_),
      server_(engine_.settings, system_, engine_.shards),
      admin_(engine_.settings.admin) {
  given_up_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (given_up_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  for (std::uint32_t i = 0; i < engine_.shards; ++i)
    rooms_.push_back(std::make_unique<actors::shard_room>(server_.host(i), engine_, i));
  set_up_pages();
  set_up_admin();
  server_.listen();
  admin_.listen();
  feeds_ = std::make_unique<feeds::feed_set>(engine_, zmq_);
}

serving::~serving() {
  if (root_) stop();
  feeds_.reset();
  ::close(given_up_fd_);
}

void serving::set_up_pages() {
  const auto directory = web_directory(engine_.settings);
  if (!std::filesystem::is_directory(directory))
    throw std::runtime_error("the page's files are not at " + directory.string() +
                             "; set listen.web_directory");
  server_.add_directory(directory);
  const auto charts = directory / "node_modules/echarts/dist/echarts.min.js";
  if (std::filesystem::exists(charts))
    server_.add_file("/vendor/echarts.min.js", charts);
  else
    spdlog::warn("{} is missing: the chart page shows no chart; run `npm ci` in {}", charts.string(),
                 directory.string());
  server_.handle("/api/v1/symbols", symbols_handler(engine_));
}

void serving::set_up_admin() {
  for (std::uint32_t i = 0; i < engine_.shards; ++i) {
    admin_.watch(server_.host(i));
    admin_.add_source([room = rooms_[i].get()](actors::metric_writer& to) { room->read_metrics(to); });
  }
  admin_.add_source(server_.metrics());
  admin_.add_source([this](actors::metric_writer& to) {
    actors::read_feed_metrics(engine_, to);
    actors::read_directory_metrics(directory_counters_, to);
    actors::read_actor_metrics(engine_, to);
    to.counter("tickcast_log_dropped_total", "Log lines dropped because nobody took them.", {},
               static_cast<double>(logging::dropped()));
    if (feeds_)
      to.counter("tickcast_curve_keys_refused_total", "ZeroMQ peers turned away for their CURVE key.", {},
                 static_cast<double>(feeds_->keys_refused()));
  });
  admin_.handle("/api/topics", topics_handler(engine_));
  admin_.handle("/api/feeds", feeds_handler(engine_));
  admin_.ready_when([this]() -> std::optional<std::string> {
    if (ready_.load()) return std::nullopt;
    return "starting or stopping";
  });
}

std::vector<actors::child_spec> serving::root_children() {
  using actors::child_spec;
  // What clients and feeds ask for must be on the switchboard before the first of them can ask.
  std::vector<child_spec> children;
  children.push_back({"topics", already_started(start_topics(), [this] { return start_topics(); })});
  children.push_back({.id = "shards",
                      .start = already_started(start_shards(), [this] { return start_shards(); }),
                      .shutdown = 10s});
  children.push_back(
      {.id = "clients",
       .start =
           [this] {
             return system_.spawn<actors::closing_step>(std::ref(engine_.probes), "clients", [this] {
               const auto cut = server_.close_all(protocol::close_code::shutdown, closing_time);
               if (cut > 0) spdlog::warn("{} clients did not answer the close and were cut off", cut);
             });
           },
       .shutdown = closing_limit});
  children.push_back({.id = "feeds", .start = [this] { return start_feeds(); }, .shutdown = 3s});
  return children;
}

caf::actor serving::start_topics() {
  auto made = system_.spawn<actors::directory>(std::ref(engine_), std::ref(directory_counters_));
  engine_.routes.set_directory(made);
  return caf::actor_cast<caf::actor>(made);
}

caf::actor serving::start_shards() {
  std::vector<actors::child_spec> children;
  for (std::uint32_t i = 0; i < engine_.shards; ++i) {
    auto* room = rooms_[i].get();
    children.push_back({fmt::format("dispatcher-{}", i), already_started(room->start_dispatcher(), [room] {
                          return room->start_dispatcher();
                        })});
    children.push_back({fmt::format("broadcaster-{}", i), already_started(room->start_broadcaster(), [room] {
                          return room->start_broadcaster();
                        })});
  }
  return system_.spawn<actors::supervisor>(
      std::ref(engine_.probes),
      actors::supervisor::options{"shards", "root", {.intensity = 10, .period = 10s}}, std::move(children));
}

caf::actor serving::start_feeds() {
  return system_.spawn<actors::supervisor>(
      std::ref(engine_.probes), actors::supervisor::options{"feeds", "root", feeds::feed_restarts, true},
      feeds_->children(system_));
}

void serving::start() {
  root_ = system_.spawn<actors::supervisor>(
      std::ref(engine_.probes), actors::supervisor::options{"root", "", {.intensity = 3, .period = 60s}},
      root_children());
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
      {"http", fmt::format("http://{}:{}", host(settings.listen.address), server_.port())},
      {"ws", fmt::format("ws://{}:{}/ws", host(settings.listen.address), server_.port())},
      {"admin", fmt::format("http://{}:{}", host(settings.admin.address), admin_.port())},
      {"feeds", nlohmann::json::array()},
  };
  for (const auto& each : feeds_->addresses()) {
    if (each.kind == "service")
      line["service_pull"] = each.endpoint;
    else
      line["feeds"].push_back({{"name", each.name}, {"kind", each.kind}, {"endpoint", each.endpoint}});
  }
  return line.dump();
}

void serving::wait_for_hosts() {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  for (std::uint32_t i = 0; i < engine_.shards; ++i)
    while (server_.host(i).alive() > 0) {
      if (std::chrono::steady_clock::now() > deadline) {
        spdlog::error("{} actors on {} did not end", server_.host(i).alive(), server_.host(i).name());
        break;
      }
      std::this_thread::sleep_for(1ms);
    }
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
  engine_.routes.clear();
  wait_for_hosts();
  server_.stop_loops();
  admin_.stop();
}

}  // namespace tickcast::tools
