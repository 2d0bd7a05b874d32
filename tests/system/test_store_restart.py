"""What is there again after the server was stopped, killed, or killed many times while data poured in."""
import random
import threading
import time

import pytest
import zmq
from harness.client import Client
from harness.feed import BASE_NS, Pusher
from harness.server import SLOWED, http_get
from harness.waiting import until

TOPICS = ("trade.A", "quote.A", "bar.1s.A", "bar.1m.A", "monitor.m")


async def snapshots(server, topics=TOPICS):
    """Data, epoch and seq of each topic, as a client that comes now is told."""
    async with await Client.open(server.ws) as client:
        await client.subscribe(*topics)
        await until(lambda: all(client.topic(topic).snapshots for topic in topics), "all snapshots")
        return {topic: client.topic(topic).snapshots[-1] for topic in topics}


def values(snapshot):
    return {key: value for key, value in snapshot["data"].items() if key != "feed"}


def some_of_everything(feed):
    for n in range(3000):
        feed.trade("A", price=f"{100 + n % 7}.{n % 10}", size=f"0.{1 + n % 9}")
    feed.quote("A", bid="99.5", ask="100.5")
    feed.event("monitor.m", {"load": 0.5})


async def all_taken(server):
    await until(lambda: server.topics().get("monitor.m", {}).get("seq") == 1 and
                server.topics()["trade.A"]["seq"] == 3000 and server.topics()["quote.A"]["seq"] == 1, "all is taken")


async def test_after_an_orderly_end_every_topic_counts_on(start_server, feed_of):
    server = start_server()
    with feed_of(server) as feed:
        some_of_everything(feed)
        await all_taken(server)
        before = await snapshots(server)
    assert len(before["bar.1s.A"]["data"]["bars"]) == 4
    server.stop()
    server.start()
    after = await snapshots(server)
    for topic in TOPICS:
        assert values(after[topic]) == values(before[topic]), topic
        assert (after[topic]["epoch"], after[topic]["seq"]) == (before[topic]["epoch"], before[topic]["seq"]), topic
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.A")
        with feed_of(server) as feed:
            feed.trade("A", id=100_000)
            (update,) = await client.updates("trade.A", 1)
    assert update["seq"] == before["trade.A"]["seq"] + 1


async def test_after_a_kill_all_values_are_there_under_a_new_epoch(start_server, feed_of):
    server = start_server({"store": {"flush_ms": 50}})
    with feed_of(server) as feed:
        some_of_everything(feed)
        await all_taken(server)
        before = await snapshots(server)
        await until(lambda: server.metric("tickcast_store_rows_total", kind="trade") == 3000, "all is in the store")
        time.sleep(0.3 * SLOWED)  # an event is kept a little later than it is told, and a flush is not
        server.kill()
    server.launch()
    server.await_start()
    after = await snapshots(server)
    for topic in TOPICS:
        assert values(after[topic]) == values(before[topic]), topic
        assert after[topic]["epoch"] != before[topic]["epoch"], topic


async def test_known_ids_are_known_after_a_restart(start_server, feed_of):
    server = start_server()
    with feed_of(server) as feed:
        feed.trade("A", id=7)
        await until(lambda: server.topics().get("trade.A", {}).get("seq") == 1, "it is taken")
    server.stop()
    server.start()
    with feed_of(server) as feed:
        feed.trade("A", id=7)
        feed.trade("A", id=8)
        await until(lambda: server.topics()["trade.A"]["seq"] == 2, "the new one is taken")
    assert server.metric("tickcast_feed_repeated_total", feed="pull") == 1


