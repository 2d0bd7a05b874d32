#include "config/reference.hpp"

#include <fstream>
#include <sstream>

#include "tests/unit/config/loading.hpp"

namespace tickcast::config::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(reference, stands_in_the_documentation_word_for_word) {
  std::ifstream in(std::string(TICKCAST_SOURCE_DIR) + "/docs/configuration.md");
  std::ostringstream page;
  page << in.rdbuf();
  const auto text = page.str();
  const std::string_view begin = "<!-- keys: begin (tickcast check --print-keys) -->\n";
  const auto from = text.find(begin);
  const auto to = text.find("\n<!-- keys: end -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(text.substr(from + begin.size(), to - from - begin.size()), key_reference());
}

TEST(reference, a_written_configuration_loads_to_the_same_values) {
  const auto file = R"(
[listen]
port = 0
allowed_origins = ["https://a.example"]
[bars]
source = "mid"
[[feed]]
name = "rec"
kind = "replay"
files = ["a \\ b.csv", "c\"d.csv"]
speed = 2.5
map = { "X.Y" = "Z" }
[[feed]]
name = "sub"
kind = "zmq-sub"
endpoint = "ipc:///a"
bind = true
[[topic_class]]
name = "slow"
topics = ["bar.*"]
[[plugin]]
name = "p"
library = "p.so"
parameters = { a = 1, b = true }
)";
  auto values = good(file, {"simulator.seed=9223372036854775807"});
  EXPECT_EQ(good(write_config(values)), values);
  auto none = good("feed = []");
  EXPECT_EQ(good(write_config(none)), none);
}

TEST(reference, a_written_configuration_holds_no_secret) {
  auto values =
      good("[[feed]]\nname = \"a\"\nkind = \"zmq-pull\"\nendpoint = \"tcp://*:7\"\ncurve_secret_key = \"" +
           std::string(z85_key) + "\"\ncurve_client_keys = \"" + std::string(40, '1') + "\"\n");
  EXPECT_THAT(write_config(values), Not(HasSubstr(std::string(z85_key))));
}

}  // namespace
}  // namespace tickcast::config::testing
