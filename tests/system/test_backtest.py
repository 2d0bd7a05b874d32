"""`tickcast backtest`: the same bytes every time, what the plugin said live, nothing of the future, beside a server."""
import asyncio
import json
import signal
import subprocess
import time
from decimal import Decimal

from harness.client import Client
from harness.server import BINARY, SLOWED
from harness.waiting import until

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
CROSS = BINARY.parent / "plugins" / "examples" / "average_cross.so"
CURIOUS = BINARY.parent / "tests" / "plugins" / "curious_plugin.so"
ILL = BINARY.parent / "tests" / "plugins" / "ill_plugin_1.so"
FOREVER = {"store": {"retention": {"trade": 0, "quote": 0, "bar": 0}}}
FAST = {"interval": "1s", "fast": "sma(3)", "slow": "sma(9)"}


def given(parameters):
    return [part for key, value in parameters.items() for part in ("--param", f"{key}={value}")]


def lines_of(text):
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


async def test_two_runs_over_imported_trades_give_the_same_bytes(tickcast, recordings, tmp_path):
    data = tmp_path / "data"
    tickcast("import", recordings / "trades/binance_usdm_btcusdt_20240808.csv.gz", "--directory", data, within=120)
    command = ["backtest", CROSS, "--directory", data, "--json", *given({"symbol": "BTCUSDT", **FAST})]
    once, again = tickcast(*command, within=120), tickcast(*command, within=120)
    assert once.returncode == OK, once.stderr
    assert once.stdout == again.stdout and len(lines_of(once.stdout)) > 10
    summary = json.loads(once.stderr.splitlines()[-1])
    assert summary["trades"] == summary["rows"] > 10_000 and summary["errors"] == 0
    assert summary["messages"] == len(lines_of(once.stdout))
    written = tickcast(*command, "--out", tmp_path / "signals.jsonl", within=120)
    assert written.stdout == "" and (tmp_path / "signals.jsonl").read_text() == once.stdout


async def test_it_says_what_the_plugin_said_live_over_the_same_recording(start_server, tickcast, recordings):
    # At full speed a pause of the replay is minutes of the market: the clock would close bars that still get trades.
    server = start_server({**FOREVER, "bars": {"clock_close": False}, "plugin": [{"name": "cross", "library": str(CROSS),
                                                  "parameters": {"symbol": "BTCUSDT", **FAST}}]})
    plugin = lambda: {row["name"]: row for row in server.rows("/api/plugins")}["cross"]
    await until(lambda: plugin()["state"] == "running" and plugin()["handled"] > 0, "it runs", 15 * SLOWED)
    file = recordings / "trades/binance_usdm_btcusdt_20240808.csv.gz"
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.cross.BTCUSDT")
        done = tickcast("replay", file, "--to", server.feed_endpoint("pull"), "--speed", "max", within=120)
        assert done.returncode == OK, done.stderr
        await until(lambda: server.topics()["trade.BTCUSDT"]["seq"] > 10_000, "trades", 30 * SLOWED)
        seq, before = None, -1
        while seq != before:
            before, seq = seq, server.topics()["trade.BTCUSDT"]["seq"]
            await asyncio.sleep(1)
        live = [update["data"] for update in client.topic("signal.cross.BTCUSDT").updates]
    data = server.directory / "data"
    # Beside the running server.
    tested = tickcast("backtest", CROSS, "--directory", data, *given({"symbol": "BTCUSDT", **FAST}), within=120)
    assert tested.returncode == OK, tested.stderr
    played = [line["data"] for line in lines_of(tested.stdout)]
    assert len(played) > 10
    assert as_floats(live) == as_floats(played)
    assert server.stop() == 0


def as_floats(rows):
    return [{key: float(value) if isinstance(value, Decimal) else value for key, value in row.items()} for row in rows]


async def test_a_plugin_that_asks_for_the_future_gets_nothing(tickcast, recordings, tmp_path):
    data = tmp_path / "data"
    tickcast("import", recordings / "trades/bitstamp_btcusd_bitcoincharts.csv", "--directory", data, within=120)
    done = tickcast("backtest", CURIOUS, "--directory", data, *given({"does": "beyond", "symbol": "BTCUSD"}), within=120)
    assert done.returncode == OK, done.stderr
    assert len(lines_of(done.stdout)) > 10


async def test_an_exception_ends_it_with_its_message(tickcast, recordings, tmp_path):
    data = tmp_path / "data"
    tickcast("import", recordings / "trades/bitstamp_btcusd_bitcoincharts.csv", "--directory", data, within=120)
    done = tickcast("backtest", ILL, "--directory", data, *given({"does": "throw", "symbol": "BTCUSD"}))
    assert done.returncode == FAILED
    assert "the tenth trade, as asked" in done.stderr and "1 errors" in done.stderr
    assert len(lines_of(done.stdout)) == 9


async def test_what_cannot_begin_says_why(tickcast, recordings, tmp_path):
    data = tmp_path / "data"
    tickcast("import", recordings / "bars_1d/spx_1d.csv", "--directory", data)
    for arguments, why in (
            ([CROSS, "--directory", data, "--param", "symbol=SPX", "--param", "fast=smaa(1)"], "smaa"),
            (["nothing", "--directory", data], "neither a library nor a plugin"),
            ([CROSS, "--param", "symbol=SPX"], "--directory"),
            ([CROSS, "--directory", data, "--from", "yesterday"], "is no time")):
        done = tickcast("backtest", *arguments)
        assert done.returncode == USAGE and why in done.stderr, done.stderr
    gone = tickcast("backtest", CROSS, "--directory", tmp_path / "nowhere", "--param", "symbol=SPX")
    assert gone.returncode == FAILED


async def test_daily_bars_are_played_with_their_indicators(tickcast, recordings, tmp_path):
    data = tmp_path / "data"
    tickcast("import", recordings / "bars_1d/spx_1d.csv", "--directory", data)
    parameters = {"does": "bars", "symbol": "SPX", "interval": "1d", "calls": '["sma(3)"]'}
    done = tickcast("backtest", CURIOUS, "--directory", data, *given(parameters))
    rows = lines_of(done.stdout)
    assert done.returncode == OK and len(rows) > 100, done.stderr
    closes = [float(row["data"]["close"]) for row in rows]
    for at in (2, 50, len(rows) - 1):
        assert abs(float(rows[at]["data"]["closed_values"][0][0]) - sum(closes[at - 2:at + 1]) / 3) < 1e-6
    # Told when the day is over, never before.
    assert all(row["time"] == row["data"]["time"] + 86_400 * 10**9 for row in rows)


async def test_ctrl_c_stops_it_and_keeps_what_was_written(tickcast, recordings, tmp_path):
    data = tmp_path / "data"
    tickcast("import", recordings / "trades/bitstamp_btcusd_bitcoincharts.csv", "--directory", data, within=120)
    command = [BINARY, "backtest", ILL, "--directory", data, "--to", "2100-01-01", "--json",
               *given({"does": "flood", "symbol": "BTCUSD", "rate": 100})]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=10 * SLOWED)
    assert process.returncode == INTERRUPTED, errors
    summary = json.loads(errors.splitlines()[-1])
    assert summary["interrupted"] and summary["messages"] == len(lines_of(out)) > 0
