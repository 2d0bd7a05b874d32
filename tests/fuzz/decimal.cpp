#include "protocol/decimal.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

#include "protocol/utf8.hpp"
#include "tests/fuzz/finding.hpp"

using namespace tickcast::protocol;

namespace {

void check(decimal value) {
  require(value.scale() >= 0 && value.scale() <= decimal::max_scale, "the scale is out of range");
  require(value.scale() == 0 || value.mantissa() % 10 != 0, "not in lowest form");
  const std::string text = value.to_string();
  require(text.size() <= decimal::max_chars, "a number needs more than max_chars");
  const auto back = decimal::parse(text);
  require(back.has_value() && *back == value, "a number does not read back");
  require(value.to_double() == std::strtod(text.c_str(), nullptr), "the double is not the nearest");
  if (const auto exact = value.exact_double()) {
    require(*decimal::from_double(*exact) == value, "the exact double is not exact");
  }
  decimal_sum sum;
  require(sum.add(value) && *sum.value() == value, "a sum of one is not the number");
  if (sum.add_product(value, decimal::from_integer(-1))) {
    require(sum.value()->is_zero(), "a number minus itself is not zero");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(as_text(data, size));
  const auto read = decimal::parse(text);
  if (read) {
    check(*read);
    require(std::abs(read->to_double() - std::strtod(text.c_str(), nullptr)) <=
                std::abs(read->to_double()) * 1e-15,
            "the number is not the one that was written");
  } else {
    require(is_valid_utf8(read.error().message), "a refusal's sentence is not text");
  }
  if (size >= sizeof(double)) {
    double number = 0;
    std::memcpy(&number, data, sizeof number);
    const auto taken = decimal::from_double(number);
    if (taken) {
      check(*taken);
      require(taken->to_double() == number, "a double does not come back");
    }
  }
  return 0;
}
