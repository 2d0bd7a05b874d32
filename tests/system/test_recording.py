"""A real Binance recording through ZeroMQ: complete, in order, every field, at clients others wrote."""
import shutil
from decimal import Decimal

import pytest

import bars_from_file
from harness.client import Client, number
from harness.programs import Program
from harness.server import BINARY, SLOWED, http_get
from harness.waiting import until

RECORDING = "trades/binance_usdm_btcusdt_20240808.csv.gz"  # 21,313 trades in 343 s
SYMBOL = "BTCUSDT"


def replay(file, endpoint, speed, *more):
    return Program([BINARY, "replay", file, "--to", endpoint, "--speed", speed, *more])


def check_trades(updates, file):
    """Each update is the row of its place in the file."""
    rows = list(bars_from_file.trades(file))
    assert [update["seq"] for update in updates] == list(range(1, len(rows) + 1))
    for update, (time_us, price, size, side, trade_id, _) in zip(updates, rows):
        data = update["data"]
        got = (data["time"], number(data["price"]), number(data["size"]), data["side"], data["id"])
        assert got == (time_us, price, size, side, trade_id)
        assert set(data) == {"time", "price", "size", "side", "id"}


def final_bars(frames):
    """The last word on each bar, by time."""
    bars = {}
    for frame in frames:
        for bar in frame["data"].get("bars", []) if frame["type"] == "snapshot" else [frame["data"]]:
            bars[bar["time"]] = bar
    return bars


async def check_bars(read_frames, file, seconds):
    """Equal to the file's own; each closed exactly once, but the last, whose forming state is pushed a little later."""
    expected = bars_from_file.bars(file, seconds)
    last = expected[-1]
    await until(lambda: final_bars(read_frames()).get(last["time"], {}).get("trades") == last["trades"],
                lambda: f"the last bar {last}, came {final_bars(read_frames()).get(last['time'])}")
    frames = read_frames()
    got = final_bars(frames)
    assert sorted(got) == [bar["time"] for bar in expected]
    for bar in expected:
        figures = {key: number(got[bar["time"]][key]) for key in bar}
        assert figures == {key: Decimal(value) for key, value in bar.items()}
    assert all(got[bar["time"]]["closed"] for bar in expected[:-1])
    closings = [(frame["data"]["time"], frame["data"]["rev"]) for frame in frames
                if frame["type"] == "update" and frame["data"]["closed"]]
    assert len(closings) == len(set(closings)), "a bar was closed twice"


async def test_a_recording_at_10x_arrives_complete_and_in_order_at_python_node_and_chromium(
        start_server, node, recordings):
    file = recordings / RECORDING
    rows = sum(1 for _ in bars_from_file.trades(file))
    server = start_server()
    topics = [f"trade.{SYMBOL}", f"bar.1s.{SYMBOL}", f"bar.1m.{SYMBOL}"]
    text, binary = await Client.open(server.ws, "json"), await Client.open(server.ws, "msgpack")
    for client in (text, binary):
        await client.subscribe(*topics)
    programs = [node("raw_client.mjs", server.ws, *topics), node("library_client.mjs", server.ws, *topics)]
    if shutil.which("chromium") and http_get(server.http + "/").status == 200:
        programs.append(node("page_client.mjs", server.http, server.ws, *topics))
    for program in programs:
        await program.heard(lambda it: len(it.of("snapshot")) == 3, "three snapshots", within=30)

    player = replay(file, server.feed_endpoint(), "10")
    for client in (text, binary):
        await client.updates(topics[0], rows, within=60 * SLOWED)
    assert player.end() == 0

    for client in (text, binary):
        check_trades(client.topic(topics[0]).updates, file)
        for topic, seconds in zip(topics[1:], (1, 60)):
            await check_bars(lambda: client.topic(topic).frames, file, seconds)
        assert not any(log.gaps for log in client.topics.values())
        await client.close()
    for program in programs:
        await program.heard(lambda it: len(it.of("update", topics[0])) >= rows, f"{rows} trades")
        check_trades(program.of("update", topics[0]), file)
        for topic, seconds in zip(topics[1:], (1, 60)):
            await check_bars(lambda: [line for line in list(program.lines)
                                      if line.get("topic") == topic and line["type"] in ("snapshot", "update")],
                             file, seconds)
        assert not program.of("gap")
    assert server.metric("tickcast_feed_gaps_total", feed="pull") == 0


async def test_a_recording_at_full_speed_arrives_complete(server, recordings):
    file = recordings / "trades/binance_coinm_btcusd_perp_20240808_09.csv"
    rows = list(bars_from_file.trades(file))
    symbol = rows[0][5]
    async with await Client.open(server.ws) as client:
        await client.subscribe(f"trade.{symbol}", f"bar.1m.{symbol}")
        player = replay(file, server.feed_endpoint(), "max")
        await client.updates(f"trade.{symbol}", len(rows), within=30 * SLOWED)
        assert player.end() == 0
        check_trades(client.topic(f"trade.{symbol}").updates, file)
        await check_bars(lambda: client.topic(f"bar.1m.{symbol}").frames, file, 60)
    started, summary = player.lines[0], player.lines[-1]
    assert started["time_column"] == summary["time_column"] == "trade_ms"
    assert (summary["rows"], summary["sent"], summary["skipped"]) == (len(rows), len(rows), 0)


async def test_a_server_plays_recordings_as_a_feed_of_its_own(start_server, recordings):
    """Trades and quotes of one market, merged by time."""
    trades = recordings / "trades/binance_spot_ethusdt_20240808_09.csv.gz"
    quotes = recordings / "quotes/binance_usdm_btcusdt_20240808_bbo.csv.gz"
    server = start_server({"feed": [{"name": "replay", "kind": "replay", "files": [str(trades), str(quotes)],
                                     "speed": "max"}]})
    rows = sum(1 for _ in bars_from_file.trades(trades))
    await until(lambda: server.topics().get("trade.ETHUSDT", {}).get("seq") == rows, f"{rows} trades", 60 * SLOWED)
    await until(lambda: server.topics().get("quote.BTCUSDT", {}).get("seq") == 66_089, "66,089 quotes", 60 * SLOWED)
    assert server.metric("tickcast_feed_repeated_total", feed="replay") == 0
    async with await Client.open(server.ws) as client:
        await client.subscribe("bar.1m.ETHUSDT", "trade.ETHUSDT")
        await check_bars(lambda: client.topic("bar.1m.ETHUSDT").frames, trades, 60)
        assert client.topic("trade.ETHUSDT").snapshots[0]["data"]["trades"][-1]["id"] == \
            list(bars_from_file.trades(trades))[-1][4]


@pytest.mark.parametrize("speed", ["max"])
async def test_a_looped_replay_never_runs_back_and_repeats_no_trade(server, tmp_path, speed):
    file = tmp_path / "venue_x_loop.csv"
    file.write_text("trade_ms,symbol,trade_id,price,qty,aggressor\n" + "".join(
        f"{1723075200000 + n},X,{n + 1},10{n % 10},1,buy\n" for n in range(100)))
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        player = replay(file, server.feed_endpoint(), speed, "--loop")
        updates = await client.updates("trade.X", 250)
        player.kill()
        times = [update["data"]["time"] for update in updates]
        assert times == sorted(times)
