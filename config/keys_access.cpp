#include "config/keys.hpp"

namespace tickcast::config {
namespace {

void describe_jwt(jwt_section& s, key_visitor& v) {
  v.key({.name = "algorithms",
         .text = "Signatures that are taken; empty: no tokens are",
         .shape = &a_jwt_algorithm},
        &s.algorithms);
  v.key({.name = "secret_file", .text = "File with the HMAC secret", .hot = true}, &s.secret_file);
  v.key({.name = "public_key_file", .text = "PEM file with the public key for RS, ES and EdDSA", .hot = true},
        &s.public_key_file);
  v.key(
      {.name = "jwks_url", .text = "Where the signer publishes its keys", .hot = true, .shape = &an_http_url},
      &s.jwks_url);
  v.key({.name = "issuer", .text = "What `iss` must be; empty: anything", .hot = true}, &s.issuer);
  v.key({.name = "audience", .text = "What `aud` must hold; empty: anything", .hot = true}, &s.audience);
  v.key({.name = "user_claim", .text = "The claim that names the user", .hot = true, .shape = &a_word},
        &s.user_claim);
  v.key({.name = "leeway_ms",
         .unit = "ms",
         .text = "Difference of clocks that is forgiven",
         .hot = true,
         .within = range{0, 600'000}},
        &s.leeway_ms);
}

void describe_django(django_section& s, key_visitor& v) {
  v.key({.name = "cookie", .text = "Name of the session cookie", .hot = true, .shape = &a_word}, &s.cookie);
  v.key({.name = "store", .text = "Where Django keeps sessions; empty: not used", .shape = &a_session_store},
        &s.store);
  v.key({.name = "secret_key_file", .text = "File with Django's SECRET_KEY"}, &s.secret_key_file);
  v.key({.name = "key_prefix", .text = "What stands before session keys in the store"}, &s.key_prefix);
}

void describe_callback(callback_section& s, key_visitor& v) {
  v.key({.name = "url", .text = "Asked who a client is; empty: not used", .hot = true, .shape = &an_http_url},
        &s.url);
  v.key({.name = "timeout_ms",
         .unit = "ms",
         .text = "Time for its answer",
         .hot = true,
         .within = range{1, 60'000}},
        &s.timeout_ms);
  v.key({.name = "cache_ms",
         .unit = "ms",
         .text = "How long an answer holds; 0: ask each time",
         .hot = true,
         .within = range{0, 86'400'000}},
        &s.cache_ms);
}

void describe_proxy(proxy_section& s, key_visitor& v) {
  v.key({.name = "user_header",
         .text = "Header with the user's name, believed from listen.trusted_proxies; empty: not used",
         .shape = &a_word},
        &s.user_header);
  v.key({.name = "groups_header", .text = "Header with groups, separated by commas", .shape = &a_word},
        &s.groups_header);
}

void describe_auth(auth_section& s, key_visitor& v) {
  v.key({.name = "anonymous", .text = "Whether clients without a token are let in", .hot = true},
        &s.anonymous);
  v.table({"jwt", "JSON Web Tokens"}, [&](key_visitor& inner) { describe_jwt(s.jwt, inner); });
  v.table({"django", "Django sessions"}, [&](key_visitor& inner) { describe_django(s.django, inner); });
  v.table({"callback", "A service of yours that answers who it is"},
          [&](key_visitor& inner) { describe_callback(s.callback, inner); });
  v.table({"proxy", "A proxy in front that has signed the user in"},
          [&](key_visitor& inner) { describe_proxy(s.proxy, inner); });
}

void describe_rule(rule_section& s, key_visitor& v) {
  v.key({.name = "name", .text = "Name in logs and answers", .shape = &a_name, .required = true}, &s.name);
  v.key({.name = "topics", .text = "Topics it is for", .hot = true, .shape = &a_topic_glob}, &s.topics);
  v.key({.name = "users", .text = "Users it is for; empty: whoever", .hot = true}, &s.users);
  v.key({.name = "groups", .text = "Groups it is for; empty: whoever", .hot = true}, &s.groups);
  v.key({.name = "actions", .text = "What it is about", .hot = true, .shape = &an_action}, &s.actions);
  v.key({.name = "allow", .text = "Whether it allows or forbids", .hot = true}, &s.allow);
}

void describe_topic_class(topic_class_section& s, key_visitor& v) {
  v.key({.name = "name", .text = "Name in logs and console", .shape = &a_name, .required = true}, &s.name);
  v.key({.name = "topics", .text = "Topics it is for", .hot = true, .shape = &a_topic_glob, .required = true},
        &s.topics);
  v.key({.name = "history",
         .unit = "updates",
         .text = "Updates kept in memory; 0: as many as the kind keeps",
         .within = range{0, 1'000'000}},
        &s.history);
  v.key({.name = "min_interval_ms",
         .unit = "ms",
         .text = "Fastest that updates are sent; 0: every one",
         .hot = true,
         .within = range{0, 3'600'000}},
        &s.min_interval_ms);
  v.key({.name = "retained", .text = "Whether the last update is the next subscriber's snapshot"},
        &s.retained);
}

}  // namespace

void describe_access(config& values, key_visitor& v) {
  v.table({"auth", "Who a client is", support::refused},
          [&](key_visitor& inner) { describe_auth(values.auth, inner); });
  typed_rows rules(values.rules, describe_rule);
  v.list({"rule", "Who may do what; the first that fits decides", support::refused}, rules);
  typed_rows classes(values.topic_classes, describe_topic_class);
  v.list({"topic_class", "How topics are treated; the first that fits", support::later}, classes);
}

}  // namespace tickcast::config
