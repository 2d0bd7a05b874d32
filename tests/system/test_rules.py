"""What the rules give in part or late, by name and by pattern, and what topic classes keep: real clients of both encodings."""
import json
import time

import pytest

from harness.client import Client, Refused
from harness.server import http_get
from harness.tokens import secret_file, token
from harness.waiting import until

ALL = ["subscribe", "history"]
DELAY_S = 2


def rule(name, outcome, topics, **more):
    return {"name": name, "outcome": outcome, "topics": topics, "actions": ALL, **more}


@pytest.fixture
def start(start_server, tmp_path):
    def run(rules=(), classes=()):
        auth = {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)}}
        return start_server({"auth": auth, "rule": list(rules), "topic_class": list(classes)})
    return run


async def refused(client, code, kind, **data):
    with pytest.raises(Refused) as refusal:
        await client.command(kind, **data)
    assert refusal.value.code == code, refusal.value


def strings_in(frames):
    return json.dumps(frames, default=str)


async def test_a_masked_field_is_in_no_frame_of_any_kind(start, feed_of, encoding):
    server = start(rules=[rule("part", "allow", ["trade.*", "bar.*", "news.*"], fields=["time", "price", "close", "head"])])
    with feed_of(server) as feed:
        feed.trade("A", size="777.25")
        feed.event("news.a", {"head": "up", "body": "secret"})
        await until(lambda: {"trade.A", "news.a"} <= set(server.topics()), "the topics")
        async with await Client.open(server.ws, encoding) as client:
            await client.subscribe("trade.A", "bar.1m.A", "news.a")
            feed.trade("A", size="777.25")
            feed.event("news.a", {"head": "down", "body": "secret"})
            updates = await client.updates("trade.A", 1) + await client.updates("news.a", 1)
            await client.updates("bar.1m.A", 1)
            history = await client.command("history", topic="trade.A")
            bars = await client.command("history", topic="bar.1m.A")
            assert set(updates[0]["data"]) == set(history["trades"][0]) == {"time", "price"}
            assert updates[1]["data"] == {"head": "down"}
            assert client.topic("news.a").snapshots[0]["data"]["last"] == {"head": "up"}
            assert set(bars["bars"][0]) == {"time", "close"}
            assert "777.25" not in strings_in(client.frames) and "secret" not in strings_in(client.frames)
        trades = http_get(server.http + "/api/v1/trades?symbol=A").json
        assert set(trades["trades"][0]) == {"time", "price"}
        columns = http_get(server.http + "/api/v1/bars?symbol=A&interval=1m&fields=value,trades").json
        assert {"time", "close"} <= set(columns) and not {"open", "high", "low", "volume", "value", "trades"} & set(columns)
        for path in ("/udf/history?symbol=A&resolution=1&from=0&to=9999999999",
                     "/api/v1/indicators?symbol=A&interval=1m&functions=sma(1)"):
            assert http_get(server.http + path).status == 403, path


async def test_who_has_all_fields_is_not_touched_by_who_has_not(start, feed_of, encoding):
    server = start(rules=[rule("part", "allow", ["trade.*"], fields=["price"], who="anonymous")])
    with feed_of(server) as feed:
        async with await Client.open(server.ws, encoding) as part, await Client.open(server.ws, encoding) as whole:
            await whole.command("connect", token=token())
            for client in (part, whole):
                await client.subscribe("trade.A")
            feed.trades("A", 5)
            for client, fields in ((part, {"price"}), (whole, {"time", "price", "size", "side", "id"})):
                updates = await client.updates("trade.A", 5)
                assert all(set(each["data"]) == fields for each in updates)
                assert [each["seq"] for each in updates] == [1, 2, 3, 4, 5]


