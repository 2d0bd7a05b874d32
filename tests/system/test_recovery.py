"""Parts that die and come back: replay, server, feed and quote topic; clients find their way back alone."""
import gzip
import socket

from harness.client import Client
from harness.feed import Pusher
from harness.programs import Program
from harness.server import ANY_PORT, BINARY, SLOWED, Server, http_get
from harness.waiting import until


def recording(path, first_id, count, step_ms=20):
    path.write_text("trade_ms,symbol,trade_id,price,qty,aggressor\n" + "".join(
        f"{1723075200000 + (first_id + n) * step_ms},X,{first_id + n},{100 + n % 7},0.5,sell\n" for n in range(count)))
    return path


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


async def test_a_replay_killed_and_started_again_goes_on_with_one_unbroken_count(server, tmp_path):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X", "feed.pull")
        first = Program([BINARY, "replay", recording(tmp_path / "a.csv", 1, 5000), "--to", server.feed_endpoint()])
        await client.updates("trade.X", 20)
        first.kill()
        second = Program([BINARY, "replay", recording(tmp_path / "b.csv", 10_000, 300), "--to", server.feed_endpoint(),
                          "--speed", "max"])
        await until(lambda: client.topic("trade.X").updates[-1]["data"]["id"] == 10_299, "the last trade", 20 * SLOWED)
        assert second.end() == 0
        seqs = [frame["seq"] for frame in client.topic("trade.X").updates]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert server.metric("tickcast_feed_gaps_total", feed="pull") == 0


async def test_after_a_killed_server_the_library_reconnects_and_resubscribes_by_itself(start_server, node):
    pull = f"tcp://127.0.0.1:{free_port()}"
    config = {"listen": {"port": free_port()}, "feed": [{"name": "pull", "kind": "zmq-pull", "endpoint": pull}]}
    server = start_server(config)
    program = node("library_client.mjs", server.ws, "trade.X", "bar.1s.X", "monitor.m")
    with Pusher(pull) as feed:
        feed.trades("X", 3)
        await program.heard(lambda it: any(line["seq"] == 3 for line in it.lines if line.get("topic") == "trade.X"),
                            "seq 3")
        server.kill()
        await program.heard(lambda it: it.of("state")[-1]["state"] != "connected", "the loss")
        heard_before = len(program.lines)
        second = start_server(config)
        await program.heard(lambda it: it.of("state")[-1]["state"] == "connected", "the new connection", within=30)
        feed.trades("X", 2)
        feed.event("monitor.m", {"back": True})
        await program.heard(lambda it: {line.get("topic") for line in it.lines[heard_before:]} >=
                            {"trade.X", "bar.1s.X", "monitor.m"}, "all topics again")
        await program.heard(lambda it: [line["seq"] for line in it.lines if line.get("topic") == "trade.X"][-1] == 2,
                            "seq 2 of the new count")
        epochs = {line["epoch"] for line in program.of("snapshot", "trade.X") if line["epoch"]}
        assert len(epochs) >= 1
        assert second.running and not program.of("error")


async def test_with_several_addresses_the_library_goes_to_the_next_one(start_server, node):
    gone, server = f"ws://127.0.0.1:{free_port()}/ws", start_server()
    program = node("library_client.mjs", f"{gone},{server.ws}", "trade.X")
    await program.heard(lambda it: it.of("snapshot", "trade.X"), "a snapshot from the second address")


async def test_a_stopped_server_sends_the_library_back_not_away(start_server, node):
    config = {"listen": {"port": free_port()}}
    server = start_server(config)
    program = node("library_client.mjs", server.ws, "trade.X")
    await program.heard(lambda it: it.of("snapshot"), "a snapshot")
    assert server.stop() == 0
    start_server(config)
    await program.heard(lambda it: len(it.of("snapshot")) >= 2, "a snapshot from the next server", within=30)


async def test_the_count_after_a_restart_is_never_given_twice(start_server):
    """A new process has proved nothing about the old count: another epoch."""
    epochs = []
    for _ in range(2):
        server = start_server()
        with Pusher(server.feed_endpoint()) as feed:
            feed.trade("X")
            await until(lambda: server.topics().get("trade.X", {}).get("seq") == 1, "the trade")
        epochs.append(server.topics()["trade.X"]["epoch"])
        server.kill()
    assert epochs[0] and epochs[0] != epochs[1]


def feed_states(client):
    """All states that the topic of the feed has told, in order."""
    frames = client.topic("feed.pull").frames
    return [(frame["data"] if frame["type"] == "update" else frame["data"].get("last") or {}).get("state")
            for frame in frames]


async def write_both(server, feed):
    """One trade of X and one of Y, taken."""
    feed.trade("X")
    feed.trade("Y")
    await until(lambda: {"trade.X", "trade.Y"} <= set(server.topics()), "both symbols")


