#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/topics/engine.hpp"
#include "analytics/calendar.hpp"
#include "store/history.hpp"

namespace tickcast::net::api {

/// What is told of a symbol besides its prices. Sessions, holidays and corrections in the words of
/// TradingView (https://www.tradingview.com/charting-library-docs/latest/connecting_data/Trading-Sessions).
struct instrument_entry {
  std::string symbol{};
  std::string description{};          ///< for people; empty: the symbol
  std::string type = "undefined";     ///< stock, index, forex, futures, crypto, …
  std::string exchange{};             ///< empty: not known
  std::string time_zone = "Etc/UTC";  ///< of the IANA database
  std::string session = "24x7";       ///< "0930-1600", "1700-1600" over midnight, …
  std::string holidays{};             ///< "20181105,20181107"
  std::string corrections{};          ///< "1000-1400:20181114"
  std::optional<int> price_digits{};  ///< places behind the point; unset: as its prices come
  std::optional<int> size_digits{};
  std::optional<protocol::decimal> tick{};                ///< smallest step of a price
  std::shared_ptr<const analytics::calendar> calendar{};  ///< null: round the clock in UTC
};

/// Reference data of symbols. Any thread; may wait, so it belongs on reader threads.
class instrument_source {
public:
  virtual ~instrument_source() = default;
  /// In ascending order of symbols.
  virtual std::vector<instrument_entry> all() const = 0;
  virtual std::optional<instrument_entry> find(std::string_view symbol) const = 0;
};

/// The symbols that the engine has met, that have history, or that the reference data names; with what that
/// says of them.
class known_symbols final : public instrument_source {
public:
  known_symbols(const actors::engine& parts, const store::history& past) : engine_(parts), past_(past) {}

  std::vector<instrument_entry> all() const override;
  std::optional<instrument_entry> find(std::string_view symbol) const override;

private:
  bool is_listed(std::string_view symbol) const;
  instrument_entry entry_of(std::string_view symbol) const;

  const actors::engine& engine_;
  const store::history& past_;
};

}  // namespace tickcast::net::api
