#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/identity.hpp"
#include "config/config.hpp"
#include "protocol/field_mask.hpp"
#include "protocol/topic.hpp"
#include "protocol/topic_pattern.hpp"

namespace tickcast::access {

enum class action : std::uint8_t { subscribe, publish, presence, history };
inline constexpr std::size_t action_count = 4;
std::string_view to_string(action what) noexcept;

using outcome = config::rule_outcome;

/// In which form somebody gets a topic. Small, and the same for all who get the same.
struct topic_form {
  std::uint16_t mask = 0;     ///< of rule_set::mask(); 0: all fields
  std::int64_t delay_ms = 0;  ///< 0: live

  bool in_full() const noexcept { return mask == 0 && delay_ms == 0; }
  friend bool operator==(const topic_form&, const topic_form&) noexcept = default;
};

/// What somebody may do with a topic.
struct decision {
  outcome is = outcome::deny;
  std::string_view rule;                             ///< the one that decided; empty: none fits
  const std::vector<std::string>* fields = nullptr;  ///< the only ones to show; null: all
  topic_form form = {};                              ///< where it is not denied
};

class standing;
using standing_ptr = std::shared_ptr<const standing>;

/// All `[[rule]]` of the configuration, compiled. Immutable; any thread.
///
/// Of the rules that fit, one that denies wins; else one that allows, without a field mask before one with;
/// else one that delays. Where none fits: subscribing and history are allowed but for `user.*` (one's own is)
/// and `admin.*`; publishing and presence are denied. A rule opens `user.*` or `admin.*` only by a topic glob
/// that names that kind with its dot: `*` does not.
class rule_set : public std::enable_shared_from_this<rule_set> {
public:
  static std::shared_ptr<const rule_set> compile(const std::vector<config::rule_section>& rules);

  /// What the rules mean for one identity: made at the sign-in, so that each check is cheap.
  standing_ptr standing_of(identity who) const;
  /// Of a topic_form whose mask is not 0. Equal lists of fields have one number.
  const protocol::field_mask& mask(std::uint16_t number) const { return masks_.at(number - 1U); }

private:
  friend class standing;
  struct rule {
    config::rule_section text;
    std::vector<protocol::topic_pattern> topics;
    std::array<bool, action_count> about{};
    topic_form form;
  };
  static bool is_for(const rule& one, const identity& who);
  std::uint16_t number_of(const std::vector<std::string>& fields);

  std::vector<rule> rules_;
  std::vector<protocol::field_mask> masks_;
};

/// Who somebody is and what they may. Immutable; any thread; shared by all connections of the same sign-in.
class standing {
public:
  standing(identity who, std::shared_ptr<const rule_set> rules);

  const identity& who() const noexcept { return who_; }
  /// No allocation, no lock. `topic` is within the grammar; where clients may name patterns, ask with the
  /// names they match.
  decision check(action what, std::string_view topic) const noexcept;
  /// The form in which it is granted; nothing: denied. An indicator says what its bars are (sma(1) is their
  /// close): it asks for the right to all their fields as well, and comes as late as they do.
  std::optional<topic_form> grant(action what, const protocol::topic_name& topic) const;
  /// Whether both may exactly the same. Exact where both are of one rule_set; otherwise no.
  bool same_rights(const standing& other) const noexcept;

private:
  /// A glob of a rule that is for this identity. Most globs are a beginning and a star.
  struct entry {
    std::string_view beginning;            ///< what a topic must begin with
    const protocol::topic_pattern* whole;  ///< null: the beginning is all of it
    const rule_set::rule* of;
    bool opens_reserved;
  };
  static entry make_entry(const rule_set::rule& of, const protocol::topic_pattern& topics);
  decision fall_back(action what, std::string_view topic, bool reserved) const noexcept;

  identity who_;
  std::string own_topic_;
  std::shared_ptr<const rule_set> rules_;
  std::array<std::vector<entry>, action_count> entries_;  ///< those that deny first, then the weightier
};

/// The topic of the bars that an indicator is computed of.
std::string bars_of(const protocol::topic_name& indicator);

}  // namespace tickcast::access
