"""The egress XPUB, read by pyzmq subscribers."""
import socket

import pytest

from harness.egress import Subscriber
from harness.feed import Pusher, curve_client, curve_keys
from harness.server import SLOWED, Server
from harness.waiting import until


@pytest.fixture
def egress(server):
    return server.started["egress"]


async def written(server, topic, seq):
    await until(lambda: server.topics().get(topic, {}).get("seq", 0) >= seq, lambda: f"seq {seq} of {topic}")


def seqs(bodies):
    return [body["seq"] for body in bodies]


async def test_a_subscriber_gets_the_snapshot_then_every_update(server, egress, feed):
    first = feed.trade("BTC", price="61234.5", size="0.004")
    await written(server, "trade.BTC", 1)
    with Subscriber(egress, "trade.BTC ") as subscriber:
        snapshot, = await subscriber.heard("trade.BTC", "snapshot")
        assert snapshot["topic"] == "trade.BTC" and snapshot["seq"] == 1
        assert snapshot["data"]["trades"] == [
            {"time": first["time"], "price": 61234.5, "size": 0.004, "side": "buy", "id": first["id"]}]
        assert snapshot["data"]["feed"]["name"] == "pull"
        sent = feed.trades("BTC", 500)
        updates = await subscriber.heard("trade.BTC", "update", 500)
        assert seqs(updates) == list(range(2, 502))
        assert {body["epoch"] for body in updates} == {snapshot["epoch"]}
        assert [body["data"]["time"] for body in updates] == [each["time"] for each in sent], "nanoseconds"
        assert subscriber.topics() == {"trade.BTC "}


async def test_the_delimiter_tells_a_topic_from_those_that_begin_with_it(egress, feed):
    with Subscriber(egress, "trade.BTC ") as one, Subscriber(egress, "trade.BTC") as all_of_them:
        feed.trade("BTC")
        feed.trade("BTCUSDT")
        await all_of_them.heard("trade.BTCUSDT", None)
        await all_of_them.heard("trade.BTC", None)
        feed.trade("BTCUSDT")
        feed.trade("BTC")
        await one.heard("trade.BTC", "update")
        assert one.topics() == {"trade.BTC "}
        assert all_of_them.topics() == {"trade.BTC ", "trade.BTCUSDT "}


async def test_quotes_bars_and_events_have_the_fields_of_the_client_protocol(server, egress, feed):
    quote = feed.quote("BTC")
    feed.trade("BTC")
    feed.event("monitor.cpu", {"load": 0.5, "cores": [1, 2]})
    await written(server, "monitor.cpu", 1)
    await written(server, "trade.BTC", 1)
    with Subscriber(egress, "quote.BTC ", "bar.1m.BTC ", "monitor.cpu ") as subscriber:
        snapshot, = await subscriber.heard("quote.BTC", "snapshot")
        assert {k: snapshot["data"][k] for k in ("time", "bid", "ask")} == {
            "time": quote["time"], "bid": 100.4, "ask": 100.6}
        bars, = await subscriber.heard("bar.1m.BTC", "snapshot")
        assert bars["data"]["bars"][0]["trades"] == 1 and bars["data"]["bars"][0]["time"] % 60_000_000_000 == 0
        event, = await subscriber.heard("monitor.cpu", "snapshot")
        assert event["data"]["last"] == {"load": 0.5, "cores": [1, 2]}
        feed.event("monitor.cpu", {"load": 0.75})
        update, = await subscriber.heard("monitor.cpu", "update")
        assert update["data"] == {"load": 0.75} and update["seq"] == 2 and update["epoch"] == event["epoch"]


async def test_topics_that_come_to_be_later_are_passed_on(egress, feed):
    with Subscriber(egress, "trade.NEW ", "monitor.") as subscriber, Subscriber(egress, "") as everything:
        feed.trade("OLD")
        await everything.heard("trade.OLD", None)
        feed.trades("NEW", 3)
        feed.event("monitor.new", {"x": 1})
        await until(lambda: seqs(subscriber.of("trade.NEW"))[-1:] == [3], lambda: f"{subscriber.messages}")
        await subscriber.heard("monitor.new", None)
        await until(lambda: seqs(everything.of("trade.NEW"))[-1:] == [3], lambda: f"{everything.messages}")
        assert {"trade.OLD ", "trade.NEW ", "monitor.new ", "feed.pull "} <= everything.topics()


async def test_a_second_subscriber_gets_the_snapshot_too(server, egress, feed):
    feed.trades("BTC", 2)
    await written(server, "trade.BTC", 2)
    with Subscriber(egress, "trade.BTC ") as first:
        await first.heard("trade.BTC", "snapshot")
        feed.trade("BTC")
        await first.heard("trade.BTC", "update")
        with Subscriber(egress, "trade.BTC ") as second:
            snapshot, = await second.heard("trade.BTC", "snapshot")
            assert snapshot["seq"] == 3 and len(snapshot["data"]["trades"]) == 3
        with Subscriber(egress, "trade.") as third:
            snapshot, = await third.heard("trade.BTC", "snapshot")
            assert snapshot["seq"] == 3
    await until(lambda: server.metric("tickcast_egress_topics") == 0, "nobody subscribes any longer")
    assert server.metric("tickcast_egress_subscriptions") == 0


