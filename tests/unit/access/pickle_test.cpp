#include "access/pickle.hpp"

#include <gtest/gtest.h>

#include "tests/unit/access/django_samples.hpp"
#include "tests/unit/access/hex.hpp"

namespace tickcast::access::testing {
namespace {

using nlohmann::json;
using protocol::errc;

errc fault_of(const std::string& bytes, const pickle_limits& limits = {}) {
  const auto read = read_pickle(bytes, limits);
  EXPECT_FALSE(read) << "was read as " << (read ? read->dump() : "");
  return read ? errc{} : read.error().code;
}

TEST(pickle, sessions_of_every_protocol_in_use_are_read) {
  for (const auto* hex : {pickled_5, pickled_2}) {
    const auto read = read_pickle(from_hex(hex));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ((*read)["_auth_user_id"], "7");
    EXPECT_EQ((*read)["tickcast_groups"], (json{"desk", "vip"}));
  }
}

TEST(pickle, all_plain_values_come_through) {
  const auto read = read_pickle(from_hex(pickled_values));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)["n"], json::parse(R"([1, -3, 70000, 1099511627776, -1099511627776, 2.5, null, true, false,
                                          "xx", [], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [5]])"));
  EXPECT_EQ((*read)["twice"], json::parse(R"([["x"], ["x"]])"));
}

TEST(pickle, nothing_that_names_or_calls_is_known) {
  EXPECT_EQ(fault_of(from_hex(pickled_call)), errc::unsupported);
  // GLOBAL, INST, OBJ, NEWOBJ, NEWOBJ_EX, REDUCE, BUILD, EXT1, PERSID, BINPERSID, STACK_GLOBAL, NEXT_BUFFER.
  for (const char op : {'c', 'i', 'o', '\x81', '\x92', 'R', 'b', '\x82', 'P', 'Q', '\x93', '\x97'})
    EXPECT_EQ(fault_of(std::string("\x80\x04") + op + "os\nsystem\n."), errc::unsupported) << op;
}

TEST(pickle, what_is_cut_short_or_goes_on_is_refused) {
  const auto whole = from_hex(pickled_5);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(fault_of(whole.substr(0, size)), errc::malformed) << size;
  EXPECT_EQ(fault_of(whole + "x"), errc::malformed);
}

TEST(pickle, a_stack_that_does_not_add_up_is_refused) {
  for (const std::string body : {".", "a.", "N0.", "N00.", "(.", "t.", "Na.", "]Nu.", "}(Nu.", "h\x05.",
                                 "q\x01.", "NN.", "(N\x85.", "Ns.", "\x94.", "]]s."})
    EXPECT_EQ(fault_of("\x80\x04" + body), errc::malformed) << body;
  EXPECT_EQ(fault_of("\x80\x07N."), errc::unsupported);
  EXPECT_EQ(fault_of("\x80\x04}]Ns."), errc::bad_field) << "a list as a key";
  EXPECT_EQ(fault_of(std::string("\x80\x04\x8a\x09") + std::string(9, 'x') + "."), errc::number_overflow);
}

TEST(pickle, depth_size_and_sharing_are_bounded) {
  std::string deep = "\x80\x04";
  for (int i = 0; i < 40; ++i) deep += ']';
  for (int i = 0; i < 39; ++i) deep += 'a';
  EXPECT_EQ(fault_of(deep + "."), errc::too_deep);
  EXPECT_EQ(fault_of("\x80\x04]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a."), errc::too_deep)
      << "a list in itself";
  // Each list holds the one before ten times: unfolded, ten to the twentieth.
  std::string laughs = "\x80\x04]";
  for (int level = 0; level < 20; ++level) {
    laughs += std::string("q") + static_cast<char>(level) + "0](";
    for (int i = 0; i < 10; ++i) laughs += std::string("h") + static_cast<char>(level);
    laughs += "e";
  }
  EXPECT_EQ(fault_of(laughs + "."), errc::too_large);
  EXPECT_EQ(fault_of(from_hex(pickled_5), {.bytes = 50}), errc::too_large);
  EXPECT_EQ(fault_of(from_hex(pickled_5), {.values = 5}), errc::too_large);
  EXPECT_EQ(fault_of(std::string("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff", 11) + "."), errc::malformed);
}

}  // namespace
}  // namespace tickcast::access::testing
