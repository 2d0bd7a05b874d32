#include "access/doorkeeper.hpp"

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "access/api_keys.hpp"
#include "access/backends.hpp"
#include "access/django_session.hpp"
#include "access/jwt.hpp"
#include "access/key_file.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::access {
namespace {

using clock = std::chrono::steady_clock;

/// How often files are looked at.
constexpr std::chrono::seconds look_every{1};
/// Of a token, a key or a cookie, in bytes.
constexpr std::size_t longest_shown = longest_token;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What the key files hold; replaced as a whole when one of them changes.
struct key_set {
  jwt_checker::key_ring tokens;
  access::api_keys programs;
  std::vector<std::string> django;
};
using key_set_ptr = std::shared_ptr<const key_set>;

std::vector<std::string> files_of(const config::auth_section& auth) {
  auto all = jwt_checker(auth.jwt).files();
  for (const auto* path : {&auth.api_keys.file, &auth.django.secret_key_file})
    if (!path->empty()) all.push_back(*path);
  return all;
}

key_set_ptr read_keys(const config::auth_section& auth) {
  auto made = std::make_shared<key_set>();
  const jwt_checker checker(auth.jwt);
  if (checker.is_set_up()) made->tokens = checker.read_keys();
  const auto read = [](const std::string& path, const std::string& name, const auto& take) {
    const auto text = key_file(path, name, key_file::secrecy::owner_only).read();
    try {
      take(text);
    } catch (const std::runtime_error& wrong) {
      throw std::runtime_error(fmt::format("{}: {} {}", name, path, wrong.what()));
    }
  };
  if (!auth.api_keys.file.empty())
    read(auth.api_keys.file, "auth.api_keys.file",
         [&](const std::string& text) { made->programs = access::api_keys(text); });
  if (!auth.django.secret_key_file.empty())
    read(auth.django.secret_key_file, "auth.django.secret_key_file",
         [&](const std::string& text) { made->django = read_secret_keys(text); });
  return made;
}

void check_halves(const config::config& settings) {
  const auto& auth = settings.auth;
  if (auth.django.store == "cookie" && auth.django.secret_key_file.empty())
    throw std::runtime_error(
        "auth.django.store is \"cookie\", which needs auth.django.secret_key_file, the file with SECRET_KEY");
  if (!auth.proxy.user_header.empty() && settings.listen.trusted_proxies.empty())
    throw std::runtime_error(
        "auth.proxy.user_header is set, and listen.trusted_proxies names nobody it could be believed from");
  const bool anybody = !auth.jwt.algorithms.empty() || !auth.api_keys.file.empty() ||
                       !auth.django.store.empty() || !auth.callback.url.empty() ||
                       !auth.proxy.user_header.empty();
  if (!auth.anonymous && !anybody)
    throw std::runtime_error(
        "auth.anonymous is false and no way to sign in is set up: nobody could ever come in "
        "(docs/access.md)");
}

std::vector<std::string> split_groups(std::string_view text) {
  std::vector<std::string> groups;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto begin = part.find_first_not_of(' ');
    if (begin != std::string_view::npos)
      groups.emplace_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return groups;
}

}  // namespace

struct doorkeeper::parts {
  explicit parts(const config::config& settings)
      : auth(settings.auth), tokens(auth.jwt), watch(files_of(auth)), keys(read_keys(auth)) {
    if (auth.django.store.starts_with("redis://") || !auth.callback.url.empty()) elsewhere.emplace(auth);
  }

  const config::auth_section auth;
  const jwt_checker tokens;
  std::optional<access::backends> elsewhere;
  std::mutex mutex;  ///< of what follows
  file_watch watch;
  key_set_ptr keys;
  clock::time_point looked{};
  std::string told;  ///< what last did not read
};

doorkeeper::doorkeeper(const config::config& settings) {
  check_halves(settings);
  parts_ = std::make_unique<parts>(settings);
}

doorkeeper::~doorkeeper() = default;

std::optional<std::string> doorkeeper::refresh_keys() {
  auto& mine = *parts_;
  std::lock_guard guard{mine.mutex};
  const auto now = clock::now();
  if (now - mine.looked < look_every) return std::nullopt;
  mine.looked = now;
  if (!mine.watch.has_changed()) return std::nullopt;
  try {
    mine.keys = read_keys(mine.auth);
    return "the key files have changed and were read again";
  } catch (const std::runtime_error& wrong) {
    counters_.key_files_failed.fetch_add(1, std::memory_order_relaxed);
    return fmt::format("a key file has changed and is not taken, the old keys stay in force: {}",
                       wrong.what());
  }
}

