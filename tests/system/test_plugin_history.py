"""What plugins see of the past in the real server: history, revised bars, indicators; in a thread and in a process."""
import asyncio
import json

import pytest

from harness.client import Client
from harness.server import BINARY, SLOWED, http_get
from harness.waiting import until

CURIOUS = BINARY.parent / "tests" / "plugins" / "curious_plugin.so"
SECOND_NS = 10**9
START_NS = 1723075200 * SECOND_NS  # 2024-08-08T00:00:00Z

isolations = pytest.mark.parametrize("isolation", ["thread", "process"])


def curious(isolation="thread", **parameters):
    return {"plugin": [{"name": "curious", "library": str(CURIOUS), "isolation": isolation,
                        "parameters": {key: str(value) for key, value in {"symbol": "X", **parameters}.items()}}]}


def entry(server):
    return {row["name"]: row for row in server.rows("/api/plugins")}["curious"]


async def running(server, handled=1):
    await until(lambda: (it := entry(server))["state"] == "running" and it["handled"] >= handled,
                lambda: f"it runs: {entry(server)}", 15 * SLOWED)


@isolations
async def test_history_joins_to_what_is_live_without_a_hole_or_a_double(start_server, feed_of, isolation):
    server = start_server(curious(isolation, does="join", nth=37))
    await running(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.curious")
        with feed_of(server) as feed:
            for _ in range(40):
                feed.trades("X", 50)
                await asyncio.sleep(0.02)
            answers = await client.updates("signal.curious", 2000 // 37)
    for answer in (each["data"] for each in answers):
        assert answer["error"] == "" and answer["epoch"]
        assert answer["all"] == answer["different"] == answer["last"], answer


@isolations
async def test_indicators_are_those_of_http_also_after_a_late_trade(start_server, feed_of, isolation):
    calls = ["rsi(3)", "macd(3,5,2)", "vwap()"]
    settings = {"bars": {"lateness_ms": 60000, "intervals": ["1s"]}}
    server = start_server({**settings, **curious(isolation, does="bars", interval="1s", calls=json.dumps(calls))})
    await running(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.curious")
        with feed_of(server) as feed:
            for second in range(40):
                feed.trade("X", time=START_NS + second * SECOND_NS, price=str(100 + second * second % 17), size="2")
            feed.trade("X", time=START_NS + 30 * SECOND_NS + 1, price="250", size="3")

            def revised():
                return [each["data"] for each in client.topic("signal.curious").updates if each["data"]["rev"]]
            await until(revised, "the revised bar", 10 * SLOWED)
            word = revised()[0]
            assert word["time"] == START_NS + 30 * SECOND_NS and word["close"] == 250 and word["closed"]
            last = client.topic("signal.curious").updates[-1]["data"]
            reply = http_get(f"{server.http}/api/v1/indicators?symbol=X&interval=1s&limit=1000"
                             f"&functions={','.join(calls)}").json
    assert last["at"] > last["closed_at"] > START_NS + 30 * SECOND_NS
    for at, told in ((last["at"], last["values"]), (last["closed_at"], last["closed_values"])):
        index = reply["time"].index(at // 1000)
        told = [float(value) for values in told for value in values]
        assert told == [column[index] for column in reply["values"].values()] and len(told) == 5


NIGHT = """
[[instrument]]
symbol = "NIGHT"
timezone = "America/Chicago"
sessions = "1700-1600"
"""


@isolations
async def test_vwap_begins_with_the_trading_day_also_in_a_backtest(start_server, feed_of, tickcast, tmp_path, isolation):
    file = tmp_path / "instruments.toml"
    file.write_text(NIGHT)
    parameters = {"does": "bars", "symbol": "NIGHT", "interval": "1s", "calls": '["vwap"]'}
    server = start_server({"instruments": {"file": str(file)}, "bars": {"intervals": ["1s"]},
                           "store": {"retention": {"trade": 0, "quote": 0, "bar": 0}}, **curious(isolation, **parameters)})
    await running(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.curious")
        with feed_of(server) as feed:
            # Midnight UTC, where START_NS is, lies within the session, and so does midnight in Chicago five hours later;
            # it began at 22:00 and ends at 21:00.
            for hours in (-2.5, -1, 0, 5, 20.5, 23, 24.5):
                for second in range(2):
                    feed.trade("NIGHT", time=START_NS + int(hours * 3600 + second) * SECOND_NS,
                               price=str(100 + hours * hours + second), size="2")
        closed = lambda: {each["data"]["closed_at"]: float(each["data"]["closed_values"][0][0])
                          for each in client.topic("signal.curious").updates if each["data"]["closed_at"]}
        await until(lambda: len(closed()) == 13, lambda: f"all bars but the forming one: {closed()}", 10 * SLOWED)
        reply = http_get(f"{server.http}/api/v1/indicators?symbol=NIGHT&interval=1s&limit=100&functions=vwap").json
    wanted = dict(zip([time * 1000 for time in reply["time"]], reply["values"]["vwap"]))
    live = closed()
    assert live == {time: wanted[time] for time in live}
    assert server.stop() == 0
    tested = tickcast("backtest", CURIOUS, "--directory", server.directory / "data", "--set", f"instruments.file={file}",
                      "--set", "bars.intervals=[\"1s\"]", *(part for key, value in parameters.items()
                                                            for part in ("--param", f"{key}={value}")), within=60)
    assert tested.returncode == 0, tested.stderr
    played = [json.loads(line)["data"] for line in tested.stdout.splitlines()]
    assert {row["closed_at"]: row["closed_values"][0][0] for row in played if row["closed"]} == \
        {time: value for time, value in wanted.items() if time in live}


async def test_a_restarted_server_gives_the_stored_past(start_server, feed_of):
    server = start_server({"bars": {"intervals": ["1s"]}})
    with feed_of(server) as feed:
        for second in range(700):
            feed.trade("X", time=START_NS + second * SECOND_NS)
        await until(lambda: server.topics().get("trade.X", {}).get("seq") == 700, "all of them")
    data = server.directory / "data"
    assert server.stop() == 0
    server = start_server({"bars": {"intervals": ["1s"]}, "store": {"directory": str(data)},
                           **curious(does="look", interval="1s")})
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.curious")
        await until(lambda: server.topics().get("signal.curious", {}).get("seq"), "its word")
        found = client.topic("signal.curious")
        await until(lambda: found.frames, "the snapshot")
        said = found.frames[-1]["data"]
        said = said.get("last", said) if "rows" not in said else said
        assert said["rows"] in (699, 700) and said["first"] == START_NS and said["error"] == ""


async def test_a_call_that_is_none_is_unfit_with_a_sentence(start_server):
    library = BINARY.parent / "plugins" / "examples" / "average_cross.so"
    server = start_server({"plugin": [{"name": "curious", "library": str(library),
                                       "parameters": {"symbol": "X", "fast": "smaa(5)"}}]})
    await until(lambda: entry(server)["state"] == "failed", "it is refused")
    assert 'parameter fast is "smaa(5)"' in entry(server)["last_error"] and entry(server)["restarts"] == 0
