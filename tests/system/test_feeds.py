"""Market data in through ZeroMQ: SUB and PULL, several of each, and what a feed may get wrong."""
import time
from decimal import Decimal

import msgpack
import pytest
import zmq

from harness.client import Client, number
from harness.feed import BASE_NS, Publisher, Pusher, Sender, curve_client, curve_keys, curve_server
from harness.server import ANY_PORT, http_get
from harness.waiting import until


def sub_feed(name, *publishers, **options):
    return {"name": name, "kind": "zmq-sub", "endpoint": [publisher.endpoint for publisher in publishers], **options}


def pull_feed(name, **options):
    return {"name": name, "kind": "zmq-pull", "endpoint": ANY_PORT, **options}


async def topic_seq(server, topic, seq):
    await until(lambda: server.topics().get(topic, {}).get("seq", 0) >= seq,
                lambda: f"seq {seq} of {topic}: {server.topics().get(topic)}")
    assert server.topics()[topic]["seq"] == seq


def counter(server, what, feed="pull", **labels):
    return server.metric(f"tickcast_feed_{what}_total", feed=feed, **labels)


@pytest.mark.parametrize("wire", ["json", "msgpack"])
async def test_a_pull_feed_takes_what_pushers_send(server, feed_of, wire):
    with feed_of(server, encoding=wire) as feed, feed_of(server, encoding=wire) as second:
        feed.trades("X", 10)
        await topic_seq(server, "trade.X", 10)
        second.trades("Y", 5)
        await topic_seq(server, "trade.Y", 5)
    assert counter(server, "ticks") == 15


@pytest.mark.parametrize("wire", ["json", "msgpack"])
async def test_a_sub_feed_connects_to_publishers(start_server, wire):
    with Publisher(wire) as one, Publisher(wire) as two:
        server = start_server({"feed": [sub_feed("market", one, two)]})
        for publisher, symbol in ((one, "X"), (two, "Y")):
            publisher.await_subscriber()
            publisher.trades(symbol, 10)
            await topic_seq(server, f"trade.{symbol}", 10)


async def test_several_feeds_of_each_kind_stand_side_by_side(start_server, feed_of):
    with Publisher() as one, Publisher() as two:
        server = start_server({"feed": [sub_feed("s1", one), sub_feed("s2", two, prefix="B:"), pull_feed("p1"),
                                        pull_feed("p2", map={"XBT": "BTC"})]})
        assert [feed["name"] for feed in server.started["feeds"]] == ["s1", "s2", "p1", "p2"]
        for publisher, symbol in ((one, "A"), (two, "A")):
            publisher.await_subscriber()
            publisher.trade(symbol)
        with feed_of(server, "p1") as first, feed_of(server, "p2") as second:
            first.trade("XBT")
            second.trade("XBT")
            for topic in ("trade.A", "trade.B:A", "trade.XBT", "trade.BTC"):
                await topic_seq(server, topic, 1)


@pytest.mark.parametrize("wire", ["json", "msgpack"])
async def test_arrays_and_two_frame_messages_are_taken(server, feed_of, wire):
    with feed_of(server, encoding=wire) as feed:
        trades = [{"type": "trade", "symbol": "X", "time": BASE_NS + n, "price": n + 1, "size": 1, "id": n}
                  for n in range(300)]
        feed.send(trades)
        await topic_seq(server, "trade.X", 300)
        body = {"type": "trade", "symbol": "Y", "time": BASE_NS, "price": 1.25, "size": 1}
        feed.socket.send_multipart([b"trade.Y", msgpack.packb(body) if wire == "msgpack" else
                                    b'{"type":"trade","symbol":"Y","time":%d,"price":1.25,"size":1}' % BASE_NS])
        await topic_seq(server, "trade.Y", 1)
        feed.socket.send_multipart([b"a", b"b", b"c"])
        feed.trade("Y")
        await topic_seq(server, "trade.Y", 2)
        assert counter(server, "refused") >= 1


