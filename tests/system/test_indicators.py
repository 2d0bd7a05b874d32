"""Live indicators at a client: the numbers that /api/v1/indicators gives for the same bars, bit for bit."""
import asyncio

import pytest

from harness.client import Client, Refused
from harness.egress import Subscriber
from harness.server import http_get
from harness.waiting import until

SECOND_NS = 10**9
START_NS = 1723075200 * SECOND_NS  # 2024-08-08T00:00:00Z
CALLS = ["ema(5)", "rsi(3)", "macd(3,6,2)", "vwap", "bbands(5,2,2)", "obv()"]


def topic_of(call, symbol="X"):
    return f"indicator.1s.{call}.{symbol}"


def points(log):
    """What a subscriber holds in the end: the newest point of each bar."""
    held = {}
    for frame in log.frames:
        for point in frame["data"].get("points", []) if frame["type"] == "snapshot" else [frame["data"]]:
            held[point["time"]] = point
    return held


def columns(server, calls, symbol="X"):
    """The same over HTTP: {time: {output: value}}."""
    url = f"{server.http}/api/v1/indicators?symbol={symbol}&interval=1s&limit=5000&functions={','.join(calls)}"
    answer = http_get(url)
    if answer.status != 200:
        return {}
    answer = answer.json
    return {time: {name: column[i] for name, column in answer["values"].items()}
            for i, time in enumerate(answer["time"])}


async def same_as_http(server, client, calls, symbol="X"):
    """That every point a client holds is what HTTP answers, to the last bit."""
    def differences():
        over_http = columns(server, calls, symbol)
        for call in calls:
            for time, point in points(client.topic(topic_of(call, symbol))).items():
                for name, value in point["values"].items():
                    if over_http[time][name] != (None if value is None else float(value)):
                        return f"{name} at {time}: {value} here, {over_http[time][name]} over HTTP"
            last = max(over_http, default=None)
            if last not in points(client.topic(topic_of(call, symbol))):
                return f"{call} has not come to {last}"
        return None
    await until(lambda: differences() is None, lambda: f"the same numbers: {differences()}")