void doorkeeper::ask(const credentials& shown, taker done) {
  judge(shown, false, std::move(done));
}

void doorkeeper::ask_anew(const credentials& shown, taker done) {
  judge(shown, true, std::move(done));
}

/// Counts what was decided. A session that is none leaves its client anonymous where that is allowed, as
/// Django does: nobody can take a cookie back that the browser sends by itself.
namespace {

/// What is shown to people may be of any encoding; here it is UTF-8.
void mend_texts(identity& who) {
  const auto mend = [](std::string& text) {
    if (protocol::is_valid_utf8(text)) return;
    std::string whole;
    protocol::append_as_utf8(whole, text);
    text = std::move(whole);
  };
  mend(who.name);
  for (auto& each : who.groups) mend(each);
}

}  // namespace

verdict doorkeeper::settle(verdict said, bool by_session) {
  const auto count = [](auto& all, auto which) {
    all[static_cast<std::size_t>(which)].fetch_add(1, std::memory_order_relaxed);
  };
  const bool anonymous = parts_->auth.anonymous;
  if (said && !protocol::is_valid_utf8(said->user))
    said = refuse(reason::malformed, "the user's id is not UTF-8");
  if (said) mend_texts(*said);
  if (said && said->expires_us != 0 && said->expires_us <= now_us())
    said = refuse(reason::expired, "the sign-in has expired: sign in again");
  if (!said) {
    count(counters_.refused, said.error().why);
    if (by_session && anonymous && !is_temporary(said.error().why)) return identity{};
    return said;
  }
  if (!said->signed_in() && !anonymous) {
    count(counters_.refused, reason::anonymous);
    return refuse(reason::anonymous, "this server admits nobody without signing in");
  }
  count(counters_.admitted, said->by);
  return said;
}

void doorkeeper::judge(const credentials& shown, bool anew, taker done) {
  auto& mine = *parts_;
  key_set_ptr keys;
  {
    std::lock_guard guard{mine.mutex};
    keys = mine.keys;
  }
  const auto answer = [&](verdict said, bool by_session = false) {
    done(settle(std::move(said), by_session));
  };
  const auto call_back = [&](bool by_session) {
    mine.elsewhere->call_back(shown, anew, [this, by_session, done = std::move(done)](verdict said) {
      done(settle(std::move(said), by_session));
    });
  };
  for (const auto* each : {&shown.token, &shown.api_key, &shown.session})
    if (each->size() > longest_shown)
      return answer(refuse(reason::malformed, "what was shown to sign in is too long to be read"));
  const bool has_service = !mine.auth.callback.url.empty();
  const auto& django = mine.auth.django;
  if (!shown.gateway_user.empty()) return answer(by_gateway(shown));
  if (!shown.token.empty()) {
    if (mine.tokens.is_set_up() || !has_service)
      return answer(mine.tokens.check(shown.token, keys->tokens, now_us() / 1'000'000));
    return call_back(false);
  }
  if (!shown.api_key.empty()) {
    if (!mine.auth.api_keys.file.empty()) return answer(keys->programs.check(shown.api_key));
    if (has_service) return call_back(false);
    return answer(refuse(reason::not_taken, "this server takes no API keys: leave `api_key` out"));
  }
  if (shown.session.empty()) return answer(identity{});
  if (django.store == "cookie")
    return answer(read_signed_cookie(django, shown.session, keys->django, now_us()), true);
  if (django.store.empty()) {
    if (has_service) return call_back(true);
    return answer(refuse(reason::not_taken, "this server reads no sessions"), true);
  }
  if (!is_session_key(shown.session))
    return answer(refuse(reason::malformed, "the session cookie cannot be read"), true);
  mine.elsewhere->read_session(
      shown.session, [this, done = std::move(done)](verdict said) { done(settle(std::move(said), true)); });
}

verdict doorkeeper::by_gateway(const credentials& shown) {
  if (shown.gateway_user.size() > 256) return refuse(reason::no_user, "the gateway's user id is too long");
  identity who;
  who.user = shown.gateway_user;
  who.name = shown.gateway_name;
  who.groups = split_groups(shown.gateway_groups);
  who.by = proof::gateway;
  return who;
}

doorkeeper::backend_figures doorkeeper::backend_counts() const noexcept {
  return parts_->elsewhere ? parts_->elsewhere->read_figures() : backend_figures{};
}

}  // namespace tickcast::access
