#include "access/rules.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::access {
namespace {

constexpr std::array<std::string_view, action_count> action_names{"subscribe", "publish", "presence",
                                                                  "history"};
constexpr std::array<std::string_view, 2> reserved_kinds{"user.", "admin."};

bool is_reserved(std::string_view topic) noexcept {
  return std::any_of(reserved_kinds.begin(), reserved_kinds.end(),
                     [&](std::string_view kind) { return topic.starts_with(kind); });
}

bool holds(const std::vector<std::string>& all, std::string_view wanted) {
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

/// What a rule that fits weighs: the heaviest decides.
int weight(const config::rule_section& rule) {
  switch (rule.outcome) {
    case outcome::deny:
      return 3;
    case outcome::allow:
      return rule.fields.empty() ? 2 : 1;
    case outcome::delayed:
      return 0;
  }
  return 0;
}

}  // namespace

std::string_view to_string(action what) noexcept {
  return action_names[static_cast<std::size_t>(what)];
}

std::shared_ptr<const rule_set> rule_set::compile(const std::vector<config::rule_section>& rules) {
  auto made = std::make_shared<rule_set>();
  for (const auto& text : rules) {
    rule one;
    one.text = text;
    for (const auto& glob : text.topics) one.topics.push_back({protocol::topic_pattern::kind::glob, glob});
    for (std::size_t i = 0; i < action_count; ++i) one.about[i] = holds(text.actions, action_names[i]);
    one.form.mask = made->number_of(text.fields);
    if (text.outcome == outcome::delayed) one.form.delay_ms = text.delay_ms;
    made->rules_.push_back(std::move(one));
  }
  return made;
}

std::uint16_t rule_set::number_of(const std::vector<std::string>& fields) {
  if (fields.empty()) return 0;
  const protocol::field_mask wanted(fields);
  const auto found = std::find(masks_.begin(), masks_.end(), wanted);
  const auto index = found - masks_.begin();
  if (found == masks_.end()) masks_.push_back(wanted);
  return static_cast<std::uint16_t>(index + 1);
}

bool rule_set::is_for(const rule& one, const identity& who) {
  const auto& text = one.text;
  using config::rule_audience;
  if (text.who == rule_audience::anonymous && who.signed_in()) return false;
  if (text.who == rule_audience::signed_in && !who.signed_in()) return false;
  if (!text.users.empty() && !(who.signed_in() && holds(text.users, who.user))) return false;
  if (!text.groups.empty() &&
      std::none_of(who.groups.begin(), who.groups.end(),
                   [&](const std::string& group) { return holds(text.groups, group); }))
    return false;
  return std::all_of(text.claims.begin(), text.claims.end(), [&](const auto& wanted) {
    const auto found = who.claims.find(wanted.first);
    return found != who.claims.end() && holds(found->second, wanted.second);
  });
}

standing_ptr rule_set::standing_of(identity who) const {
  return std::make_shared<const standing>(std::move(who), shared_from_this());
}

standing::entry standing::make_entry(const rule_set::rule& of, const protocol::topic_pattern& topics) {
  const std::string_view glob = topics.text;
  const auto wild = glob.find_first_of("*?");
  const auto beginning = glob.substr(0, wild);
  const bool is_beginning = wild != std::string_view::npos && glob.substr(wild) == "*";
  return {beginning, is_beginning ? nullptr : &topics, &of, is_reserved(beginning)};
}

standing::standing(identity who, std::shared_ptr<const rule_set> rules)
    : who_(std::move(who)), rules_(std::move(rules)) {
  if (who_.signed_in()) own_topic_ = "user." + who_.user;
  for (const auto& rule : rules_->rules_) {
    if (!rule_set::is_for(rule, who_)) continue;
    for (std::size_t i = 0; i < action_count; ++i)
      if (rule.about[i])
        for (const auto& topics : rule.topics) entries_[i].push_back(make_entry(rule, topics));
  }
  for (auto& entries : entries_)
    std::stable_sort(entries.begin(), entries.end(),
                     [](const entry& a, const entry& b) { return weight(a.of->text) > weight(b.of->text); });
}

decision standing::check(action what, std::string_view topic) const noexcept {
  // Who comes and goes on a topic is its presence.
  constexpr std::string_view presence_of = "presence.";
  if (topic.starts_with(presence_of) && (what == action::subscribe || what == action::history))
    return check(action::presence, topic.substr(presence_of.size()));
  const bool reserved = is_reserved(topic);
  for (const auto& each : entries_[static_cast<std::size_t>(what)]) {
    if (!topic.starts_with(each.beginning)) continue;
    if (each.whole && !each.whole->matches(topic)) continue;
    const auto& rule = each.of->text;
    if (reserved && !each.opens_reserved && rule.outcome != outcome::deny) continue;
    return {rule.outcome, rule.name, rule.fields.empty() ? nullptr : &rule.fields, each.of->form};
  }
  return fall_back(what, topic, reserved);
}

std::optional<topic_form> standing::grant(action what, const protocol::topic_name& topic) const {
  const auto own = check(what, topic.whole);
  if (own.is == outcome::deny) return std::nullopt;
  if (topic.kind != protocol::topic_kind::indicator) return own.form;
  const auto bars = check(what, bars_of(topic));
  if (bars.is == outcome::deny || bars.form.mask != 0) return std::nullopt;
  return topic_form{own.form.mask, std::max(own.form.delay_ms, bars.form.delay_ms)};
}

std::string bars_of(const protocol::topic_name& indicator) {
  std::string made = "bar.";
  made.append(indicator.interval_text).append(".").append(indicator.name);
  return made;
}

bool standing::same_rights(const standing& other) const noexcept {
  if (rules_ != other.rules_ || own_topic_ != other.own_topic_) return false;
  const auto same = [](const entry& a, const entry& b) {
    return a.of == b.of && a.whole == b.whole && a.beginning == b.beginning;
  };
  for (std::size_t i = 0; i < action_count; ++i)
    if (!std::equal(entries_[i].begin(), entries_[i].end(), other.entries_[i].begin(),
                    other.entries_[i].end(), same))
      return false;
  return true;
}

decision standing::fall_back(action what, std::string_view topic, bool reserved) const noexcept {
  if (what == action::publish || what == action::presence) return {};
  if (reserved && (own_topic_.empty() || topic != own_topic_)) return {};
  return {outcome::allow, {}, nullptr, {}};
}

}  // namespace tickcast::access