def recording(count, seed=7):
    """Trades and quotes of some symbols, as a feed that can replay from any number would send them."""
    chance = random.Random(seed)
    at = BASE_NS
    for seq in range(1, count + 1):
        at += chance.randrange(0, 3_000_000)
        symbol = f"S{chance.randrange(6)}"
        if chance.random() < 0.2:
            bid = chance.randrange(10_000, 10_100)
            yield {"type": "quote", "symbol": symbol, "time": at, "bid": f"{bid / 100}", "bid_size": "1",
                   "ask": f"{(bid + 1) / 100}", "ask_size": "2", "feed_seq": seq}
        else:
            yield {"type": "trade", "symbol": symbol, "time": at, "price": f"{chance.randrange(9_000, 11_000) / 100}",
                   "size": f"{chance.randrange(1, 10_000) / 1000}", "feed_seq": seq}


def stored_seq(server):
    return next(row for row in server.rows("/api/feeds") if row["name"] == "pull")["stored_seq"] or 0


@pytest.mark.parametrize("kills", [50])
async def test_killed_at_random_moments_and_resumed_it_ends_as_if_nothing_had_happened(start_server, kills):
    messages = list(recording(60_000))
    topics = [f"{kind}.S{n}" for n in range(6) for kind in ("trade", "quote", "bar.1s", "bar.1m")]

    def send(server, first, until_s=None):
        with Pusher(server.feed_endpoint("pull")) as feed:
            feed.socket.setsockopt(zmq.LINGER, 10_000 if until_s is None else 0)
            feed.socket.setsockopt(zmq.SNDTIMEO, 10_000 if until_s is None else 50)
            began = time.monotonic()
            for n in range(first - 1, len(messages), 50):
                try:
                    feed.send(messages[n:n + 50])
                except zmq.Again:
                    return  # nobody is there any more
                if until_s is not None:
                    time.sleep(0.0015)  # else the first life would see it all
                    if time.monotonic() - began > until_s:
                        return

    unbroken = start_server()
    send(unbroken, 1)
    await until(lambda: unbroken.metric("tickcast_feed_ticks_total", feed="pull") == len(messages), "all is taken", 30)
    wanted = await snapshots(unbroken, topics)
    unbroken.stop()

    chance = random.Random(11)
    server = start_server({"store": {"flush_ms": 20}})
    reached = [0]
    for _ in range(kills):
        end = threading.Timer(chance.uniform(0.01, 0.09), server.process.kill)
        end.start()
        send(server, reached[-1] + 1, until_s=chance.uniform(0.0, 0.06))
        end.join()
        server.kill()
        server.launch()
        server.await_start()
        reached.append(stored_seq(server))
    assert reached == sorted(reached), "what was stored once stays so"
    assert 0 < reached[-1] and len(set(reached)) > kills / 4, f"it came on step by step: {reached}"
    send(server, reached[-1] + 1)
    last = {topic: wanted[topic]["data"] for topic in topics}

    async def there():
        now = await snapshots(server, topics)
        return all(values(now[topic]) == {k: v for k, v in last[topic].items() if k != "feed"} for topic in topics)
    try:
        await until(there, "the same as unbroken", 30 * SLOWED)
    except AssertionError:
        now = await snapshots(server, topics)
        for topic in topics:
            assert values(now[topic]) == values(wanted[topic]), topic
        raise
    assert server.metric("tickcast_feed_gaps_total", feed="pull") == 0


async def test_the_simulated_market_goes_on_trading_after_a_kill(start_server):
    """Its ids of the first life are known to the second, which must not take the new trades for repeats."""
    server = start_server({"simulator": {"enabled": True}})

    def last_id():
        quote = http_get(f"{server.http}/api/v1/quote?symbol=SIM.ALPHA")
        return quote.json["trade"]["id"] if quote.status == 200 and quote.json["trade"] else 0
    await until(lambda: last_id() and server.metric("tickcast_store_rows_total", kind="trade") > 50, "trades are stored")
    before = last_id()
    server.kill()
    server.launch()
    server.await_start()
    await until(lambda: last_id() > before, "newer trades")
    assert server.metric("tickcast_feed_repeated_total") == 0
