#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/service_request.hpp"

namespace tickcast::feeds {

/// The way back to a backend that waits: call one of both once, from any thread. Copies share one way; when
/// the last one goes unused, the backend gets a temporary error.
class service_way {
public:
  using taker = std::function<void(std::string)>;
  /// What becomes of an answer; callable on any thread as long as a copy of the way exists.
  struct ends {
    std::function<void(std::string_view payload)> reply;
    std::function<void(protocol::error_code code, std::string why)> refuse;
  };

  explicit service_way(ends back);
  /// `back` gets the whole message that answers the question, encoded as that was.
  service_way(const protocol::service_request& question, taker back);

  /// `payload` is encoded as the question was.
  void reply(std::string_view payload) const;
  void refuse(protocol::error_code code, std::string why) const;

private:
  struct errand;
  std::shared_ptr<errand> errand_;
};

/// Answers one question, at once or later; must not block. On the service's thread.
using service_handler = std::function<void(const protocol::service_request&, const service_way&)>;

/// Who answers which type of question.
class service_questions {
public:
  /// `owner`: the part that brings the handler. Throws std::invalid_argument naming both when the type has
  /// one.
  void add(std::string type, std::string owner, service_handler handler);
  /// Null: nobody.
  const service_handler* find(std::string_view type) const;
  /// All types, for a sentence: "get_history, get_quote".
  std::string types() const;

private:
  struct entry {
    std::string owner;
    service_handler handler;
  };
  std::map<std::string, entry, std::less<>> by_type_;
};

}  // namespace tickcast::feeds
