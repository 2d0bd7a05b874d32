#include "config/in_force.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.hpp"

namespace tickcast::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

config of(std::string_view toml) {
  const auto read = load_text(toml, "t.toml");
  EXPECT_TRUE(read) << toml;
  return read ? read->values : config{};
}

TEST(changed_keys, names_what_differs_secrets_and_rows_included) {
  const auto before = of(
      "[listen]\nport = 1\n[[feed]]\nname = \"a\"\nkind = \"zmq-pull\"\nendpoint = \"tcp://127.0.0.1:9\"\n");
  EXPECT_THAT(changed_keys(before, before), IsEmpty());
  auto after = before;
  after.listen.port = 2;
  after.listen.cors.origins = {"https://a.example"};
  after.feeds[0].hwm = 7;
  after.feeds[0].curve.curve_secret_key = "a secret";
  EXPECT_THAT(changed_keys(before, after),
              ElementsAre("feed.a.curve_secret_key", "feed.a.hwm", "listen.cors.origins", "listen.port"));
  after = before;
  after.feeds[0].name = "b";
  const auto renamed = changed_keys(before, after);
  EXPECT_THAT(renamed, ::testing::Contains("feed.b.endpoint"));
  EXPECT_THAT(renamed, ::testing::Contains("feed.a.endpoint"));
}

}  // namespace
}  // namespace tickcast::config
