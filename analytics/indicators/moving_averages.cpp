#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

class t3_of_close {
public:
  t3_of_close(const arguments& with, arena& memory) : average_(with.whole(0), with.real(1), memory) {}
  static int look_back(const arguments& with) { return t3::look_back(with.whole(0)); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = average_.step(bar.close, memory);
  }

private:
  t3 average_;
};

class named_average {
public:
  named_average(const arguments& with, arena& memory) : average_(kind(with, 1), with.whole(0), memory) {}
  static int look_back(const arguments& with) { return any_average::look_back(kind(with, 1), with.whole(0)); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = average_.step(bar.close, memory);
  }

private:
  any_average average_;
};

class mama_of_close {
public:
  mama_of_close(const arguments& with, arena&) : average_(with.real(0), with.real(1)) {}
  static int look_back(const arguments&) { return mama::look_back; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const bool ready = average_.step(bar.close);
    out[0] = ready ? average_.value() : none;
    out[1] = ready ? average_.following() : none;
  }

private:
  mama average_;
};

/// Closes less the anchor times their volumes, volumes, and closes less the anchor.
struct weighted_fold {
  using value = two;  // close and volume
  double products = 0;
  double volumes = 0;
  double closes = 0;
  static two less(const two& v, const two& anchor) noexcept { return {v.x - anchor.x, v.y}; }
  void prepend(const two& v, std::uint32_t) noexcept {
    products += v.x * v.y;
    volumes += v.y;
    closes += v.x;
  }
  void append(const two& v, std::uint32_t) noexcept { prepend(v, 0); }
  void join(const weighted_fold& newer, std::uint32_t, std::uint32_t) noexcept {
    products += newer.products;
    volumes += newer.volumes;
    closes += newer.closes;
  }
};

class vwma {
public:
  vwma(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = none;
    if (!window_.step({bar.close, bar.volume}, memory)) return;
    const auto& sums = window_.total();
    // Of bars without any volume each weighs the same.
    out[0] =
        window_.anchor().x + (sums.volumes > 0 ? sums.products / sums.volumes : sums.closes / window_.size());
  }

private:
  block_window<weighted_fold> window_;
};

/// Sums since the anchor, of typical prices less the first one: the differences are small numbers.
class vwap {
public:
  vwap(const arguments&, arena&) noexcept {}
  static int look_back(const arguments&) { return 0; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const double price = typical_price(bar);
    if (bar.anchor || !begun_) {
      begun_ = true;
      first_ = price;
      products_ = volumes_ = 0;
    }
    products_ += (price - first_) * bar.volume;
    volumes_ += bar.volume;
    out[0] = volumes_ > 0 ? first_ + products_ / volumes_ : price;
  }

private:
  double first_ = 0;
  double products_ = 0;
  double volumes_ = 0;
  bool begun_ = false;
};

/// An average of the closes over one period.
template <class Average>
description plain(std::string_view name, std::string_view text, std::string_view look_back, double least = 1,
                  double standard = 30) {
  return described<of_close<Average>>({.name = name,
                                       .text = text,
                                       .parameters = {period(standard, least)},
                                       .drawn_in = pane::price,
                                       .look_back_text = look_back});
}

}  // namespace

std::vector<description> moving_averages() {
  return {
      plain<sma>("sma", "Simple moving average: the mean of the last closes.", "period - 1"),
      plain<ema>("ema",
                 "Exponential moving average: 2/(period + 1) of the way to each close, begun at the mean "
                 "of the first.",
                 "period - 1"),
      plain<wma>("wma",
                 "Weighted moving average: the latest close weighs most, each older one less by the same.",
                 "period - 1"),
      plain<dema>("dema", "Double exponential moving average, with less lag than one of the same period.",
                  "2 (period - 1)"),
      plain<tema>("tema", "Triple exponential moving average, with less lag still.", "3 (period - 1)"),
      plain<trima>("trima", "Triangular moving average: the closes in the middle weigh most.", "period - 1"),
      plain<kama>("kama",
                  "Kaufman's adaptive moving average: fast where the price goes straight, slow where it "
                  "goes to and fro.",
                  "period", 2),
      described<mama_of_close>(
          {.name = "mama",
           .text = "MESA adaptive moving average by Ehlers, and the slower average that follows it.",
           .parameters = {real("fast", "most of the way to a close", 0.5, 0.01, 0.99),
                          real("slow", "least of the way to a close", 0.05, 0.01, 0.99)},
           .outputs = {{"mama"}, {"fama"}},
           .drawn_in = pane::price,
           .look_back_text = "32"}),
      described<t3_of_close>(
          {.name = "t3",
           .text = "Tillson's T3: six exponential averages in a row, their lag taken out again.",
           .parameters = {period(5), real("factor", "how much lag is taken out", 0.7, 0, 1)},
           .drawn_in = pane::price,
           .look_back_text = "6 (period - 1)"}),
      plain<hma>("hma", "Hull moving average: weighted averages combined to follow fast and yet smoothly.",
                 "period + floor(sqrt(period)) - 2", 1, 20),
      plain<rma>("rma",
                 "Wilder's moving average: 1/period of the way to each close, begun at the mean of the "
                 "first.",
                 "period - 1"),
      described<named_average>(
          {.name = "ma",
           .text = "The moving average that its second parameter names.",
           .parameters = {period(30), average("type", "which average", average_kind::sma)},
           .drawn_in = pane::price,
           .look_back_text = "that of the average"}),
      described<vwma>({.name = "vwma",
                       .text = "Volume-weighted moving average: the closes weigh by their bars' volumes.",
                       .parameters = {period(30)},
                       .reads = close | volume,
                       .drawn_in = pane::price,
                       .look_back_text = "period - 1"}),
      described<vwap>(
          {.name = "vwap",
           .text = "Volume-weighted average price: the mean typical price since the session began.",
           .reads = high_low_close | volume | anchor,
           .drawn_in = pane::price}),
  };
}

}  // namespace tickcast::analytics::indicators
