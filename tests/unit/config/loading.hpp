#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace tickcast::config::testing {

inline std::string lines(const std::vector<fault>& faults) {
  std::string text;
  for (const auto& f : faults) text += to_string(f) + "\n";
  return text;
}

/// The configuration, or a failed test that shows the faults.
inline config good(std::string_view toml, const std::vector<std::string>& overrides = {}) {
  auto result = load_text(toml, "t.toml", overrides);
  if (result) return result->values;
  ADD_FAILURE() << lines(result.error());
  return {};
}

/// The faults as lines of text, or a failed test when there are none.
inline std::vector<std::string> bad(std::string_view toml, const std::vector<std::string>& overrides = {}) {
  const auto result = load_text(toml, "t.toml", overrides);
  if (result) {
    ADD_FAILURE() << "no fault in:\n" << toml;
    return {};
  }
  std::vector<std::string> texts;
  for (const auto& f : result.error()) texts.push_back(to_string(f));
  return texts;
}

inline std::vector<std::string> notices(std::string_view toml,
                                        const std::vector<std::string>& overrides = {}) {
  const auto result = load_text(toml, "t.toml", overrides);
  if (!result) {
    ADD_FAILURE() << lines(result.error());
    return {};
  }
  std::vector<std::string> texts;
  for (const auto& f : result->notices) texts.push_back(to_string(f));
  return texts;
}

inline constexpr std::string_view z85_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

}  // namespace tickcast::config::testing
