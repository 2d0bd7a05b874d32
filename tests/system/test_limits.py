"""The bounds of everything that outsiders can make grow; each with its code, and room again afterwards."""
import asyncio

import pytest
import websockets

from harness.client import Client, Refused
from harness.server import SLOWED, http_get
from harness.waiting import until


async def test_topics_per_client(start_server, encoding):
    server = start_server({"limits": {"topics_per_client": 5}})
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as other:
        await client.subscribe("trade.A", "trade.B", "trade.C")
        with pytest.raises(Refused) as refusal:
            await client.command("subscribe", topics=["trade.D", "trade.E", "trade.F"])
        assert refusal.value.code == 106 and "topics_per_client" in refusal.value.message
        await client.subscribe("trade.D", "trade.E")
        await client.command("unsubscribe", topics=["trade.A"])
        await client.subscribe("trade.F")
        await other.subscribe("trade.A")


async def test_waiting_topics(start_server, feed_of):
    server = start_server({"limits": {"waiting_topics": 3}, "io": {"shards": 1}})
    with feed_of(server) as feed:
        feed.trade("KNOWN")
        await until(lambda: "trade.KNOWN" in server.topics(), "a known topic")
        async with await Client.open(server.ws) as client:
            await client.subscribe("trade.A", "trade.B", "trade.C", "trade.KNOWN")
            with pytest.raises(Refused) as refusal:
                await client.command("subscribe", topics=["trade.D"])
            assert refusal.value.code == 106 and "waiting_topics" in refusal.value.message
            await client.command("unsubscribe", topics=["trade.A"])
            await client.subscribe("trade.D")


async def test_commands_per_second(start_server, encoding):
    server = start_server({"limits": {"commands_per_s": 10}})
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as other:
        answers = await asyncio.gather(*(client.command("ping") for _ in range(40)), return_exceptions=True)
        refusals = [answer for answer in answers if isinstance(answer, Refused)]
        assert 20 <= len(refusals) <= 30
        assert {(refusal.code, refusal.temporary) for refusal in refusals} == {(111, True)}
        await other.command("ping")

        async def taken():
            try:
                return await client.command("ping") == {}
            except Refused:
                return False
        await until(taken, "a command that is taken again")


async def test_the_largest_frame(start_server):
    server = start_server({"listen": {"max_frame_bytes": 2048}})
    async with await Client.open(server.ws) as client, await Client.open(server.ws) as neighbour:
        padded = '{"type":"ping","id":1,"x":"%s"}'
        await client.socket.send(padded % ("x" * (2048 - len(padded) + 2)))
        await until(lambda: client.frames, "an answer to a frame of just the allowed size")
        assert client.frames[0]["type"] == "reply"
        await client.socket.send(padded % ("x" * 2048))
        assert await client.closed() == 1009
        await neighbour.command("ping")


async def test_connections(start_server):
    server = start_server({"listen": {"max_connections": 5}})
    clients = [await Client.open(server.ws) for _ in range(5)]
    with pytest.raises(websockets.InvalidStatusCode) as refusal:
        await Client.open(server.ws)
    assert refusal.value.status_code == 503
    for client in clients:
        await client.command("ping")
    await clients.pop().close()

    async def let_in():
        try:
            clients.append(await Client.open(server.ws))
            return True
        except websockets.InvalidStatusCode:
            return False
    await until(let_in, "room for one more after one has left")
    for client in clients:
        await client.close()


async def test_symbols_and_event_topics(start_server, feed_of):
    server = start_server({"limits": {"topics": 3}})
    with feed_of(server) as feed:
        for name in "ABCDE":
            feed.trade(name)
            feed.event(f"monitor.{name}", 1)
        feed.trade("A")
        await until(lambda: server.topics().get("trade.A", {}).get("seq") == 2, "the known symbol goes on")
        names = set(server.topics())
        assert {"trade.A", "trade.B", "trade.C", "monitor.A"} <= names
        assert not names & {"trade.D", "trade.E", "monitor.D", "monitor.E"}
        assert server.metric("tickcast_feed_refused_total", feed="pull", reason="too_many_symbols") >= 2


async def test_memory_is_bounded_with_many_waiting_topics(server):
    before = server.rss_bytes()
    clients = [await Client.open(server.ws) for _ in range(20)]
    for n, client in enumerate(clients):
        try:
            await client.command("subscribe", topics=[f"trade.W{n}.{i}" for i in range(1000)])
        except Refused as refusal:
            assert refusal.code == 106
    # A sanitizer keeps what is freed for a while.
    assert server.rss_bytes() - before < 64 * 2**20 * SLOWED
    for client in clients:
        await client.close()
    assert http_get(server.http + "/health").status == 200