async def test_nobody_subscribing_costs_no_message(server, egress, feed):
    feed.trades("BTC", 100)
    with Subscriber(egress, "trade.ETH ") as other:
        await until(lambda: server.metric("tickcast_egress_topics") == 1, "a subscription")
        feed.trades("BTC", 100)
        feed.trade("ETH")
        await other.heard("trade.ETH", "update")
    assert server.metric("tickcast_egress_messages_total") <= 2


async def test_a_deaf_subscriber_loses_and_is_counted_and_the_other_loses_nothing(start_server):
    server = start_server({"egress": {"hwm": 500}})
    total = 60_000
    with Pusher(server.feed_endpoint()) as feed, Subscriber(server.started["egress"], "trade.BTC ") as good, \
            Subscriber(server.started["egress"], "trade.", hwm=10) as deaf:
        feed.trade("BTC")
        await good.heard("trade.BTC", None)
        await until(lambda: server.metric("tickcast_egress_subscriptions") == 2, "two subscriptions")
        sent = 1
        while sent < total:
            feed.trades("BTC", 200)
            sent += 200
            await until(lambda: good.of("trade.BTC")[-1]["seq"] >= sent, lambda: f"{sent}, came {good.messages[-1]}",
                        10 * SLOWED)
        numbers = [body["seq"] for body in good.of("trade.BTC") if body["type"] == "update"]
        assert numbers == list(range(numbers[0], sent + 1)), "the good one loses nothing"
        drops, full = server.metric("tickcast_egress_drops_total"), server.metric("tickcast_egress_full_total")
        assert full >= 1 and server.metric("tickcast_egress_behind") == 1
        # What the deaf one finds when it listens again: its queue, and a hole that it sees by itself.
        await until(lambda: deaf.quiet_for(0.3) or not deaf.read(), "the deaf one has read all")
        got = len(deaf.of("trade.BTC", "update"))
        await until(lambda: server.metric("tickcast_egress_behind") == 0, "all keep up again")
        feed.trade("BTC")
        await until(lambda: deaf.of("trade.BTC")[-1]["seq"] == sent + 1, lambda: f"{deaf.messages[-1]}")
        lost = len(numbers) - got
        assert 0 < lost <= drops, "no message is lost that is not counted"
        assert drops - lost <= 500, f"{drops} counted, {lost} lost"
        held = seqs(deaf.of("trade.BTC", "update"))
        assert held == sorted(set(held)) and held[-1] - held[0] + 1 - len(held) > 0, "it sees the hole"


async def test_curve_lets_in_who_is_on_the_list_alone(start_server):
    server_public, server_secret = curve_keys()
    friend, stranger = curve_keys(), curve_keys()
    server = start_server({"egress": {"curve_secret_key": server_secret, "curve_public_key": server_public,
                                      "curve_client_keys": [friend[0]]}})
    endpoint = server.started["egress"]
    with Pusher(server.feed_endpoint()) as feed:
        feed.trade("BTC")
        await written(server, "trade.BTC", 1)
        with Subscriber(endpoint, "trade.", curve=curve_client(server_public, *friend)) as good, \
                Subscriber(endpoint, "trade.", curve=curve_client(server_public, *stranger)) as bad, \
                Subscriber(endpoint, "trade.") as plain:
            await good.heard("trade.BTC", "snapshot")
            await until(lambda: server.metric("tickcast_curve_keys_refused_total") >= 1, "a refused key")
            feed.trades("BTC", 10)
            await good.heard("trade.BTC", "update", 10)
            assert bad.quiet_for(0.5) and plain.quiet_for(0.1)


async def test_a_server_that_is_started_again_begins_a_new_epoch(start_server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {"egress": {"endpoint": f"tcp://127.0.0.1:{port}"}}
    first = start_server(config)
    with Subscriber(first.started["egress"], "trade.") as subscriber:
        with Pusher(first.feed_endpoint()) as feed:
            feed.trade("BTC")
            await subscriber.heard("trade.BTC", None)
        assert first.stop() == 0
        second = start_server(config)
        with Pusher(second.feed_endpoint()) as feed:
            feed.trade("BTC")
            await until(lambda: len({body["epoch"] for body in subscriber.of("trade.BTC")}) == 2,
                        lambda: f"a new epoch: {subscriber.messages}")


async def test_a_port_that_is_taken_is_said_at_the_start(server, egress, tmp_path):
    other = Server(tmp_path / "other", {"egress": {"endpoint": egress}})
    other.launch()
    assert other.wait() != 0
    assert "egress: cannot bind" in other.log and "holds this port" in other.log


async def test_no_endpoint_is_no_egress(start_server):
    server = start_server({"egress": {"endpoint": ""}})
    assert "egress" not in server.started
    assert not [name for name, _ in server.metrics() if name.startswith("tickcast_egress")]


async def test_hostile_subscriptions_harm_nobody(server, egress, feed):
    feed.trade("BTC")
    await written(server, "trade.BTC", 1)
    with Subscriber(egress, "trade.BTC ") as good, Subscriber(egress) as hostile:
        for prefix in ("x" * 500, "trade.BTC x", "no topic ", " ", "\x00\x01\xff", "*", *(f"p{i}" for i in range(3000))):
            hostile.subscribe(prefix)
        for _ in range(200):
            hostile.subscribe("trade.")
        await good.heard("trade.BTC", "snapshot")
        await hostile.heard("trade.BTC", "snapshot")
        feed.trades("BTC", 5)
        await until(lambda: seqs(good.of("trade.BTC"))[-1] == 6, lambda: f"{good.messages}")
    await until(lambda: server.metric("tickcast_egress_topics") == 0, "all are gone")
    assert server.running
