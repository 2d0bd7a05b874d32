"""/udf as a chart uses it: symbol, history page by page to the very first bar, quotes."""
import pytest

from harness.feed import BASE_NS
from harness.server import http_get
from harness.udf_client import UdfClient, UdfError
from harness.waiting import until

DAY_S = BASE_NS // 10**9
MINUTES = 1300  # more than a topic shows: the older ones come from the store
HOLE = range(100, 160)


async def chart_with_bars(server, feed):
    """A chart of UDF.A, which has minute bars but for an hour; and the times of all of them."""
    sent = [n for n in range(MINUTES) if n not in HOLE]
    feed.send([{"type": "bar", "symbol": "UDF.A", "interval": "1m", "time": BASE_NS + n * 60 * 10**9, "open": n,
                "high": n + 1, "low": n, "close": n + 0.5, "volume": 1, "closed": True} for n in sent])
    await all_are_there(server, len(sent))
    return UdfClient(f"{server.http}/udf", "UDF.A", "1"), [DAY_S + n * 60 for n in sent]


async def all_are_there(server, count):
    history = f"{server.http}/udf/history?symbol=UDF.A&resolution=1&from=0&to=4000000000"
    await until(lambda: len(http_get(history).json.get("t", [])) == count, "the bars are there")


async def test_pages_back_by_time_to_the_very_first_bar_and_stops(server, feed):
    chart, expected = await chart_with_bars(server, feed)
    bars = chart.page_back(DAY_S + 2 * 86400, 30 * 60)
    assert [bar[0] for bar in bars] == expected
    assert bars[0][1:] == (0, 1, 0, 0.5, 1)
    assert chart.jumps >= 2, "over the rest of the day, and over the hole"


async def test_pages_back_by_countback_to_the_very_first_bar_and_stops(server, feed):
    chart, expected = await chart_with_bars(server, feed)
    bars = chart.page_back(DAY_S + 2 * 86400, 60, countback=137)
    assert [bar[0] for bar in bars] == expected
    assert chart.jumps == 0


async def test_after_a_restart_the_past_is_still_there(server, feed):
    _, expected = await chart_with_bars(server, feed)
    assert server.stop() == 0
    server.start()
    await all_are_there(server, len(expected))
    chart = UdfClient(f"{server.http}/udf", "UDF.A", "1")
    assert [bar[0] for bar in chart.page_back(DAY_S + 2 * 86400, 60, countback=300)] == expected


async def test_a_chart_finds_its_symbol_and_its_quote(server, feed):
    feed.trade("UDF.B", price="10.25", size="2")
    await until(lambda: http_get(f"{server.http}/udf/search?query=udf.b").json, "it is known")
    chart = UdfClient(f"{server.http}/udf", "UDF.B", "1S")
    found = chart.ask("search", query="udf.b", limit=10)
    assert [each["symbol"] for each in found] == ["UDF.B"]
    info = chart.ask("symbols", symbol=found[0]["full_name"])
    assert info["pricescale"] == 100 and "1S" in info["supported_resolutions"]
    assert set(info["supported_resolutions"]) <= set(chart.ask("config")["supported_resolutions"])
    quotes = chart.ask("quotes", symbols="UDF.B,NOBODY")
    assert [(each["n"], each["s"]) for each in quotes["d"]] == [("UDF.B", "ok"), ("NOBODY", "error")]
    assert quotes["d"][0]["v"]["lp"] == 10.25
    assert int(http_get(f"{server.http}/udf/time").text) > 1_700_000_000
    with pytest.raises(UdfError, match="unknown_symbol"):
        chart.ask("symbols", symbol="NOBODY")
