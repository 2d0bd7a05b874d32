#include "config/keys.hpp"
#include "config/words.hpp"

namespace tickcast::config {
namespace {

void describe_jwt(jwt_section& s, key_visitor& v) {
  v.key({.name = "algorithms",
         .text = "Signatures that are taken; empty: no tokens are",
         .shape = &a_jwt_algorithm},
        &s.algorithms);
  v.key({.name = "secret_file", .text = "File with the HMAC secret; read again when it changes"},
        &s.secret_file);
  v.key(
      {.name = "public_key_file", .text = "PEM file with the public key for RS and ES; read again likewise"},
      &s.public_key_file);
  v.key({.name = "keys", .text = "Files of further keys, by the `kid` of the tokens they sign"}, &s.keys);
  v.key({.name = "jwks_url",
         .text = "Where the signer publishes its keys",
         .shape = &an_http_url,
         .state = support::refused},
        &s.jwks_url);
  v.key({.name = "issuer", .text = "What `iss` must be; empty: anything"}, &s.issuer);
  v.key({.name = "audience", .text = "What `aud` must hold; empty: anything"}, &s.audience);
  v.key({.name = "user_claim", .text = "The claim that names the user", .shape = &a_word}, &s.user_claim);
  v.key({.name = "name_claim", .text = "The claim with the name for people", .shape = &a_word},
        &s.name_claim);
  v.key({.name = "groups_claim", .text = "The claim with a list of groups, or one", .shape = &a_word},
        &s.groups_claim);
  v.key({.name = "leeway_ms",
         .unit = "ms",
         .text = "Difference of clocks that is forgiven",
         .within = range{0, 600'000}},
        &s.leeway_ms);
  v.key({.name = "cookie", .text = "Cookie that holds a token; empty: none is read", .shape = &a_word},
        &s.cookie);
  v.key({.name = "query_parameter",
         .text = "Parameter of /ws that holds a token, which logs of proxies then show; empty: none is read",
         .shape = &a_word},
        &s.query_parameter);
}

void describe_api_keys(api_keys_section& s, key_visitor& v) {
  v.key({.name = "file",
         .text = "Names, hashes and groups, mode 0600, read again when it changes; empty: not used"},
        &s.file);
  v.key({.name = "service_groups", .text = "Groups whose keys may send service messages over HTTP"},
        &s.service_groups);
}

void describe_django(django_section& s, key_visitor& v) {
  v.key({.name = "cookie", .text = "Name of the session cookie", .shape = &a_word}, &s.cookie);
  v.key({.name = "store", .text = "Where Django keeps sessions; empty: not used", .shape = &a_session_store},
        &s.store);
  v.key({.name = "secret_key_file",
         .text = "File with SECRET_KEY and its fallbacks, one a line; read again when it changes"},
        &s.secret_key_file);
  v.key({.name = "key_prefix", .text = "KEY_PREFIX of the cache"}, &s.key_prefix);
  v.key({.name = "key_version", .text = "VERSION of the cache"}, &s.key_version);
  v.key({.name = "session_prefix", .text = "What stands before a session's own key"}, &s.session_prefix);
  v.key({.name = "cookie_age_s",
         .unit = "s",
         .text = "SESSION_COOKIE_AGE, for sessions that lie in the cookie",
         .within = range{1, 315'360'000}},
        &s.cookie_age_s);
  v.key(
      {.name = "timeout_ms", .unit = "ms", .text = "Time for an answer of Redis", .within = range{1, 60'000}},
      &s.timeout_ms);
  v.key({.name = "name_key", .text = "Key of the session with the name for people", .shape = &a_word},
        &s.name_key);
  v.key({.name = "groups_key", .text = "Key of the session with a list of groups", .shape = &a_word},
        &s.groups_key);
}

void describe_callback(callback_section& s, key_visitor& v) {
  v.key({.name = "url", .text = "Asked who a client is; empty: not used", .shape = &an_http_url}, &s.url);
  v.key({.name = "timeout_ms", .unit = "ms", .text = "Time for its answer", .within = range{1, 60'000}},
        &s.timeout_ms);
  v.key({.name = "cache_ms",
         .unit = "ms",
         .text = "How long an answer holds; 0: ask each time",
         .within = range{0, 86'400'000}},
        &s.cache_ms);
}

void describe_proxy(proxy_section& s, key_visitor& v) {
  v.key(
      {.name = "user_header",
       .text = "Header with the user's id, believed from listen.trusted_proxies, who alone are then served; "
               "empty: not used",
       .shape = &a_word},
      &s.user_header);
  v.key({.name = "name_header", .text = "Header with the name for people", .shape = &a_word}, &s.name_header);
  v.key({.name = "groups_header", .text = "Header with groups, separated by commas", .shape = &a_word},
        &s.groups_header);
}

void describe_auth(auth_section& s, key_visitor& v) {
  v.key({.name = "anonymous", .text = "Whether clients who do not sign in are let in"}, &s.anonymous);
  v.key({.name = "recheck_ms",
         .unit = "ms",
         .text = "How often a session that lies elsewhere is looked at again",
         .within = range{100, 86'400'000}},
        &s.recheck_ms);
  v.key({.name = "warn_ms",
         .unit = "ms",
         .text = "How long before the end of a token its client is warned",
         .within = range{0, 3'600'000}},
        &s.warn_ms);
  v.table({"jwt", "JSON Web Tokens"}, [&](key_visitor& inner) { describe_jwt(s.jwt, inner); });
  v.table({"api_keys", "Keys of programs"},
          [&](key_visitor& inner) { describe_api_keys(s.api_keys, inner); });
  v.table({"django", "Django sessions"}, [&](key_visitor& inner) { describe_django(s.django, inner); });
  v.table({"callback", "A service of yours that answers who it is"},
          [&](key_visitor& inner) { describe_callback(s.callback, inner); });
  v.table({"proxy", "A gateway in front that has signed the user in"},
          [&](key_visitor& inner) { describe_proxy(s.proxy, inner); });
}

void describe_rule(rule_section& s, key_visitor& v) {
  v.key({.name = "name", .text = "Name in logs and answers", .shape = &a_name, .required = true}, &s.name);
  v.key({.name = "topics", .text = "Topics it is for", .shape = &a_topic_glob}, &s.topics);
  v.key({.name = "who", .text = "Whom it is for"}, choice_ref(s.who, rule_audiences));
  v.key({.name = "users", .text = "Ids of users it is for; empty: whoever"}, &s.users);
  v.key({.name = "groups", .text = "Groups it is for, one is enough; empty: whoever"}, &s.groups);
  v.key({.name = "claims", .text = "Claims of the token that must have these values"}, &s.claims);
  v.key({.name = "actions", .text = "What it is about", .shape = &an_action}, &s.actions);
  v.key({.name = "outcome", .text = "What becomes of it"}, choice_ref(s.outcome, rule_outcomes));
  v.key({.name = "delay_ms",
         .unit = "ms",
         .text = "How late updates come where the outcome is delayed",
         .within = range{1, 86'400'000}},
        &s.delay_ms);
  v.key({.name = "fields", .text = "Fields of the data that are shown; empty: all", .shape = &a_word},
        &s.fields);
}

void describe_topic_class(topic_class_section& s, key_visitor& v) {
  v.key({.name = "name", .text = "Name in logs and console", .shape = &a_name, .required = true}, &s.name);
  v.key({.name = "topics", .text = "Topics it is for", .hot = true, .shape = &a_topic_glob, .required = true},
        &s.topics);
  v.key({.name = "history",
         .unit = "updates",
         .text = "Updates of an event topic kept in memory; 0: none but the last",
         .within = range{0, 1'000'000}},
        &s.history);
  v.key({.name = "min_interval_ms",
         .unit = "ms",
         .text = "Fastest that updates of event topics and quotes are sent; 0: every one",
         .hot = true,
         .within = range{0, 3'600'000}},
        &s.min_interval_ms);
  v.key({.name = "retained", .text = "Whether the last update is the next subscriber's snapshot"},
        &s.retained);
  v.key({.name = "recoverable", .text = "Whether a client that comes back gets the updates it missed"},
        &s.recoverable);
  v.key({.name = "stored", .text = "Whether a publish is acknowledged only when it is in the database"},
        &s.stored);
  v.key({.name = "publish", .text = "Whether clients may publish where no rule says otherwise"}, &s.publish);
  v.key({.name = "presence", .text = "Whether one can ask who is subscribed, and hear who comes and goes"},
        &s.presence);
}

}  // namespace

void describe_access(config& values, key_visitor& v) {
  v.table({"auth", "Who a client is"}, [&](key_visitor& inner) { describe_auth(values.auth, inner); });
  typed_rows rules(values.rules, describe_rule);
  v.list({"rule", "Who may do what; of those that fit, deny wins, then allow, then delayed"}, rules);
  typed_rows classes(values.topic_classes, describe_topic_class);
  v.list({"topic_class", "How topics are treated; the first that fits"}, classes);
}

}  // namespace tickcast::config