async def test_a_quote_topic_that_throws_on_one_tick_goes_on_from_its_last_committed_state(start_server, feed_of):
    server = start_server({"debug": {"fault": "X"}})
    with feed_of(server) as feed:
        feed.trades("X", 3, price="100")
        feed.trade("Y")
        await until(lambda: server.topics().get("trade.Y", {}).get("seq") == 1, "trades of both")
        async with await Client.open(server.ws) as client:
            await client.subscribe("trade.X", "trade.Y")
            feed.trade("X", price="-1")
            feed.trade("X", price="101", size="2")
            feed.trade("Y")
            await until(lambda: client.topic("trade.X").seq == 4 and client.topic("trade.Y").seq == 2, "the next trades")
            for topic in ("trade.X", "trade.Y"):
                client.topic(topic).check_unbroken()
            assert server.metric("tickcast_quote_topic_failures_total") == 1
            async with await Client.open(server.ws) as later:
                await later.subscribe("trade.X")
                data = later.topic("trade.X").snapshots[0]["data"]
                assert [trade["price"] for trade in data["trades"]] == [100, 100, 100, 101]
                assert (data["day"]["trades"], data["day"]["high"]) == (4, 101)


async def test_a_symbol_that_keeps_failing_goes_into_quarantine_and_no_other_notices(start_server, feed_of):
    server = start_server({"debug": {"fault": "X"}})
    with feed_of(server) as feed:
        await write_both(server, feed)
        async with await Client.open(server.ws) as client:
            await client.subscribe("trade.X", "trade.Y")

            def quarantined():
                feed.trade("X", price="-1")
                return server.metric("tickcast_quarantines_total") == 1
            await until(quarantined, "the quarantine")
            await until(lambda: client.topic("trade.X").snapshots[-1]["data"]["feed"]["state"] == "quarantined",
                        "a snapshot that says so")
            assert server.topics()["trade.X"]["state"] == "quarantined"
            feed.trades("X", 5)
            feed.trades("Y", 5)
            await until(lambda: client.topic("trade.Y").seq == 6, "the other symbol")
            client.topic("trade.Y").check_unbroken()
            await until(lambda: server.metric("tickcast_quarantine_dropped_total") >= 5, "its ticks dropped and counted")
            assert client.topic("trade.X").seq == 1


async def test_a_feed_whose_handler_throws_is_started_again_and_the_stream_goes_on(start_server, feed_of):
    server = start_server({"debug": {"fault": "X"}})
    with feed_of(server) as feed:
        await write_both(server, feed)
        async with await Client.open(server.ws) as client:
            await client.subscribe("trade.X", "trade.Y", "feed.pull")
            feed.trades("X", 2)
            feed.trade("X", price="0")
            feed.trades("X", 3)
            feed.trades("Y", 2)
            await until(lambda: client.topic("trade.X").seq == 6 and client.topic("trade.Y").seq == 3,
                        "what came behind the message that threw")
            for topic in ("trade.X", "trade.Y"):
                client.topic(topic).check_unbroken()
            await until(lambda: feed_states(client)[-1] == "live", lambda: f"live again, came {feed_states(client)}")
            assert "restarting" in feed_states(client)


async def test_a_feed_that_keeps_failing_says_so_and_disturbs_no_other(start_server, feed_of, tmp_path):
    """A recording whose compressed bytes are damaged: what stands before is played, then the feed fails again and again."""
    plain = recording(tmp_path / "whole.csv", 1, 20_000).read_bytes()
    packed = gzip.compress(plain)
    damaged = tmp_path / "damaged.csv.gz"
    damaged.write_bytes(packed[:len(packed) // 2] + bytes(200) + packed[len(packed) // 2 + 200:])
    server = start_server({"feed": [{"name": "pull", "kind": "replay", "files": [str(damaged)], "speed": "max"},
                                    {"name": "other", "kind": "zmq-pull", "endpoint": ANY_PORT}]})
    async with await Client.open(server.ws) as client:
        await client.subscribe("feed.pull", "trade.Y")
        await until(lambda: "restarting" in feed_states(client), lambda: f"a restart, came {feed_states(client)}")
        with feed_of(server, "other") as feed:
            feed.trades("Y", 10)
            await until(lambda: client.topic("trade.Y").seq == 10, "the other feed")
        assert 0 < server.topics()["trade.X"]["seq"] < 20_000
        assert http_get(server.admin + "/live").status == 200


def test_a_recording_that_is_not_there_is_named_at_the_start(tmp_path):
    missing = str(tmp_path / "missing.csv")
    server = Server(tmp_path / "server", {"feed": [{"name": "pull", "kind": "replay", "files": [missing]}]})
    server.launch()
    assert server.wait(within=10 * SLOWED) in (1, 2)
    assert missing in server.log
