#include "feeds/recording.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "feeds/source.hpp"
#include "tests/unit/feeds/files.hpp"

namespace tickcast::feeds {
namespace {

using test::scratch;

constexpr std::string_view binance_trades =
    "recv_ns,event_ms,trade_ms,symbol,trade_id,price,qty,aggressor,order_type\n"
    "1723161254340863867,1723161255612,1723161255611,ETHUSDT,1520538925,2683.80000000,0.00200000,sell,\n"
    "1723161254340864567,1723161255612,1723161255610,ETHUSDT,1520538926,2683.80000000,0.03450000,buy,"
    "MARKET\n";

protocol::decimal number(std::string_view text) {
  return protocol::decimal::parse(text).value();
}

std::string failure_of(const std::string& path, const recording_options& options = {}) {
  try {
    recording opened(path, options);
  } catch (const feed_error& why) {
    return why.what();
  }
  return "";
}

TEST(recording, reads_trades_by_the_venues_trade_time) {
  scratch files;
  recording r(files.write("binance_spot_ethusdt.csv", binance_trades), {});
  EXPECT_EQ(r.time_column(), "trade_ms");
  ASSERT_NE(r.peek(), nullptr);
  EXPECT_EQ(r.peek()->symbol, "ETHUSDT");
  EXPECT_EQ(r.peek()->time_ns, 1723161255611'000'000);
  const auto first = std::get<protocol::trade>(r.peek()->value);
  EXPECT_EQ(first.time_ns, 1723161255611'000'000);
  EXPECT_EQ(first.price, number("2683.8"));
  EXPECT_EQ(first.size, number("0.002"));
  EXPECT_EQ(first.aggressor, protocol::side::sell);
  EXPECT_EQ(first.id.number, 1520538925u);
  r.pop();
  ASSERT_NE(r.peek(), nullptr);
  EXPECT_EQ(std::get<protocol::trade>(r.peek()->value).aggressor, protocol::side::buy);
  EXPECT_EQ(r.peek()->time_ns, 1723161255610'000'000) << "the file's order stays, also where time runs back";
  r.pop();
  EXPECT_EQ(r.peek(), nullptr);
  EXPECT_EQ(r.rows(), 2u);
  EXPECT_EQ(r.skipped(), 0u);
}

TEST(recording, reads_gzip_as_it_reads_plain_text) {
  scratch files;
  recording r(files.write_gzip("binance_spot_ethusdt.csv.gz", std::string(binance_trades)), {});
  r.pop();
  r.pop();
  EXPECT_EQ(r.rows(), 2u);
}

TEST(recording, goes_by_the_receive_time_when_the_venue_gave_none) {
  scratch files;
  recording r(files.write("binance_spot_ethusdt_bbo.csv",
                          "recv_ns,event_ms,transact_ms,symbol,update_id,bid,bid_qty,ask,ask_qty\n"
                          "1723161254024619568,,,ETHUSDT,35346513501,2683.8,3.0292,2683.81,31.4395\n"),
              {});
  EXPECT_EQ(r.time_column(), "recv_ns");
  EXPECT_EQ(r.peek()->time_ns, 1723161254024619568);
  const auto quote = std::get<protocol::quote>(r.peek()->value);
  EXPECT_EQ(quote.bid, number("2683.8"));
  EXPECT_EQ(quote.bid_size, number("3.0292"));
  EXPECT_EQ(quote.ask, number("2683.81"));
  EXPECT_EQ(quote.ask_size, number("31.4395"));
}

TEST(recording, takes_sizes_as_zero_and_the_symbol_from_the_name_where_the_file_has_none) {
  scratch files;
  recording r(
      files.write("oanda_xauusd_20140508_ticks.csv",
                  "ts_utc_ns,ms_since_midnight,bid,ask\n1399507200042431200,42.4312,1290.33,1290.66\n"),
      {});
  EXPECT_EQ(r.time_column(), "ts_utc_ns");
  EXPECT_EQ(r.peek()->symbol, "XAUUSD");
  const auto quote = std::get<protocol::quote>(r.peek()->value);
  EXPECT_TRUE(quote.bid_size.is_zero());
  EXPECT_TRUE(quote.ask_size.is_zero());
}

TEST(recording, reads_a_quote_with_one_side_and_refuses_one_with_none) {
  scratch files;
  recording r(files.write("v_a.csv", "unix_s,bid,bid_qty,ask,ask_qty\n1,,,5.5,3\n2,,,,\n3,5.4,1,,\n"), {});
  EXPECT_EQ(std::get<protocol::quote>(r.peek()->value).ask, number("5.5"));
  EXPECT_TRUE(std::get<protocol::quote>(r.peek()->value).bid_size.is_zero());
  r.pop();
  EXPECT_EQ(r.peek()->time_ns, 3'000'000'000);
  EXPECT_EQ(r.skipped(), 1u);
}

TEST(recording, reads_seconds_with_and_without_a_fraction) {
  scratch files;
  recording r(
      files.write("bitstamp_btcusd_bitcoincharts.csv",
                  "unix_s,price,amount\n1315922016,5.800000000000,1.000000000000\n1315922016.25,5.83,3\n"),
      {});
  EXPECT_EQ(r.time_column(), "unix_s");
  EXPECT_EQ(r.peek()->symbol, "BTCUSD");
  EXPECT_EQ(r.peek()->time_ns, 1315922016'000'000'000);
  EXPECT_EQ(std::get<protocol::trade>(r.peek()->value).aggressor, protocol::side::none);
  EXPECT_EQ(std::get<protocol::trade>(r.peek()->value).id.is, protocol::trade_id::kind::none);
  r.pop();
  EXPECT_EQ(r.peek()->time_ns, 1315922016'250'000'000);
}

TEST(recording, goes_by_the_column_it_is_told_to) {
  scratch files;
  recording r(files.write("x.csv", binance_trades), {"", "recv_ns"});
  EXPECT_EQ(r.time_column(), "recv_ns");
  EXPECT_EQ(r.peek()->time_ns, 1723161254340863867);
}

TEST(recording, is_called_what_the_option_says) {
  scratch files;
  recording r(files.write("x.csv", binance_trades), {"ETH-TEST", ""});
  EXPECT_EQ(r.peek()->symbol, "ETH-TEST");
}

TEST(recording, leaves_out_rows_it_cannot_read_and_names_their_lines) {
  scratch files;
  recording r(files.write("a_btcusd.csv",
                          "\xEF\xBB\xBFunix_s,price,amount\r\n"
                          "yesterday,1,1\r\n"
                          "1315922016,five,1\r\n"
                          "1315922017,5,1\r\n"
                          "\r\n"
                          "1315922018,5\r\n"
                          "1315922019,5,-1\r\n"
                          "99999999999999999,5,1\r\n"
                          "1315922020,6,2"),
              {});
  EXPECT_EQ(r.peek()->time_ns, 1315922017'000'000'000);
  r.pop();
  EXPECT_EQ(r.peek()->time_ns, 1315922020'000'000'000);
  r.pop();
  EXPECT_EQ(r.peek(), nullptr);
  EXPECT_EQ(r.rows(), 2u);
  EXPECT_EQ(r.skipped(), 5u);
  ASSERT_EQ(r.complaints().size(), 5u);
  EXPECT_EQ(r.complaints()[0], "line 2: 'yesterday' is not a time");
  EXPECT_EQ(r.complaints()[1], "line 3: price 'five' is not a number");
  EXPECT_EQ(r.complaints()[2], "line 6: 2 cells where the header has 3");
  EXPECT_EQ(r.complaints()[3], "line 7: the size is negative");
}

TEST(recording, survives_lines_without_end) {
  scratch files;
  std::string text = "unix_s,price,amount\n1315922016,5,1\n";
  text += std::string(300'000, '7');
  text += "\n1315922017,6,1\n" + std::string(200'000, '8');
  recording r(files.write("a_b.csv", text), {});
  r.pop();
  ASSERT_NE(r.peek(), nullptr);
  EXPECT_EQ(r.peek()->time_ns, 1315922017'000'000'000);
  r.pop();
  EXPECT_EQ(r.peek(), nullptr);
  EXPECT_EQ(r.skipped(), 2u);
}

TEST(recording, keeps_rows_whole_across_its_buffers_seams) {
  scratch files;
  std::string text = "unix_s,price,amount\n";
  const int rows = 40'000;
  for (int i = 0; i < rows; ++i) text += std::to_string(1315922016 + i) + ",5." + std::to_string(i) + ",1\n";
  recording r(files.write_gzip("a_b.csv.gz", text), {});
  for (int i = 0; i < rows; ++i, r.pop()) {
    ASSERT_NE(r.peek(), nullptr);
    ASSERT_EQ(r.peek()->time_ns, (1315922016 + std::int64_t{i}) * 1'000'000'000);
    ASSERT_EQ(std::get<protocol::trade>(r.peek()->value).price, number("5." + std::to_string(i)));
  }
  EXPECT_EQ(r.peek(), nullptr);
}

TEST(recording, says_when_a_gzip_file_is_cut) {
  scratch files;
  std::string text = "unix_s,price,amount\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(1315922016 + i * 7919) + ",5,1\n";
  const auto path = files.write_gzip("a_b.csv.gz", text);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  recording r(path, {});
  EXPECT_THROW(
      {
        while (r.peek() != nullptr) r.pop();
      },
      feed_error);
  EXPECT_GT(r.rows(), 1000u);
}

TEST(recording, refuses_what_it_cannot_play_with_a_sentence) {
  scratch files;
  EXPECT_NE(failure_of(files.path("none.csv")).find("cannot open"), std::string::npos);
  EXPECT_NE(failure_of(files.write("e.csv", "")).find("is empty"), std::string::npos);
  EXPECT_NE(failure_of(files.write("b.csv", "ts_utc_ms,open,high,low,close,volume\n")).find("neither trades"),
            std::string::npos);
  EXPECT_NE(failure_of(files.write("t.csv", "when,price,qty\n1,1,1\n")).find("no time column known"),
            std::string::npos);
  const auto good = files.write("x_btcusd.csv", "unix_s,when,price,qty\n1,1,1,1\n");
  EXPECT_NE(failure_of(good, {"", "recv_ns"}).find("no time column `recv_ns`"), std::string::npos);
  EXPECT_NE(failure_of(good, {"", "when"}).find("unit"), std::string::npos);
  EXPECT_NE(failure_of(good, {"not a symbol", ""}).find("symbol"), std::string::npos);
  EXPECT_EQ(failure_of(good), "");
}

TEST(recording, with_a_header_alone_has_no_rows) {
  scratch files;
  recording r(files.write("x_btcusd.csv", "unix_s,price,qty\n"), {});
  EXPECT_EQ(r.peek(), nullptr);
}

TEST(symbol_from_path, takes_the_second_word_of_the_name) {
  EXPECT_EQ(symbol_from_path("/data/fxcm_eurusd_20140508_ticks.csv.gz"), "EURUSD");
  EXPECT_EQ(symbol_from_path("bitstamp_btcusd_bitcoincharts.csv"), "BTCUSD");
  EXPECT_EQ(symbol_from_path("venue_600519.SH.csv"), "600519.SH");
  EXPECT_EQ(symbol_from_path("nzdusd.csv"), "NZDUSD");
  EXPECT_EQ(symbol_from_path("spx_1d.csv"), "SPX");
  EXPECT_EQ(symbol_from_path("us_ba_1d.csv.gz"), "BA");
  EXPECT_EQ(symbol_from_path("a_.csv"), "");
  EXPECT_EQ(symbol_from_path("my file.csv"), "");
}

struct known_file {
  const char* path;
  std::uint64_t rows;
  const char* time_column;
  const char* symbol;
};

class open_data : public testing::TestWithParam<known_file> {};

TEST_P(open_data, has_as_many_rows_as_its_list_says) {
  const char* told = std::getenv("TICKCAST_DATA");
  const std::filesystem::path root = told != nullptr ? told : TICKCAST_DATA_BESIDE_TREE;
  const auto path = root / GetParam().path;
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << path << " is not here; set TICKCAST_DATA to the folder with the recordings";
  }
  recording r(path.string(), {});
  EXPECT_EQ(r.time_column(), GetParam().time_column);
  ASSERT_NE(r.peek(), nullptr);
  EXPECT_EQ(r.peek()->symbol, GetParam().symbol);
  while (r.peek() != nullptr) r.pop();
  EXPECT_EQ(r.rows(), GetParam().rows);
  EXPECT_EQ(r.skipped(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    every_file, open_data,
    testing::Values(
        known_file{"trades/binance_coinm_btcusd_perp_20240808_09.csv", 5235, "trade_ms", "BTCUSD_PERP"},
        known_file{"trades/binance_spot_ethusdt_20240808_09.csv.gz", 14515, "trade_ms", "ETHUSDT"},
        known_file{"trades/binance_usdm_btcusdt_20230404_05.csv.gz", 12935, "trade_ms", "BTCUSDT"},
        known_file{"trades/binance_usdm_btcusdt_20240808.csv.gz", 21313, "trade_ms", "BTCUSDT"},
        known_file{"trades/bitstamp_btcusd_bitcoincharts.csv", 9999, "unix_s", "BTCUSD"},
        known_file{"quotes/binance_coinm_btcusd_perp_20240808_09_bbo.csv.gz", 48355, "transact_ms",
                   "BTCUSD_PERP"},
        known_file{"quotes/binance_spot_ethusdt_20240808_09_bbo.csv.gz", 58758, "recv_ns", "ETHUSDT"},
        known_file{"quotes/binance_usdm_btcusdt_20230404_05_bbo.csv.gz", 44205, "transact_ms", "BTCUSDT"},
        known_file{"quotes/binance_usdm_btcusdt_20240808_bbo.csv.gz", 66089, "transact_ms", "BTCUSDT"},
        known_file{"quotes/fxcm_eurusd_20140508_ticks.csv.gz", 167466, "ts_utc_ns", "EURUSD"},
        known_file{"quotes/oanda_nzdusd_20140506_ticks.csv.gz", 49798, "ts_utc_ns", "NZDUSD"},
        known_file{"quotes/oanda_xauusd_20140508_ticks.csv.gz", 199123, "ts_utc_ns", "XAUUSD"}));

}  // namespace
}  // namespace tickcast::feeds