async def test_a_delayed_client_gets_what_a_live_one_had(start, feed_of, encoding):
    server = start(rules=[rule("late", "delayed", ["trade.A"], delay_ms=DELAY_S * 1000, who="anonymous")])
    with feed_of(server) as feed:
        async with await Client.open(server.ws, encoding) as late, await Client.open(server.ws, encoding) as live:
            reply = await late.subscribe("trade.A")
            assert (reply[0]["delayed_ms"], reply[0]["epoch"]) == (DELAY_S * 1000, "")
            assert late.topic("trade.A").snapshots[0]["delayed_ms"] == DELAY_S * 1000
            await live.command("connect", token=token())
            await live.subscribe("trade.A")
            sent = time.monotonic()
            feed.trades("A", 2)
            had = await live.updates("trade.A", 2)
            assert not late.topic("trade.A").updates
            assert await late.updates("trade.A", 2) == had
            assert time.monotonic() - sent >= DELAY_S
            assert late.topic("trade.A").snapshots[-1]["epoch"] != ""
    assert server.metric("tickcast_delayed_waiting") == 0
    assert server.metric("tickcast_delayed_dropped_total") == 0


async def test_history_ends_where_the_delay_begins(start, feed_of, encoding):
    server = start(rules=[rule("late", "delayed", ["*"], delay_ms=3_600_000)])
    now, old = time.time_ns(), time.time_ns() - 2 * 3_600_000_000_000
    with feed_of(server) as feed:
        feed.trade("A", price="11.5", time=old)
        feed.trade("A", price="99.5", time=now)
        await until(lambda: "trade.A" in server.topics(), "the topic")
        async with await Client.open(server.ws, encoding) as client:
            trades = await client.command("history", topic="trade.A")
            assert [str(each["price"]) for each in trades["trades"]] == ["11.5"]
            assert (trades["epoch"], trades["seq"], trades["delayed_ms"]) == ("", 0, 3_600_000)
            bars = await client.command("history", topic="bar.1m.A")
            assert [str(each["close"]) for each in bars["bars"]] == ["11.5"]
            await client.command("history", topic="bar.1d.A")  # the day that is not over holds what is new
            assert "99.5" not in strings_in(client.frames)
        paths = ["/api/v1/trades?symbol=A", f"/api/v1/trades?symbol=A&from={now // 1000 - 10}", "/api/v1/bars?symbol=A&interval=1m",
                 "/api/v1/bars?symbol=A&interval=1d", "/api/v1/indicators?symbol=A&interval=1m&functions=sma(1)",
                 "/udf/history?symbol=A&resolution=1&from=0&to=9999999999", "/udf/history?symbol=A&resolution=1D&from=0&to=9999999999"]
        answers = [http_get(server.http + path) for path in paths]
        assert {answer.status for answer in answers} == {200}
        assert all("99.5" not in answer.text for answer in answers)
        assert answers[0].json["next"] is None and answers[0].json["seq"] == 0
        for path in ("/api/v1/quote?symbol=A", "/api/v1/bars?symbol=A&interval=100t"):
            assert http_get(server.http + path).status == 403, path


async def test_a_pattern_brings_what_comes_and_never_what_is_denied(start, feed_of, encoding):
    server = start(rules=[rule("secret", "deny", ["*.BTCSECRET*"]), rule("part", "allow", ["trade.BTCPART"], fields=["price"])])
    with feed_of(server) as feed:
        for symbol in ("BTCUSDT", "BTCSECRET", "ETHUSDT"):
            feed.trade(symbol)
        await until(lambda: len([name for name in server.topics() if name.startswith("trade.")]) == 3, "the topics")
        async with await Client.open(server.ws, encoding) as client:
            reply = await client.command("subscribe", topics=["trade.BTC*"])
            assert reply["patterns"] == [{"pattern": "trade.BTC*", "topics": ["trade.BTCUSDT"]}]
            for symbol in ("BTCSECRET", "BTCSECRET2", "ETHUSDT", "BTCEUR", "BTCPART", "BTCUSDT"):
                feed.trades(symbol, 2)
            await client.updates("trade.BTCUSDT", 2)
            for symbol in ("BTCEUR", "BTCPART"):
                await until(lambda: client.topic(f"trade.{symbol}").seq == 2, f"trade.{symbol}")
            assert set(client.topics) == {"trade.BTCUSDT", "trade.BTCEUR", "trade.BTCPART"}
            assert "size" not in strings_in(client.topic("trade.BTCPART").frames)
            client.topic("trade.BTCUSDT").check_unbroken()
            await client.command("unsubscribe", topics=["trade.BTC*"])
            await refused(client, 102, "unsubscribe", topics=["trade.BTC*"])
            before = len(client.frames)
            feed.trades("BTCUSDT", 3)
            await client.subscribe("trade.ETHUSDT")
            assert [frame["type"] for frame in client.frames[before:]] == ["reply", "snapshot"]