HOSTILE = {
    "nothing": b"",
    "rubbish": b"rubbish",
    "half_json": b'{"type":"trade"',
    "never_used": b"\xc1",
    "array_that_lies": b"\xdd\xff\xff\xff\xff",
    "deep": b"\x91" * 100_000,
    "deep_json": b"[" * 100_000,
    "a_number": b"7",
    "unknown_type": {"type": "dance", "symbol": "X"},
    "no_type": {"symbol": "X"},
    "not_built_yet": {"type": "book_delta", "symbol": "X", "time": 1, "bids": [], "asks": []},
    "no_symbol": {"type": "trade", "time": 1, "price": 1, "size": 1},
    "bad_symbol": {"type": "trade", "symbol": "X Y", "time": 1, "price": 1, "size": 1},
    "empty_symbol": {"type": "trade", "symbol": "", "time": 1, "price": 1, "size": 1},
    "long_symbol": {"type": "trade", "symbol": "X" * 101, "time": 1, "price": 1, "size": 1},
    "no_price": {"type": "trade", "symbol": "X", "time": 1, "size": 1},
    "text_price": {"type": "trade", "symbol": "X", "time": 1, "price": "dear", "size": 1},
    "infinite_price": {"type": "trade", "symbol": "X", "time": 1, "price": float("inf"), "size": 1},
    "huge_price": {"type": "trade", "symbol": "X", "time": 1, "price": "1" * 30, "size": 1},
    "negative_size": {"type": "trade", "symbol": "X", "time": 1, "price": 1, "size": -1},
    "float_time": {"type": "trade", "symbol": "X", "time": 1.5, "price": 1, "size": 1},
    "text_time": {"type": "trade", "symbol": "X", "time": "2024-08-08", "price": 1, "size": 1},
    "reserved_topic": {"type": "event", "topic": "feed.pull", "data": 1},
    "bad_topic": {"type": "event", "topic": "monitor.", "data": 1},
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_message_is_counted_and_disturbs_nobody(server, feed, body):
    feed.trade("X")
    feed.send(body)
    feed.trade("X")
    await topic_seq(server, "trade.X", 2)
    assert counter(server, "refused") in (1, 2)  # an array nested too deep is refused as a whole and by its element
    assert counter(server, "ticks") == 2
    assert set(server.topics()) <= {"trade.X", "bar.1s.X", "bar.1m.X", "quote.X", "feed.pull", "feed.service"}


async def test_a_refused_element_leaves_its_neighbours_in_the_array(server, feed):
    good = {"type": "trade", "symbol": "X", "time": BASE_NS, "price": 1, "size": 1}
    feed.send([good, {"type": "trade"}, {**good, "time": BASE_NS + 1}, {"type": "dance"}])
    await topic_seq(server, "trade.X", 2)
    assert counter(server, "refused") == 2
    assert counter(server, "refused", reason="missing_field") == 1
    assert counter(server, "refused", reason="unknown_type") == 1


async def test_a_hole_in_feed_seq_sets_the_state_gap_and_is_counted(start_server, feed_of):
    server = start_server({"feed": [pull_feed("pull", stale_ms=0)]})
    async with await Client.open(server.ws) as client:
        feed = feed_of(server)
        await client.subscribe("feed.pull")
        for feed_seq in (1, 2, 3):
            feed.trade("X", feed_seq=feed_seq)
        await topic_seq(server, "trade.X", 3)
        feed.trade("X", feed_seq=7)
        await until(lambda: counter(server, "gaps") == 1, "a counted gap")
        assert counter(server, "gap_lost") == 3

        def states():
            frames = client.topic("feed.pull").frames
            return [(frame["data"] if frame["type"] == "update" else frame["data"].get("last") or {}).get("state")
                    for frame in frames]
        await until(lambda: "gap" in states(), lambda: f"the state gap, came {states()}")
        feed.trade("X", feed_seq=8)
        await topic_seq(server, "trade.X", 5)
        assert counter(server, "gaps") == 1
        await until(lambda: states()[-1] == "live", lambda: f"live again, came {states()}", within=20)
        feed.socket.close()


async def test_a_feed_that_begins_its_count_anew_makes_no_gap(server, feed):
    for feed_seq in (1, 2, 3, 1, 2):
        feed.trade("X", feed_seq=feed_seq)
    await topic_seq(server, "trade.X", 5)
    assert counter(server, "gaps") == 0


async def test_repeated_trades_are_dropped_and_counted(server, feed):
    for trade_id in (1, 2, 2, 3, 1, "a", "a", 4):
        feed.trade("X", id=trade_id)
    feed.trade("Y", id=1)
    await topic_seq(server, "trade.Y", 1)
    await topic_seq(server, "trade.X", 5)
    assert counter(server, "repeated") == 3


async def test_trades_without_an_id_are_all_taken(server, feed):
    for _ in range(3):
        feed.send({"type": "trade", "symbol": "X", "time": BASE_NS, "price": 1, "size": 1})
    await topic_seq(server, "trade.X", 3)


async def test_a_symbol_has_one_owner_by_priority_and_the_other_takes_over(start_server, feed_of):
    server = start_server({"feed": [pull_feed("main", priority=2, stale_ms=400),
                                    pull_feed("backup", priority=1, stale_ms=400)]})
    with feed_of(server, "main") as main, feed_of(server, "backup") as backup:
        async with await Client.open(server.ws) as client:
            main.trade("X", price="1")
            await topic_seq(server, "trade.X", 1)
            await client.subscribe("trade.X")
            backup.trade("X", price="2")
            await until(lambda: counter(server, "not_owner", "backup") == 1, "the backup's trade left out")
            assert client.topic("trade.X").seq == 1

            def backup_owns():
                backup.trade("X", price="2")
                return client.topic("trade.X").seq > 1
            await until(backup_owns, "the backup owning X once main is stale")
            assert number(client.topic("trade.X").updates[0]["data"]["price"]) == 2

            def main_owns_again():
                main.trade("X", price="3")
                return any(number(frame["data"]["price"]) == 3 for frame in client.topic("trade.X").updates)
            await until(main_owns_again, "main owning X again")
            owned = counter(server, "not_owner", "backup")
            backup.trade("X", price="2")
            await until(lambda: counter(server, "not_owner", "backup") > owned, "the backup's trade left out again")
            client.topic("trade.X").check_unbroken()


async def test_a_silent_feed_is_stale_and_live_again_with_the_next_tick(start_server, feed_of):
    server = start_server({"feed": [pull_feed("pull", stale_ms=300)]})
    with feed_of(server) as feed:
        async with await Client.open(server.ws) as client:
            await client.subscribe("feed.pull")

            def state():
                last = client.topic("feed.pull").frames[-1]["data"]
                return (last.get("last") or {}).get("state") or last.get("state")
            feed.trade("X")
            await until(lambda: state() == "live", "live")
            await until(lambda: state() == "stale", "stale")
            await client.subscribe("trade.X")
            assert client.topic("trade.X").snapshots[0]["data"]["feed"]["state"] == "stale"
            feed.trade("X")
            await until(lambda: state() == "live", "live again")


async def test_a_symbol_never_seen_becomes_a_topic_with_its_first_tick(server, feed):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.FRESH")
        assert "trade.FRESH" not in server.topics() or server.topics()["trade.FRESH"]["seq"] == 0
        feed.trade("FRESH")
        await until(lambda: client.topic("trade.FRESH").seq == 1, "the first tick")
        symbols = http_get(server.http + "/api/v1/symbols").json["symbols"]
        assert symbols == ["FRESH"]


async def test_bars_made_elsewhere_are_passed_on(server, feed):
    bar = {"type": "bar", "symbol": "X", "interval": "5m", "time": BASE_NS, "open": "1", "high": "3", "low": "0.5",
           "close": "2", "volume": "10", "closed": True}
    async with await Client.open(server.ws) as client:
        await client.subscribe("bar.5m.X")
        feed.send(bar)
        await until(lambda: client.topic("bar.5m.X").seq == 1, "the bar")
        last = client.topic("bar.5m.X").frames[-1]["data"]
        data = last["bars"][-1] if "bars" in last else last
        assert {key: number(data[key]) for key in ("open", "high", "low", "close", "volume")} == {
            "open": 1, "high": 3, "low": Decimal("0.5"), "close": 2, "volume": 10}


async def test_a_curve_feed_takes_only_who_is_on_its_list(start_server):
    server_public, server_secret = curve_keys()
    friend, stranger = curve_keys(), curve_keys()
    server = start_server({"feed": [pull_feed("pull", curve_secret_key=server_secret, curve_public_key=server_public,
                                              curve_client_keys=[friend[0]])]})
    endpoint = server.feed_endpoint()
    with Pusher(endpoint, curve=curve_client(server_public, *friend)) as good, \
            Pusher(endpoint, curve=curve_client(server_public, *stranger)) as bad, Pusher(endpoint) as plain, \
            Pusher(endpoint, curve=curve_client(curve_keys()[0], *friend)) as wrong_server:
        good.trade("X")
        await topic_seq(server, "trade.X", 1)
        for refused in (bad, plain, wrong_server):
            refused.socket.setsockopt(zmq.SNDTIMEO, 700)
            with pytest.raises(zmq.Again):
                refused.trade("Y")
        good.trade("X")
        await topic_seq(server, "trade.X", 2)
        assert "trade.Y" not in server.topics()


async def test_a_curve_key_may_lie_in_a_file_and_a_sub_feed_authenticates_too(start_server, tmp_path):
    (publisher_public, publisher_secret), (our_public, our_secret) = curve_keys(), curve_keys()
    key_file = tmp_path / "secret.key"
    key_file.write_text(our_secret + "\n")
    with Publisher(curve=curve_server(publisher_secret)) as publisher:
        server = start_server({"feed": [sub_feed("market", publisher, curve_server_key=publisher_public,
                                                 curve_public_key=our_public,
                                                 curve_secret_key_file=str(key_file))]})
        publisher.await_subscriber()
        publisher.trade("X")
        await topic_seq(server, "trade.X", 1)


async def test_a_publisher_that_comes_later_is_found(start_server):
    with Publisher() as first:
        endpoint = first.endpoint
    server = start_server({"feed": [{"name": "market", "kind": "zmq-sub", "endpoint": endpoint}]})
    with Publisher(endpoint=endpoint) as late:
        late.await_subscriber()
        late.trade("X")
        await topic_seq(server, "trade.X", 1)


async def test_the_service_socket_publishes_events(server):
    async with await Client.open(server.ws) as client:
        await client.subscribe("monitor.cpu")
        for encoding in ("json", "msgpack"):
            with Sender(zmq.PUSH, encoding) as backend:
                backend.socket.connect(server.started["service_pull"])
                backend.send({"type": "publish", "src": "django", "data": {"topic": "monitor.cpu", "data": {"load": encoding}}})
                await until(lambda: str(client.topic("monitor.cpu").frames[-1]).count(f"'{encoding}'"), encoding)
        assert client.topic("monitor.cpu").seq == 2


async def test_the_service_socket_takes_feed_messages_and_refuses_what_wants_an_answer(server):
    with Sender(zmq.PUSH, "json") as backend:
        backend.socket.connect(server.started["service_pull"])
        backend.send({"type": "users", "src": "django", "data": {}})
        backend.send({"type": "publish", "src": "django", "data": {"topic": "trade.X", "data": 1}})
        backend.send(b"rubbish")
        backend.trade("X")
        await topic_seq(server, "trade.X", 1)
    refused = sum(value for (name, labels), value in server.metrics().items()
                  if name == "tickcast_feed_refused_total" and ("feed", "pull") not in labels)
    assert refused == 3


async def test_a_feed_far_ahead_is_held_back_without_loss(start_server, feed_of):
    """More ticks than may be in flight: the feed stops reading, the sender waits, nothing is lost."""
    server = start_server({"limits": {"in_flight_ticks": 1000}, "feed": [pull_feed("pull", hwm=1000)]})
    total, batch = 100_000, 500
    with feed_of(server) as feed:
        trades = [{"type": "trade", "symbol": f"S{n % 50}", "time": BASE_NS + n, "price": "100.5", "size": "1"}
                  for n in range(batch)]
        packed = msgpack.packb(trades)
        started = time.monotonic()
        for _ in range(total // batch):
            feed.send(packed)
        await until(lambda: counter(server, "ticks") == total, lambda: f"all ticks: {counter(server, 'ticks')}", 60)
        for n in range(50):
            await topic_seq(server, f"trade.S{n}", total // 50)
        assert time.monotonic() - started < 60
