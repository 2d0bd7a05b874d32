#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tickcast::analytics::indicators {

class engine;

/// What a parameter may be.
enum class parameter_type {
  whole,    ///< a whole number, `least` to `most`
  real,     ///< any number, `least` to `most`
  average,  ///< the name of a moving average, see `average_names`
};

/// One parameter, in the order in which a call gives them. Averages are kept as their place in
/// `average_names`.
struct parameter {
  std::string_view name = {};
  std::string_view text = {};
  parameter_type type = parameter_type::whole;
  double least = 1;
  double most = 100'000;
  double standard = 0;  ///< what is taken where the call leaves the parameter out
};

/// The moving averages that a parameter of type `average` may name.
std::span<const std::string_view> average_names() noexcept;

/// Where a chart draws an indicator.
enum class pane { price, own };

/// Which numbers of a bar an indicator reads, as a set of bits.
enum inputs : unsigned { open = 1, high = 2, low = 4, close = 8, volume = 16, anchor = 32 };

/// The most outputs a function has.
inline constexpr std::size_t most_outputs = 5;

/// One output. A call with one output has it without a name.
struct output {
  std::string_view name = {};
  /// How many bars ahead (or, negative, behind) of its own bar a chart draws the value, as a multiple of
  /// the call's second parameter: the values themselves are never shifted. Only Ichimoku's are not 0.
  int shift = 0;
};

/// The parameters of a call, one number each.
class arguments {
public:
  explicit arguments(std::span<const double> values) noexcept : values_(values) {}
  int whole(std::size_t i) const noexcept { return static_cast<int>(values_[i]); }
  double real(std::size_t i) const noexcept { return values_[i]; }

private:
  std::span<const double> values_;
};

/// Everything there is to know of one function: reading calls, documentation, HTTP and chart menus are all
/// made from it. Lives as long as the program.
struct description {
  std::string_view name = {};
  std::string_view alias = {};  ///< another name that calls may use; empty: none
  std::string_view group = {};
  std::string_view text = {};  ///< one sentence
  std::vector<parameter> parameters = {};
  std::vector<output> outputs = {{}};
  unsigned reads = close;  ///< bits of `inputs`
  pane drawn_in = pane::own;
  std::string_view look_back_text = "0";  ///< the look-back in terms of the parameters' names
  /// How many bars come before the first that has values.
  int (*look_back)(const arguments&) = nullptr;
  /// The computation itself. `indicator` is the way to use it.
  std::unique_ptr<engine> (*make)(const arguments&) = nullptr;
};

/// All functions, by group, in the order of the documentation.
std::span<const description> catalogue();

/// The function of that name or alias, or null.
const description* find(std::string_view name);

}  // namespace tickcast::analytics::indicators
