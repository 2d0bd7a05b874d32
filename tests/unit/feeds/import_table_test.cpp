#include "feeds/import_table.hpp"

#include <gtest/gtest.h>

#include "feeds/source.hpp"
#include "feeds/table_text.hpp"
#include "tests/unit/feeds/files.hpp"
#include "tests/unit/feeds/row_list.hpp"

namespace tickcast::feeds {
namespace {

using test::row_list;
using test::scratch;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t august_8_ns = 1'723'075'200 * second_ns;  // 2024-08-08

protocol::decimal number(std::string_view text) {
  return protocol::decimal::parse(text).value();
}

table_options with_columns(std::string_view text) {
  table_options options;
  options.columns = parse_column_choices(text).value();
  return options;
}

row_list rows_of(const std::string& path, const table_options& options = {}) {
  import_table table(path, options);
  row_list rows;
  while (table.next(rows)) {
  }
  return rows;
}

std::string failure_of(const std::string& path, const table_options& options = {}) {
  try {
    import_table opened(path, options);
  } catch (const feed_error& why) {
    return why.what();
  }
  return "";
}

std::int64_t first_time(std::string_view cell, std::string_view columns) {
  scratch files;
  const auto rows = rows_of(files.write("v_x.csv", "when,price,size\n" + std::string(cell) + ",1,1\n"),
                            with_columns(columns));
  return rows.trades.empty() ? -1 : rows.trades[0].second.time_ns;
}

TEST(import_table, knows_trades_and_quotes_by_their_columns) {
  scratch files;
  const auto trades = rows_of(files.write(
      "v_x.csv", "trade_ms,symbol,trade_id,price,qty,aggressor\n1723075200001,BTC,7,1.50,2,buy\n"));
  ASSERT_EQ(trades.trades.size(), 1u);
  EXPECT_EQ(trades.trades[0].first, "BTC");
  EXPECT_EQ(trades.trades[0].second, (protocol::trade{august_8_ns + 1'000'000, number("1.5"), number("2"),
                                                      protocol::side::buy, read_id("7")}));
  const auto quotes = rows_of(files.write("v_x2.csv", "ts_utc_ns,bid,ask\n1723075200000000001,1,2\n"));
  ASSERT_EQ(quotes.quotes.size(), 1u);
  EXPECT_EQ(quotes.quotes[0].first, "X2");
  EXPECT_EQ(quotes.quotes[0].second, (protocol::quote{august_8_ns + 1, number("1"), {}, number("2"), {}}));
}

TEST(import_table, knows_bars_and_their_interval_by_the_name) {
  scratch files;
  const auto rows = rows_of(files.write("coinbase_btcusd_1m_trade.csv",
                                        "ts_utc_ms,date,open,high,low,close,volume,vwap\n"
                                        "1723075200000,20240808,1,4,0.5,2,10.5,1.7\n"));
  ASSERT_EQ(rows.bars.size(), 1u);
  EXPECT_EQ(rows.bars[0].first, "1m.BTCUSD");
  const auto& bar = rows.bars[0].second;
  EXPECT_EQ(bar.time_ns, august_8_ns);
  EXPECT_EQ(bar.high, number("4"));
  EXPECT_EQ(bar.volume, number("10.5"));
  EXPECT_TRUE(bar.closed);
}

TEST(import_table, makes_a_bid_and_an_ask_bar_of_a_row_of_both) {
  scratch files;
  const auto rows = rows_of(files.write("oanda_eurusd_1d_quote.csv",
                                        "time,bid_open,bid_high,bid_low,bid_close,bid_size,"
                                        "ask_open,ask_high,ask_low,ask_close,ask_size\n"
                                        "20240808 00:00,1,2,0.5,1.5,9,1.1,2.1,0.6,1.6,9\n"));
  ASSERT_EQ(rows.bars.size(), 2u);
  EXPECT_EQ(rows.bars[0].first, "1d@bid.EURUSD");
  EXPECT_EQ(rows.bars[0].second.close, number("1.5"));
  EXPECT_EQ(rows.bars[1].first, "1d@ask.EURUSD");
  EXPECT_EQ(rows.bars[1].second.high, number("2.1"));
  EXPECT_EQ(rows.bars[1].second.time_ns, august_8_ns);
  EXPECT_TRUE(rows.bars[0].second.volume.is_zero()) << "a size at the end of a bar is no volume";
}

TEST(import_table, takes_bars_by_date_as_daily_ones) {
  scratch files;
  const auto rows = rows_of(files.write("v_spx.csv", "date,open,high,low,close\n1962-01-02,1,1,1,1\n"));
  ASSERT_EQ(rows.bars.size(), 1u);
  EXPECT_EQ(rows.bars[0].first, "1d.SPX");
  EXPECT_EQ(rows.bars[0].second.time_ns, -252'374'400 * second_ns);
}

TEST(import_table, goes_by_the_columns_it_is_told) {
  scratch files;
  auto options = with_columns("time=when:s,open=o,high=h,low=l,close=c,volume=v");
  options.symbol = "ABC";
  options.interval = "5m";
  const auto rows = rows_of(files.write("data.csv", "v,c,l,h,o,when\n7,2,1,4,3,1723075200.5\n"), options);
  ASSERT_EQ(rows.bars.size(), 1u);
  EXPECT_EQ(rows.bars[0].first, "5m.ABC");
  EXPECT_EQ(rows.bars[0].second.open, number("3"));
  EXPECT_EQ(rows.bars[0].second.volume, number("7"));
  EXPECT_EQ(rows.bars[0].second.time_ns, august_8_ns + second_ns / 2);
}

TEST(import_table, reads_times_in_every_unit) {
  EXPECT_EQ(first_time("1723075200", "time=when:s"), august_8_ns);
  EXPECT_EQ(first_time("1723075200.25", "time=when:s"), august_8_ns + second_ns / 4);
  EXPECT_EQ(first_time("1723075200123", "time=when:ms"), august_8_ns + 123'000'000);
  EXPECT_EQ(first_time("1723075200123.5", "time=when:ms"), august_8_ns + 123'500'000);
  EXPECT_EQ(first_time("1723075200000123", "time=when:us"), august_8_ns + 123'000);
  EXPECT_EQ(first_time("1723075200000000123", "time=when:ns"), august_8_ns + 123);
  EXPECT_EQ(first_time("-1500", "time=when:ms"), -1'500'000'000);
  EXPECT_EQ(first_time("2024-08-08T08:00:00.5+08:00", "time=when:iso"), august_8_ns + second_ns / 2);
  EXPECT_EQ(first_time("20240808", "time=when:date"), august_8_ns);
  EXPECT_EQ(first_time("2024-08-08", "time=when:date"), august_8_ns);
  EXPECT_EQ(first_time("2024-08-08 00:00", "time=when"), august_8_ns) << "a date shows what it is";
}

TEST(import_table, takes_symbol_and_interval_from_columns_and_options_before_them) {
  scratch files;
  const auto file = files.write("a_1d_b.csv",
                                "time_ns,symbol,interval,open,high,low,close,volume,trades,value,rev\n"
                                "1,\"A,B\",1m,1,1,1,1,0,3,0,2\n2,C,100t,1,1,1,1,0,0,0,0\n");
  const auto rows = rows_of(file);
  ASSERT_EQ(rows.bars.size(), 2u);
  EXPECT_EQ(rows.bars[0].first, "1m.A,B");
  EXPECT_EQ(rows.bars[0].second.trades, 3u);
  EXPECT_EQ(rows.bars[0].second.rev, 2u);
  EXPECT_EQ(rows.bars[1].first, "100t.C");
  table_options options;
  options.symbol = "Z";
  options.interval = "5s";
  EXPECT_EQ(rows_of(file, options).bars[1].first, "5s.Z");
}

TEST(import_table, hands_on_bad_rows_with_their_lines_and_goes_on) {
  scratch files;
  const auto rows = rows_of(files.write("v_x_1m.csv",
                                        "ts_utc_ms,open,high,low,close,volume\n"
                                        "1,1,1,1,1,1\n"
                                        "soon,1,1,1,1,1\n"
                                        "2,1,x,1,1,1\n"
                                        "3,1,1,2,1,1\n"
                                        "4,1,1,1,1\n"
                                        "5,1,1,1,1,-1\n"
                                        "6,1,,1,1,1\n"
                                        "7,1,1,1,1,\n"));
  EXPECT_EQ(rows.bars.size(), 2u);
  EXPECT_EQ(rows.refused, (std::vector<std::string>{
                              "line 3: 'soon' is not a time", "line 4: high 'x' is not a number",
                              "line 5: the high is below the low", "line 6: 5 cells where the header has 6",
                              "line 7: the volume is negative", "line 8: high '' is not a number"}));
}

TEST(import_table, refuses_files_with_a_sentence) {
  scratch files;
  EXPECT_NE(failure_of(files.write("e.csv", "")).find("is empty"), std::string::npos);
  EXPECT_NE(failure_of(files.write("v_a.csv", "time_ns,colour\n")).find("--columns"), std::string::npos);
  EXPECT_NE(failure_of(files.write("v_b.csv", "time_ns,price,size,bid,ask\n1,1,1,1,1\n")).find("--kind"),
            std::string::npos);
  EXPECT_NE(failure_of(files.write("v_c.csv", "when,price,size\n1,1,1\n")).find("no time column"),
            std::string::npos);
  EXPECT_NE(failure_of(files.write("v_d.csv", "time,price,size\n1723075200,1,1\n")).find("unit"),
            std::string::npos);
  EXPECT_NE(failure_of(files.write("v_e.csv", "time_ns,open,high,low,close\n1,1,1,1,1\n")).find("--interval"),
            std::string::npos);
  EXPECT_NE(failure_of(files.write("my file.csv", "time_ns,price,size\n")).find("--symbol"),
            std::string::npos);
  const auto good = files.write("v_g.csv", "time_ns,price,size,bid,ask\n1,1,1,1,1\n");
  EXPECT_NE(failure_of(good, with_columns("time=there:ms")).find("no column `there`"), std::string::npos);
  table_options quotes;
  quotes.kind = row_kind::quote;
  EXPECT_EQ(failure_of(good, quotes), "");
  EXPECT_EQ(rows_of(good, quotes).quotes.size(), 1u);
}

TEST(column_choices, refuse_what_is_no_choice) {
  EXPECT_FALSE(parse_column_choices("when=x"));
  EXPECT_FALSE(parse_column_choices("time=x:hours"));
  EXPECT_FALSE(parse_column_choices("open=x:ms"));
  EXPECT_FALSE(parse_column_choices("open="));
  EXPECT_FALSE(parse_column_choices(""));
  const auto read = parse_column_choices("time=a:b:ms,open");
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)[0].column, "a:b") << "a column's name may have colons";
  EXPECT_EQ((*read)[1].column, "open");
}

TEST(interval_from_path, is_a_word_of_the_name) {
  EXPECT_EQ(interval_from_path("/1m_data/coinbase_btcusd_1m_quote.csv.gz"), "1m");
  EXPECT_EQ(interval_from_path("spx_1d.csv"), "1d");
  EXPECT_EQ(interval_from_path("a_100t_b.csv"), "100t");
  EXPECT_EQ(interval_from_path("btcusd.csv"), "");
  EXPECT_EQ(interval_from_path("a__b.csv"), "");
}

TEST(table_text, is_read_back_as_it_was) {
  const std::vector<protocol::trade> trades{
      {1, number("0.1"), number("2"), protocol::side::buy, read_id("18446744073709551615")},
      {-2, number("-5"), number("0"), protocol::side::none, {}},
      {3, number("123456789.123456789"), number("1"), protocol::side::sell, text_id("a\"b,c")},
      {4, number("1"), number("1"), protocol::side::none, text_id("123")},
      {5, number("1"), number("1"), protocol::side::none, text_id("\"\"")}};
  const protocol::quote quote{7, number("1.5"), number("0"), {}, number("3")};
  const protocol::bar bar{9,           number("1"), number("4"), number("0.5"),   number("2"),
                          number("7"), 12,          true,        number("14.25"), 3};
  scratch files;
  std::string text(table_header(protocol::topic_kind::trade));
  for (const auto& each : trades) ASSERT_TRUE(append_row(text, "A,B", each));
  const auto read = rows_of(files.write("t.csv", text));
  ASSERT_EQ(read.refused, std::vector<std::string>{});
  ASSERT_EQ(read.trades.size(), trades.size());
  for (std::size_t i = 0; i < trades.size(); ++i) {
    EXPECT_EQ(read.trades[i].first, "A,B");
    EXPECT_EQ(read.trades[i].second, trades[i]) << i;
  }
  text = table_header(protocol::topic_kind::quote);
  append_row(text, "Q", quote);
  EXPECT_EQ(rows_of(files.write("q.csv", text)).quotes.at(0).second, quote);
  text = table_header(protocol::topic_kind::bar);
  append_row(text, "B", "1m@bid", bar);
  const auto bars = rows_of(files.write("b.csv", text)).bars;
  EXPECT_EQ(bars.at(0).first, "1m@bid.B");
  EXPECT_EQ(bars.at(0).second, bar);
  std::string before = text;
  EXPECT_FALSE(append_row(text, "A", protocol::trade{1, {}, {}, protocol::side::none, text_id("a\nb")}));
  EXPECT_EQ(text, before);
}

TEST(csv_reader, takes_quotes_as_rfc_4180_and_leaves_odd_ones_alone) {
  scratch files;
  csv_reader reader(files.write("q.csv", "\"a,b\",c,\"d\"\"e\",\"\"\n\"open,x\n\"a\"b,\"c\"\n,\"\n\"x\",\n"));
  std::vector<std::string_view> cells;
  using list = std::vector<std::string_view>;
  ASSERT_TRUE(reader.next(cells));
  EXPECT_EQ(cells, (list{"a,b", "c", "d\"e", ""}));
  ASSERT_TRUE(reader.next(cells));
  EXPECT_EQ(cells, (list{"\"open", "x"}));
  ASSERT_TRUE(reader.next(cells));
  EXPECT_EQ(cells, (list{"\"a\"b", "c"}));
  ASSERT_TRUE(reader.next(cells));
  EXPECT_EQ(cells, (list{"", "\""}));
  ASSERT_TRUE(reader.next(cells));
  EXPECT_EQ(cells, (list{"x", ""}));
  EXPECT_FALSE(reader.next(cells));
}

}  // namespace
}  // namespace tickcast::feeds