def walk(feed, first, count, symbol="X", step=1):
    for n in range(first, first + count):
        feed.trade(symbol, time=START_NS + n * step * SECOND_NS // 2, price=f"{100 + (n * 37) % 23}.{n % 10}", size="0.5")


async def test_the_topic_has_the_numbers_of_http_at_each_closed_bar(server, feed, encoding):
    walk(feed, 0, 300)
    await until(lambda: http_get(f"{server.http}/api/v1/bars?symbol=X&interval=1s").status == 200, "bars")
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe(*map(topic_of, CALLS))
        for begin in range(300, 420, 10):
            walk(feed, begin, 10)
            await asyncio.sleep(0.02)
        await same_as_http(server, client, CALLS)
        for call in CALLS:
            log = client.topic(topic_of(call))
            log.check_unbroken()
            assert len(log.snapshots) == 1
            held = points(log)
            assert len(held) >= 60 and sum(point["closed"] for point in held.values()) >= 59


async def test_while_a_bar_forms_its_values_come_as_seldom_as_the_bar(start_server, feed_of, encoding):
    server = start_server({"bars": {"intervals": ["1m"], "clock_close": False}})
    with feed_of(server) as feed:
        async with await Client.open(server.ws, encoding) as client:
            feed.trade("X", time=START_NS, price="100", size="1")
            await until(lambda: "trade.X" in server.topics(), "the symbol")
            await client.subscribe("trade.X", "indicator.1m.sma(1).X")
            for n in range(1, 600):
                feed.trade("X", time=START_NS + n, price=f"{100 + n}", size="1")
            await client.updates("trade.X", 599)
            log = client.topic("indicator.1m.sma(1).X")
            await until(lambda: float(points(log)[START_NS // 1000]["values"]["sma(1)"]) == 699, "the last price")
            assert len(log.updates) < 60
            log.check_unbroken()


async def test_a_late_trade_changes_the_value_at_a_client(start_server, feed_of, encoding):
    server = start_server({"bars": {"lateness_ms": 60_000, "intervals": ["1s"]}})
    with feed_of(server) as feed:
        walk(feed, 0, 100)
        async with await Client.open(server.ws, encoding) as client:
            await client.subscribe("trade.X", *map(topic_of, CALLS))
            walk(feed, 100, 10)
            await client.updates("trade.X", 1)
            await same_as_http(server, client, CALLS)
            log = client.topic(topic_of("ema(5)"))
            before, when = points(log), (START_NS + 40 * SECOND_NS) // 1000
            feed.trade("X", time=START_NS + 40 * SECOND_NS + 600_000_000, price="500", size="9")
            await until(lambda: when in points(log) and points(log)[when] != before.get(when), "the revised bar")
            await same_as_http(server, client, CALLS)
            assert points(log)[when]["closed"]


async def test_after_a_restart_it_goes_on_with_all_that_is_stored(start_server, feed_of, tmp_path):
    config = {"store": {"directory": str(tmp_path / "data")}, "bars": {"intervals": ["1s"], "clock_close": False}}
    first = start_server(config)
    with feed_of(first) as feed:
        walk(feed, 0, 1400)  # more bars than a shard holds
        async with await Client.open(first.ws) as client:
            await client.subscribe(topic_of("ema(5)"), topic_of("obv()"))
            await until(lambda: len(columns(first, ["obv()"])) == 700, "all bars")
            await same_as_http(first, client, ["ema(5)", "obv()"])
    last = columns(first, ["obv()"])
    assert first.stop() == 0
    second = start_server(config)
    with feed_of(second) as feed:
        async with await Client.open(second.ws) as client:
            await client.subscribe(topic_of("ema(5)"), topic_of("obv()"))
            snapshot = client.topic(topic_of("obv()")).snapshots[0]["data"]["points"][-1]
            assert snapshot["values"]["obv()"] == last[snapshot["time"]]["obv()"]
            walk(feed, 1400, 40)
            await until(lambda: len(points(client.topic(topic_of("ema(5)")))) > 15, "updates")
            await same_as_http(second, client, ["ema(5)", "obv()"])


async def test_the_egress_has_the_same_values_to_the_nanosecond(server, feed):
    walk(feed, 0, 20)
    with Subscriber(server.started["egress"], topic_of("ema(5)") + " ") as subscriber:
        async with await Client.open(server.ws) as client:
            await client.subscribe("bar.1s.X")
            await subscriber.heard(topic_of("ema(5)"), "snapshot")
            walk(feed, 20, 20)
            await subscriber.heard(topic_of("ema(5)"), "update", 10)
            told = list(subscriber.of(topic_of("ema(5)"), "update"))
            over_http = columns(server, ["ema(5)"])
            for body in told:
                if body["data"]["closed"]:
                    assert body["data"]["values"]["ema(5)"] == over_http[body["data"]["time"] // 1000]["ema(5)"]


async def test_what_cannot_be_computed_is_refused_with_a_sentence(server, feed, encoding):
    feed.trade("X")
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("trade.X")
        for topic, sentence in ((topic_of("smma(3)"), "there is no indicator smma; close to it: sma"),
                                (topic_of("rsi(1)"), "must be a whole number from 2 to"),
                                ("indicator.17t.rsi.X", "there are no bars of 17t here; there are 1s")):
            with pytest.raises(Refused) as refused:
                await client.subscribe(topic)
            assert sentence in str(refused.value)
            assert refused.value.code == 102
        assert sum(server.metric("tickcast_indicators_refused_total", shard=str(n)) for n in range(2)) == 3


INSTRUMENTS = """
[[instrument]]
symbol = "NIGHT"
timezone = "America/Chicago"
sessions = "1700-1600"
"""


async def test_vwap_begins_with_the_session_live_and_over_http(start_server, feed_of, tmp_path):
    file = tmp_path / "instruments.toml"
    file.write_text(INSTRUMENTS)
    server = start_server({"instruments": {"file": str(file)}, "bars": {"intervals": ["1s"]}})
    with feed_of(server) as feed:
        # Midnight UTC, where START_NS is, lies within the session; it began at 22:00.
        for offset, price in ((-3, "10"), (-2, "20"), (0, "30"), (1, "40")):
            feed.trade("NIGHT", time=START_NS + offset * SECOND_NS, price=price, size="1")
        async with await Client.open(server.ws) as client:
            await client.subscribe("trade.NIGHT", topic_of("vwap", "NIGHT"))
            feed.trade("NIGHT", time=START_NS + 2 * SECOND_NS, price="50", size="1")
            await until(lambda: START_NS // 1000 + 2_000_000 in points(client.topic(topic_of("vwap", "NIGHT"))), "it")
            await same_as_http(server, client, ["vwap"], "NIGHT")
            assert columns(server, ["vwap"], "NIGHT")[START_NS // 1000 + 1_000_000]["vwap"] == 25
