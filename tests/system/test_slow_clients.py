"""Clients that do not keep up: bounded, told what they lost, and of no concern to others."""
import asyncio
import json
import time

from harness.client import Client
from harness.raw_client import subscribed_raw
from harness.server import SLOWED
from harness.waiting import until


async def test_a_client_that_falls_behind_gets_a_gap_then_a_snapshot_then_live_updates(start_server, feed_of):
    server = start_server({"limits": {"queue_bytes": 65536}})
    total, padding = 4000, "x" * 1000
    with feed_of(server) as feed:
        feed.event("monitor.big", {"n": 1})
        await until(lambda: "monitor.big" in server.topics(), "the topic")
        slow = subscribed_raw(server, "monitor.big", receive_buffer=8192)
        async with await Client.open(server.ws) as reader:
            await reader.subscribe("monitor.big")
            for n in range(2, total + 1):
                feed.event("monitor.big", {"n": n, "padding": padding})
                if n % 200 == 0:
                    await until(lambda: reader.topic("monitor.big").seq >= n, f"the reader at {n}")
        frames = []

        def read_on(until_seq):
            while not frames or frames[-1].get("seq") != until_seq:
                frames.append(json.loads(slow.read_frame()[1]))

        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.run_in_executor(None, read_on, total), 20 * SLOWED)
        feed.event("monitor.big", {"n": total + 1})
        await asyncio.wait_for(loop.run_in_executor(None, read_on, total + 1), 20 * SLOWED)
        slow.close()

    about = [frame for frame in frames if frame.get("topic") == "monitor.big"]
    gap_at = next(i for i, frame in enumerate(about) if frame["type"] == "gap")
    before, gap, after = about[:gap_at], about[gap_at]["data"], about[gap_at + 1:]
    assert [frame["seq"] for frame in before] == list(range(before[0]["seq"], before[0]["seq"] + len(before)))
    assert gap["from"] == before[-1]["seq"] + 1
    assert gap["lost"] == gap["to"] - gap["from"] + 1 > 0
    assert after[0]["type"] == "snapshot" and after[0]["seq"] >= gap["to"]
    assert after[0]["data"]["last"]["n"] == after[0]["seq"]
    assert after[-1]["data"]["n"] == total + 1


async def test_a_slow_client_subscribed_to_many_topics_gets_one_gap_a_topic(start_server, feed_of):
    server = start_server({"limits": {"queue_bytes": 32768}})
    topics = [f"trade.S{n}" for n in range(20)]
    with feed_of(server) as feed, subscribed_raw(server, *topics, receive_buffer=8192) as slow:
        for _ in range(3000):
            for n in range(20):
                feed.trade(f"S{n}")
        await until(lambda: server.topics().get("trade.S19", {}).get("seq") == 3000, "all trades in", within=60 * SLOWED)
        seen = {topic: [] for topic in topics}

        def read_all():
            while any(not frames or frames[-1].get("seq") != 3000 for frames in seen.values()):
                frame = json.loads(slow.read_frame()[1])
                if frame.get("topic") in seen:
                    seen[frame["topic"]].append(frame)

        await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(None, read_all), 30 * SLOWED)
    for frames in seen.values():
        position = frames[0].get("seq", 0)
        for frame in frames[1:]:
            if frame["type"] == "update":
                assert frame["seq"] == position + 1
            elif frame["type"] == "gap":
                assert frame["data"]["from"] == position + 1
            position = frame["data"]["to"] if frame["type"] == "gap" else frame["seq"]


async def test_a_client_that_reads_nothing_is_closed_with_3008_in_time(start_server, feed_of):
    server = start_server({"limits": {"stalled_ms": 700, "queue_bytes": 65536}})
    with feed_of(server) as feed, subscribed_raw(server, "monitor.big", receive_buffer=4096) as deaf:
        async with await Client.open(server.ws) as reader:
            await reader.subscribe("monitor.big")

            def kicked():
                feed.event("monitor.big", {"padding": "x" * 4000})
                return server.metric("tickcast_clients") == 1
            await until(kicked, "the deaf client gone", within=20 * SLOWED)
            assert server.metric("tickcast_websocket_closed_total", code="3008") == 1
            await reader.command("ping")
        assert deaf.is_closed()


async def reader_latencies(server, feed, readers, count):
    """Publish-to-receive of `count` events at all readers, in seconds."""
    arrived = []

    def watch(client):
        take = client._take

        def taking(frame):
            if frame["type"] == "update":
                arrived.append(time.monotonic() - float(frame["data"]["t"]))
            take(frame)
        client._take = taking

    for reader in readers:
        watch(reader)
    due = time.monotonic()
    for _ in range(count):
        feed.event("monitor.big", {"t": str(time.monotonic()), "padding": "x" * 2000})
        due += 0.01
        await asyncio.sleep(max(0, due - time.monotonic()))
    await until(lambda: len(arrived) >= count * len(readers), lambda: f"{len(arrived)} arrivals", within=30 * SLOWED)
    for reader in readers:
        del reader._take
    return sorted(arrived)


async def test_100_clients_that_never_read_disturb_no_reader_and_memory_stays_bounded(start_server, feed_of):
    server = start_server({"limits": {"queue_bytes": 131072}})
    with feed_of(server) as feed:
        feed.event("monitor.big", {"t": "0"})
        readers = [await Client.open(server.ws) for _ in range(100)]
        for reader in readers:
            await reader.subscribe("monitor.big")
        alone = await reader_latencies(server, feed, readers, 200)
        deaf = [subscribed_raw(server, "monitor.big", receive_buffer=4096) for _ in range(100)]
        await until(lambda: server.topics()["monitor.big"]["subscribers"] == 200, "all subscribed")
        before = server.rss_bytes()
        together = await reader_latencies(server, feed, readers, 400)
        grown = server.rss_bytes() - before
        for client in deaf:
            client.close()
        for reader in readers:
            await reader.close()

    def p99(values):
        return values[int(len(values) * 0.99)]

    assert grown < 100 * 2 * 131072 + 32 * 2**20, f"RSS grew by {grown} bytes"
    assert p99(together) < max(3 * p99(alone), 0.25 * SLOWED), f"p99 {p99(alone):.4f} s alone, {p99(together):.4f} s"
