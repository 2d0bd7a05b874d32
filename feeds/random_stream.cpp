#include "feeds/random_stream.hpp"

#include <cmath>

namespace tickcast::feeds {

double random_stream::exponential() {
  for (double whole = 0;; ++whole) {
    const double first = uniform();
    double last = first;
    int falling = 1;
    for (double next = uniform(); next < last; next = uniform()) {
      last = next;
      ++falling;
    }
    if (falling % 2 == 1) return whole + first;
  }
}

double random_stream::normal() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum;
}

double power_of_two(double x) {
  const double whole = std::floor(x);
  return std::ldexp(1 + (x - whole), static_cast<int>(whole));
}

}  // namespace tickcast::feeds
