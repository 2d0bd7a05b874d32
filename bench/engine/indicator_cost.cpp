#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "analytics/indicators/batch.hpp"
#include "analytics/indicators/indicator.hpp"

// indicator_cost FILE : what each function of the catalogue costs with its defaults, over the bars of FILE (a
// line each: open,high,low,close,volume). One JSON object: {"sma(30)": {"update": ns, "peek": ns, "batch":
// ns}, ...}.

namespace {

using namespace tickcast::analytics::indicators;

/// So that the compiler cannot leave the work out.
volatile double kept;

std::vector<bar_input> read(const char* path) {
  std::vector<bar_input> bars;
  std::ifstream file{path};
  bar_input bar;
  char comma;
  while (file >> bar.open >> comma >> bar.high >> comma >> bar.low >> comma >> bar.close >> comma >>
         bar.volume)
    bars.push_back(bar);
  return bars;
}

double cpu_ns() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// CPU time of `work` for each of so many bars.
template <class Work>
double cost(std::size_t bars, Work work) {
  const double begin = cpu_ns();
  work();
  return (cpu_ns() - begin) / static_cast<double>(bars);
}

std::string measure(const call& call, const std::vector<bar_input>& bars) {
  indicator running{call};
  std::vector<std::vector<double>> columns(running.outputs(), std::vector<double>(bars.size()));
  std::vector<double*> starts;
  for (auto& column : columns) starts.push_back(column.data());
  const double batch = cost(bars.size(), [&] { running.update_all(bars, starts); });
  double sum = 0;
  const double update = cost(bars.size(), [&] {
    for (const auto& bar : bars) sum += running.update(bar)[0];
  });
  const double peek = cost(bars.size(), [&] {
    for (const auto& bar : bars) sum += running.peek(bar)[0];
  });
  kept = sum + columns[0].back();
  return fmt::format("\"{}\":{{\"update\":{:.2f},\"peek\":{:.2f},\"batch\":{:.2f}}}", call.canonical, update,
                     peek, batch);
}

}  // namespace

int main(int count, char** words) {
  const auto bars = count == 2 ? read(words[1]) : std::vector<bar_input>{};
  if (bars.empty()) {
    fmt::print(stderr, "usage: indicator_cost FILE, with one bar a line: open,high,low,close,volume\n");
    return 2;
  }
  std::string text;
  for (const auto& function : catalogue())
    text += (text.empty() ? "" : ",\n") + measure(parse_call(function.name).value(), bars);
  fmt::print("{{{}}}\n", text);
}