async def test_lists_show_what_one_may_have(start, feed_of):
    server = start(rules=[rule("gone", "deny", ["*.GOLD"]), rule("bars", "deny", ["trade.HALF", "quote.HALF"]),
                          rule("late", "delayed", ["*.LATE"])])
    with feed_of(server) as feed:
        for symbol in ("GOLD", "HALF", "LATE", "FREE"):
            feed.trade(symbol)
        await until(lambda: len([name for name in server.topics() if name.startswith("trade.")]) == 4, "the topics")
        listed = http_get(server.http + "/api/v1/instruments").json["instruments"]
        assert [each["symbol"] for each in listed] == ["FREE", "HALF", "LATE"]
        assert http_get(server.http + "/api/v1/instruments/GOLD").status == 404
        assert http_get(server.http + "/api/v1/instruments/HALF").status == 200
        found = http_get(server.http + "/udf/search?query=&limit=30").json
        assert {each["symbol"] for each in found} == {"FREE", "HALF", "LATE"}


async def test_who_comes_back_goes_on_where_the_class_keeps_it(start, feed_of, encoding):
    server = start(classes=[{"name": "rooms", "topics": ["chat.*"], "history": 3, "recoverable": True}])
    with feed_of(server) as feed:
        async with await Client.open(server.ws, encoding) as away:
            await away.subscribe("chat.a")
            feed.event("chat.a", {"n": 1})
            await away.updates("chat.a", 1)
            epoch = away.topic("chat.a").snapshots[-1]["epoch"]
        for n in range(2, 6):
            feed.event("chat.a", {"n": n})
        async with await Client.open(server.ws, encoding) as back:
            async def kept():
                return [each["seq"] for each in (await back.command("history", topic="chat.a"))["events"]] == [3, 4, 5]
            await until(kept, "the last three")
            reply = await back.command("subscribe", topics=[{"topic": "chat.a", "epoch": epoch, "seq": 2}])
            assert reply["topics"] == [{"topic": "chat.a", "epoch": epoch, "seq": 5, "recovered": True}]
            assert [each["data"]["n"] for each in await back.updates("chat.a", 3)] == [3, 4, 5]
            assert not back.topic("chat.a").snapshots
            await refused(back, 107, "history", topic="chat.a", to=5)
        async with await Client.open(server.ws, encoding) as late:
            await late.command("subscribe", topics=[{"topic": "chat.a", "epoch": epoch, "seq": 1}])
            await until(lambda: late.topic("chat.a").snapshots, "a snapshot")
            assert late.topic("chat.a").gaps[0]["data"] == {"from": 2, "to": 5, "lost": 4}
    assert server.metric("tickcast_subscriptions_recovered_total") == 1


async def test_a_class_thins_out_and_forgets(start, feed_of, encoding):
    server = start(classes=[{"name": "slow", "topics": ["monitor.slow", "quote.SLOW"], "min_interval_ms": 400},
                            {"name": "once", "topics": ["monitor.once"], "retained": False}])
    with feed_of(server) as feed:
        async with await Client.open(server.ws, encoding) as client:
            await client.subscribe("monitor.slow", "monitor.once", "quote.SLOW")
            for n in range(20):
                feed.event("monitor.slow", n)
                feed.quote("SLOW", bid=str(n + 1))
            feed.event("monitor.once", 7)
            await client.updates("monitor.once", 1)
            slow = await client.updates("monitor.slow", 2)
            quotes = await client.updates("quote.SLOW", 2)
            assert [(each["seq"], each["data"]) for each in slow] == [(1, 0), (2, 19)]
            assert [(each["seq"], each["data"]["bid"]) for each in quotes] == [(1, 1), (2, 20)]
        async with await Client.open(server.ws, encoding) as later:
            await later.subscribe("monitor.once", "monitor.slow")
            assert "last" not in later.topic("monitor.once").snapshots[0]["data"]
            assert later.topic("monitor.slow").snapshots[0]["data"]["last"] == 19
    assert server.metric("tickcast_events_conflated_total") == 18
    assert server.metric("tickcast_quotes_conflated_total") == 18
