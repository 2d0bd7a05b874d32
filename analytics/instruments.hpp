#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "analytics/calendar.hpp"
#include "protocol/instrument.hpp"

namespace tickcast::analytics {

/// An instrument with its calendar, which those of one entry share.
struct listed_instrument {
  protocol::instrument what;
  std::shared_ptr<const calendar> hours;
};

/// What is known of the symbols. Immutable; any thread.
class instruments {
public:
  /// Knows no symbol: each is traded round the clock, UTC.
  instruments() : instruments(std::vector<listed_instrument>{}) {}
  /// Error: a sentence that names the instrument and what is wrong with it.
  static tl::expected<instruments, std::string> make(const std::vector<protocol::instrument>& listed);

  /// The instrument of a symbol: the entry of just that name, else the first whose pattern (* and ?) matches,
  /// else round the clock in UTC. It carries the symbol that was asked for.
  listed_instrument find(std::string_view symbol) const;
  /// As they were listed, patterns included.
  const std::vector<listed_instrument>& all() const noexcept { return listed_; }

private:
  explicit instruments(std::vector<listed_instrument> listed);

  std::vector<listed_instrument> listed_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  ///< patterns included: no symbol is called so
  std::vector<std::size_t> patterns_;
  std::shared_ptr<const calendar> round_the_clock_;
};

}  // namespace tickcast::analytics
