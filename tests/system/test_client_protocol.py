"""What every client of protocol v1 is promised, in both encodings."""
import asyncio
import threading
from decimal import Decimal

import pytest

from harness.client import Client, Refused, number
from harness.raw_client import RawClient
from harness.waiting import until


async def test_connect_tells_client_ping_and_version(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        data = await client.command("connect")
        assert isinstance(data["client"], str) and data["client"]
        assert data["ping_ms"] == 25000
        assert data["version"].count(".") == 2
        assert "user" not in data


async def test_two_clients_have_different_names(server):
    async with await Client.open(server.ws) as one, await Client.open(server.ws) as two:
        assert (await one.command("connect"))["client"] != (await two.command("connect"))["client"]


async def test_subscribing_needs_no_connect_when_anonymous_clients_are_allowed(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        positions = await client.subscribe("trade.BTCUSDT")
        assert [entry["topic"] for entry in positions] == ["trade.BTCUSDT"]


async def test_a_reply_gives_positions_in_the_order_asked(server, feed, encoding):
    feed.trades("BTCUSDT", 3)
    async with await Client.open(server.ws, encoding) as client:
        await until(lambda: "trade.BTCUSDT" in server.topics(), "the first topic")
        topics = ["trade.NOBODY", "trade.BTCUSDT", "bar.1m.BTCUSDT"]
        positions = await client.subscribe(*topics)
        assert [entry["topic"] for entry in positions] == topics
        assert positions[0]["seq"] == 0
        assert positions[1]["seq"] == 3 and positions[1]["epoch"]


async def test_the_reply_comes_before_the_snapshot(server, feed, encoding):
    feed.trade("BTCUSDT")
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("trade.BTCUSDT")
        assert [frame["type"] for frame in client.frames[:2]] == ["reply", "snapshot"]


async def test_a_topic_nobody_writes_has_seq_0_and_an_empty_snapshot(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("trade.NOBODY", "quote.NOBODY", "bar.1s.NOBODY", "monitor.nothing")
        for topic, empty in (("trade.NOBODY", "trades"), ("bar.1s.NOBODY", "bars")):
            snapshot, = client.topic(topic).snapshots
            assert snapshot["seq"] == 0
            assert not snapshot["data"].get(empty)
        assert "bid" not in client.topic("quote.NOBODY").snapshots[0]["data"]
        assert "last" not in client.topic("monitor.nothing").snapshots[0]["data"]


async def test_a_waiting_topic_begins_when_it_is_first_written(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("trade.LATER", "monitor.later")
        sent = feed.trade("LATER")
        feed.event("monitor.later", {"load": 1})
        for topic in ("trade.LATER", "monitor.later"):
            await until(lambda: client.topic(topic).seq == 1, f"seq 1 of {topic}")
        last = client.topic("trade.LATER").frames[-1]
        trade = last["data"] if last["type"] == "update" else last["data"]["trades"][-1]
        assert trade["time"] == sent["time"] // 1000


async def test_a_trade_arrives_with_every_field_and_exact_numbers(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("trade.X")
        feed.trade("X")
        await until(lambda: client.topic("trade.X").seq == 1, "the first trade")
        feed.trade("X", price="61234.50", size="0.0040", time=1723075200123456789, side="sell", id=3941)
        feed.trade("X", price="123456789012.123456", size="0.000000000001", time=1723075200123456789, side=None, id="a-7")
        await until(lambda: client.topic("trade.X").seq == 3, "three trades")
        first, second = client.topic("trade.X").updates[-2:]
        assert first["data"] == {"time": 1723075200123456, "price": Decimal("61234.5"), "size": Decimal("0.004"),
                                 "side": "sell", "id": 3941}
        assert number(second["data"]["price"]) == Decimal("123456789012.123456")
        assert number(second["data"]["size"]) == Decimal("0.000000000001")
        assert second["data"]["id"] == "a-7"
        assert "side" not in second["data"]


async def test_a_trade_snapshot_has_the_last_50_and_the_day(server, feed, encoding):
    prices = [str(100 + n) for n in range(60)]
    for price in prices:
        feed.trade("X", price=price, size="0.1")
    async with await Client.open(server.ws, encoding) as client:
        await until(lambda: server.topics().get("trade.X", {}).get("seq") == 60, "60 trades")
        await until(lambda: server.metric("tickcast_feed_state", feed="pull", state="live"), "a live feed")
        await client.subscribe("trade.X")
        data = client.topic("trade.X").snapshots[0]["data"]
        assert [number(trade["price"]) for trade in data["trades"]] == [Decimal(price) for price in prices[-50:]]
        day = {key: number(data["day"][key]) for key in ("open", "high", "low", "volume", "trades")}
        assert day == {"open": 100, "high": 159, "low": 100, "volume": 6, "trades": 60}
        assert data["feed"]["name"] == "pull" and data["feed"]["state"] == "live"
        assert not data["feed"].get("simulated")


async def test_yesterdays_last_price_is_todays_previous_close(server, feed, encoding):
    day_ns = 86_400 * 10**9
    feed.trade("X", price="90", time=1723075200 * 10**9 - day_ns)
    feed.trade("X", price="95", time=1723075200 * 10**9)
    async with await Client.open(server.ws, encoding) as client:
        await until(lambda: server.topics().get("trade.X", {}).get("seq") == 2, "2 trades")
        await client.subscribe("trade.X")
        day = client.topic("trade.X").snapshots[0]["data"]["day"]
        assert number(day["previous_close"]) == 90 and number(day["open"]) == 95


async def test_quotes_arrive_and_stand_in_the_snapshot(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as later:
        await client.subscribe("quote.X")
        feed.quote("X")
        await until(lambda: client.topic("quote.X").seq == 1, "the first quote")
        sent = feed.quote("X", bid="100.45", ask=None, ask_size=None)
        await until(lambda: client.topic("quote.X").seq == 2, "the second quote")
        await later.subscribe("quote.X")
        for data in (client.topic("quote.X").frames[-1]["data"], later.topic("quote.X").snapshots[0]["data"]):
            assert data["time"] == sent["time"] // 1000
            assert number(data["bid"]) == Decimal("100.45") and number(data["bid_size"]) == 2
            assert number(data["ask_size"]) == 0


async def test_bars_form_from_trades_in_event_time(server, feed, encoding):
    second_ns, start_ns = 10**9, 1723075200 * 10**9
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("bar.1s.X")
        for offset, price in ((0, "10"), (0.2, "12"), (0.4, "9"), (0.9, "11"), (1.5, "20")):
            feed.trade("X", price=price, size="0.1", time=start_ns + int(offset * second_ns))

        def closed_bars():
            log = client.topic("bar.1s.X")
            seen = [bar for frame in log.snapshots for bar in frame["data"].get("bars", [])]
            return [bar for bar in seen + [frame["data"] for frame in log.updates]
                    if bar["closed"] and bar["trades"] == 4]

        first = (await until(closed_bars, "a closed bar"))[0]
        assert first["time"] == start_ns // 1000
        figures = [number(first[key]) for key in ("open", "high", "low", "close", "volume", "trades")]
        assert figures == [10, 12, 9, 11, Decimal("0.4"), 4]


async def test_an_event_topic_carries_any_json(server, feed, encoding):
    data = {"text": "zażółć \"gęślą\" \u0007", "list": [1, 2.5, None, True, {"deep": []}], "big": 2**53}
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as later:
        await client.subscribe("signal.demo")
        feed.event("signal.demo", 0)
        await until(lambda: client.topic("signal.demo").seq == 1, "the first event")
        feed.event("signal.demo", data)
        await until(lambda: client.topic("signal.demo").seq == 2, "the second event")
        assert client.topic("signal.demo").frames[-1]["data"] == data
        await later.subscribe("signal.demo")
        assert later.topic("signal.demo").snapshots[0]["data"]["last"] == data


async def test_joining_in_the_middle_gives_snapshot_then_updates_without_hole_or_double(start_server, feed_of, encoding):
    """Clients join one after the other while trades stream in; each sees one unbroken count to the end."""
    server = start_server({"limits": {"queue_bytes": 2**26}})
    all_joined = threading.Event()

    def stream():
        with feed_of(server) as feed:
            count = 0
            while not all_joined.wait(0.002):
                count += len(feed.trades("X", 10, size="1"))
            return count

    streaming = asyncio.get_running_loop().run_in_executor(None, stream)
    clients = []
    try:
        for _ in range(30):
            clients.append(await Client.open(server.ws, encoding))
            await clients[-1].subscribe("trade.X")
    finally:
        all_joined.set()
    total = await streaming
    joined = []
    for client in clients:
        log = client.topic("trade.X")
        await until(lambda: log.seq == total, lambda: f"seq {total}, stands at {log.seq}", within=30)
        while log.frames[0]["seq"] == 0:  # joined before the first trade: empty snapshots stand before the count
            del log.frames[0]
        joined.append(log.frames[0]["seq"])
        seen = [frame["data"]["id"] for frame in log.updates]
        if log.snapshots:
            log.check_unbroken()
            seen.insert(0, log.snapshots[0]["data"]["trades"][-1]["id"])
        assert seen == list(range(seen[0], total + 1))
        await client.close()
    assert len({seq for seq in joined if 0 < seq < total}) > 10, f"too few joined in the middle of {total}: {joined}"


async def test_an_unsubscribed_topic_is_silent_and_can_be_subscribed_again(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as witness:
        await client.subscribe("trade.X")
        await witness.subscribe("trade.X")
        feed.trade("X")
        await until(lambda: client.topic("trade.X").seq == 1, "the first trade")
        await client.command("unsubscribe", topics=["trade.X"])
        frames = len(client.topic("trade.X").frames)
        feed.trades("X", 5)
        await until(lambda: witness.topic("trade.X").seq == 6, "the witness' trades")
        await client.command("ping")
        assert len(client.topic("trade.X").frames) == frames
        positions = await client.subscribe("trade.X")
        assert positions[0]["seq"] == 6


async def test_nothing_is_left_of_clients_that_are_gone(server, feed):
    feed.trade("X")
    for _ in range(3):
        clients = [await Client.open(server.ws) for _ in range(20)]
        for client in clients:
            await client.subscribe("trade.X", "bar.1s.X", "monitor.a", "trade.NOBODY")
        for client in clients[::2]:
            client.socket.transport.abort()
        for client in clients[1::2]:
            await client.close()
    await until(lambda: sum(entry["subscribers"] for entry in server.topics().values()) == 0,
                "no subscribers of anything")


async def test_ping_is_answered(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        assert await client.command("ping") == {}


async def test_commands_are_answered_once_each_in_order(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        answers = await asyncio.gather(*(client.command("ping") for _ in range(20)))
        assert answers == [{}] * 20
        assert [frame["id"] for frame in client.frames] == list(range(1, 21))


async def test_an_app_ping_comes_when_nothing_else_was_sent(start_server, encoding):
    server = start_server({"listen": {"ping_ms": 300, "pong_ms": 200}})
    async with await Client.open(server.ws, encoding) as client:
        assert (await client.command("connect"))["ping_ms"] == 300
        await until(lambda: sum(frame["type"] == "ping" for frame in client.frames) >= 3, "three app pings")
        await client.send({"type": "pong"})
        await client.command("ping")


def test_a_client_that_answers_no_pong_is_closed_with_3012(start_server):
    server = start_server({"listen": {"ping_ms": 300, "pong_ms": 200}})
    with RawClient(server.ws) as client:
        client.upgrade()
        assert client.read_close() == 3012
    assert server.metric("tickcast_client_pongs_missed_total") == 1


@pytest.mark.parametrize("options", [{"mode": "latest"}, {"mode": 7}])
async def test_a_mode_that_does_not_exist_yet_is_refused(server, encoding, options):
    async with await Client.open(server.ws, encoding) as client:
        with pytest.raises(Refused) as refusal:
            await client.command("subscribe", topics=["trade.X"], **options)
        assert refusal.value.code == 107 and not refusal.value.temporary
        assert "every" in refusal.value.message


async def test_json_and_messagepack_clients_see_the_same(server, feed):
    async with await Client.open(server.ws, "json") as text, await Client.open(server.ws, "msgpack") as binary:
        for client in (text, binary):
            await client.subscribe("trade.X", "quote.X", "bar.1s.X", "signal.s")
        for n in range(50):
            feed.trade("X", price=str(100 + n / 8), size="0.1")
            feed.quote("X", bid=str(99 + n / 8))
            feed.event("signal.s", {"n": n, "half": n / 2})
        for client in (text, binary):
            await until(lambda: client.topic("trade.X").seq == 50 and client.topic("quote.X").seq == 50
                        and client.topic("signal.s").seq == 50, "everything")
        for topic in ("trade.X", "quote.X", "signal.s"):
            assert text.topic(topic).frames[-40:] == binary.topic(topic).frames[-40:]
