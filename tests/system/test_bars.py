"""Bars at a client: closed by the clock, revised by late trades, cancels and corrections, aligned to sessions."""
from decimal import Decimal

from harness.client import Client, number
from harness.waiting import until

SECOND_NS = 10**9
START_NS = 1723075200 * SECOND_NS  # 2024-08-08T00:00:00Z, a Thursday; 08:00 in Shanghai


def last_words(log):
    """The newest state of each bar, by time."""
    bars = {}
    for frame in log.frames:
        for bar in frame["data"].get("bars", []) if frame["type"] == "snapshot" else [frame["data"]]:
            if bar["time"] not in bars or bar["rev"] >= bars[bar["time"]]["rev"]:
                bars[bar["time"]] = bar
    return bars


async def bar_at(client, topic, time_ns, holds):
    def found():
        bar = last_words(client.topic(topic)).get(time_ns // 1000)
        return bar if bar and holds(bar) else None
    return await until(found, lambda: f"that bar, came {last_words(client.topic(topic))}")


async def test_a_bar_closes_by_the_clock_when_no_trade_follows(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("bar.1s.X")
        feed.trade("X", time=START_NS, price="10", size="0.5")
        bar = await bar_at(client, "bar.1s.X", START_NS, lambda bar: bar["closed"])
        assert [number(bar[key]) for key in ("close", "volume", "value", "vwap")] == [10, Decimal("0.5"), 5, 10]
        assert (bar["trades"], bar["rev"]) == (1, 0)


async def test_a_late_trade_revises_its_bar_and_a_later_one_is_counted(start_server, feed_of, encoding):
    server = start_server({"bars": {"lateness_ms": 2000}})
    with feed_of(server) as feed:
        async with await Client.open(server.ws, encoding) as client:
            await client.subscribe("bar.1s.X", "trade.X")
            for offset, price in ((0, "10"), (1, "11"), (0.5, "99"), (3, "12"), (0.6, "1000")):
                feed.trade("X", time=START_NS + int(offset * SECOND_NS), price=price, size="1")
            bar = await bar_at(client, "bar.1s.X", START_NS, lambda bar: bar["rev"] == 1)
            assert bar["closed"] and bar["trades"] == 2
            assert [number(bar[key]) for key in ("open", "high", "close", "vwap")] == [10, 99, 99, Decimal("54.5")]
            await client.updates("trade.X", 5)
            await until(lambda: server.metric("tickcast_bars_late_total", shard="0") +
                        server.metric("tickcast_bars_late_total", shard="1") == 1, "the count of late trades")
            assert last_words(client.topic("bar.1s.X"))[START_NS // 1000]["rev"] == 1


async def test_cancels_and_corrections_reach_trades_day_and_bars(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("bar.1m.X", "trade.X")
        good = feed.trade("X", time=START_NS, price="10", size="1")
        wrong = feed.trade("X", time=START_NS + 1, price="9999", size="5")
        mended = feed.trade("X", time=START_NS + 2, price="11", size="1")
        feed.send({"type": "trade_cancel", "symbol": "X", "time": wrong["time"], "id": wrong["id"]})
        feed.send({"type": "trade_correct", "symbol": "X", "time": mended["time"], "id": mended["id"],
                   "price": "11.5", "size": "2"})
        updates = await client.updates("trade.X", 5)
        cancelled, corrected = (update["data"] for update in updates[3:])
        assert (cancelled["id"], cancelled["cancelled"]) == (wrong["id"], True)
        assert [number(cancelled["day"][key]) for key in ("high", "volume", "trades")] == [11, 2, 2]
        assert (corrected["id"], corrected["corrected"], number(corrected["price"])) == \
            (mended["id"], True, Decimal("11.5"))
        bar = await bar_at(client, "bar.1m.X", START_NS, lambda bar: number(bar["value"]) == 33)
        assert [number(bar[key]) for key in ("open", "high", "low", "close", "volume")] == \
            [10, Decimal("11.5"), 10, Decimal("11.5"), 3]
        async with await Client.open(server.ws, encoding) as later:
            await later.subscribe("trade.X")
            shown = later.topic("trade.X").snapshots[0]["data"]
            assert [trade["id"] for trade in shown["trades"]] == [good["id"], mended["id"]]
            assert number(shown["day"]["volume"]) == 3


INSTRUMENTS = """
[[instrument]]
symbol = "*.SH"
timezone = "Asia/Shanghai"
sessions = "0930-1130,1300-1500"
"""


async def test_bars_follow_the_sessions_of_the_instrument(start_server, feed_of, tmp_path):
    file = tmp_path / "instruments.toml"
    file.write_text(INSTRUMENTS)
    server = start_server({"instruments": {"file": str(file)}, "bars": {"intervals": ["4h", "1d", "2t", "1h@bid"]}})
    open_ns, lunch_ns = START_NS + 90 * 60 * SECOND_NS, START_NS + 5 * 3600 * SECOND_NS
    with feed_of(server) as feed:
        async with await Client.open(server.ws) as client:
            topics = ["bar.4h.600519.SH", "bar.1d.600519.SH", "bar.2t.600519.SH", "bar.1h@bid.600519.SH"]
            await client.subscribe(*topics)
            for minutes, price in ((-60, "10"), (1, "11"), (119, "12"), (211, "13")):
                feed.trade("600519.SH", time=open_ns + minutes * 60 * SECOND_NS, price=price, size="1")
            feed.quote("600519.SH", time=open_ns + 61 * 60 * SECOND_NS)
            morning = await bar_at(client, topics[0], open_ns, lambda bar: bar["trades"] == 3 and bar["closed"])
            assert number(morning["open"]) == 10, "what trades before the open is in the first bar"
            await bar_at(client, topics[0], lunch_ns, lambda bar: bar["trades"] == 1)
            await bar_at(client, topics[1], open_ns, lambda bar: bar["trades"] == 4)
            await bar_at(client, topics[2], open_ns - 60 * 60 * SECOND_NS, lambda bar: bar["closed"])
            await bar_at(client, topics[3], open_ns + 60 * 60 * SECOND_NS, lambda bar: bar["trades"] == 1)


def test_faults_of_the_instruments_are_told_by_line(tickcast, tmp_path):
    file = tmp_path / "instruments.toml"
    file.write_text(INSTRUMENTS.replace("Asia/Shanghai", "Asia/Atlantis").replace("1130", "1160"))
    done = tickcast("check", "--set", f"instruments.file={file}")
    assert done.returncode == 2
    assert f"{file}:4:" in done.stderr and "Asia/Atlantis" in done.stderr
    assert f"{file}:5:" in done.stderr and "0930-1160" in done.stderr
    file.write_text(INSTRUMENTS)
    assert tickcast("check", "--set", f"instruments.file={file}").returncode == 0
