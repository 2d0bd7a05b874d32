#include "analytics/indicators/indicator.hpp"

#include "analytics/indicators/engine.hpp"
#include "analytics/indicators/saved_state.hpp"

namespace tickcast::analytics::indicators {
indicator::indicator(const call& call)
    : text_(call.canonical),
      engine_(call.function->make(arguments{call.parameters})),
      outputs_(call.function->outputs.size()) {}

indicator::indicator(const indicator& other)
    : text_(other.text_), engine_(other.engine_->clone()), outputs_(other.outputs_), values_(other.values_) {}

indicator& indicator::operator=(const indicator& other) {
  if (this == &other) return *this;
  if (engine_ && text_ == other.text_) {
    engine_->assign(*other.engine_);
  } else {
    engine_ = other.engine_->clone();
    text_ = other.text_;
    outputs_ = other.outputs_;
  }
  values_ = other.values_;
  return *this;
}

indicator::indicator(indicator&&) noexcept = default;
indicator& indicator::operator=(indicator&&) noexcept = default;
indicator::~indicator() = default;

std::span<const double> indicator::update(const bar_input& bar) {
  if (!is_finite(bar)) return {};
  engine_->update(bar, values_.data());
  return {values_.data(), outputs_};
}

std::span<const double> indicator::peek(const bar_input& bar) {
  if (!is_finite(bar)) return {};
  engine_->peek(bar, values_.data());
  return {values_.data(), outputs_};
}

void indicator::update_all(std::span<const bar_input> bars, std::span<double* const> columns) {
  engine_->update_all(bars, columns.first(outputs_));
}

std::vector<std::byte> indicator::save() const {
  saved_state state{text_};
  engine_->save(state.put_space(engine_->bytes()));
  return state.sealed();
}

protocol::expected<indicator> indicator::load(const call& call, std::span<const std::byte> bytes) {
  const auto opened = saved_state::open(call.canonical, bytes);
  if (!opened) return tl::unexpected(opened.error());
  indicator result{call};
  if (opened->rest().size() != result.engine_->bytes())
    return tl::unexpected(saved_state::refused(call.canonical, "is of another version"));
  result.engine_->load(opened->rest().data());
  return result;
}

}  // namespace tickcast::analytics::indicators
