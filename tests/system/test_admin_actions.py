"""What operators do through the admin API, and what clients see of it."""
import asyncio
import time

import pytest
import websockets

from harness.client import Client
from harness.server import SLOWED, http_get
from harness.waiting import until


def actor(server, path):
    return next((row for row in server.rows(f"/api/actors?filter={path.rsplit('/', 1)[-1]}") if row["path"] == path), None)


def child(server, path):
    def search(node):
        if node.get("path") == path:
            return node
        return next(filter(None, map(search, node["children"])), None)
    root = server.ask("/api/tree").json.get("root")  # there is none while the server starts
    return search(root) if root else None


async def restarted(server, path):
    """Restarts the actor and waits for the next one at the same place."""
    before = await until(lambda: actor(server, path), f"an actor {path}")
    answer = server.act(f"/api/actors/{before['id']}/restart")
    assert answer.status == 200 and answer.json == {"done": True}

    def next_one():
        now = actor(server, path)
        return now and now["id"] != before["id"] and now
    return await until(next_one, f"the next {path}", 15 * SLOWED)


def check_consistent(log):
    """Each update follows the last frame by one; where that is not so, a snapshot stands between."""
    seq = None
    for frame in log.frames:
        if frame["type"] == "update":
            assert seq is not None and frame["seq"] == seq + 1, f"{frame['seq']} after {seq}"
        seq = None if frame["type"] == "gap" else frame["seq"]
    assert seq is not None


def on_shard(server, topic):
    return server.topics()[topic]["shard"]


# ---- restart

@pytest.mark.parametrize("what", ["quote topic", "feed", "feeds supervisor"])
async def test_a_restart_that_leaves_no_hole(server, feed, what):
    feed.trades("X", 3)
    await until(lambda: "trade.X" in server.topics(), "the topic")
    shard = on_shard(server, "trade.X")
    path = {"quote topic": f"root/shards/shard-{shard}/dispatcher/X", "feed": "root/feeds/pull",
            "feeds supervisor": "root/feeds"}[what]
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        await restarted(server, path)
        await until(lambda: actor(server, "root/feeds/pull"), "the feed")
        feed.trades("X", 5)
        await until(lambda: client.topic("trade.X").seq == 8, lambda: f"seq 8, is {client.topic('trade.X').seq}")
        client.topic("trade.X").check_unbroken()
        record = server.ask("/api/restarts").json["rows"][0]
        assert record["outcome"] == "restarted" and record["reason"] == "restarted by hand", record
        assert record["child"] == path.rsplit("/", 1)[-1]


@pytest.mark.parametrize("what", ["dispatcher", "shard supervisor", "shards supervisor"])
async def test_after_a_dispatcher_s_restart_the_count_goes_on_for_who_is_still_there(server, feed, what):
    feed.trades("X", 3)
    await until(lambda: "trade.X" in server.topics(), "the topic")
    epoch, shard = server.topics()["trade.X"]["epoch"], on_shard(server, "trade.X")
    path = {"dispatcher": f"root/shards/shard-{shard}/dispatcher", "shard supervisor": f"root/shards/shard-{shard}",
            "shards supervisor": "root/shards"}[what]
    client = await Client.open(server.ws)
    try:
        await client.subscribe("trade.X")
        own_shard = server.ask("/api/connections").json["rows"][0]["shard"]
        await restarted(server, path)
        await until(lambda: actor(server, f"root/shards/shard-{shard}/dispatcher"), "a dispatcher")
        # Broadcasters end with their supervisor, and the connections they served with them.
        if what == "shards supervisor" or (what == "shard supervisor" and own_shard == shard):
            assert await client.closed() == 3004
            client = await Client.open(server.ws)
            await client.subscribe("trade.X")
        feed.trades("X", 5)
        await until(lambda: server.topics().get("trade.X", {}).get("seq") == 8, "all trades taken")
        await until(lambda: client.topic("trade.X").seq == 8, lambda: f"seq 8, came {client.topic('trade.X').frames}")
        check_consistent(client.topic("trade.X"))
        assert server.topics()["trade.X"]["epoch"] == epoch
        async with await Client.open(server.ws) as later:
            await later.subscribe("trade.X")
            assert later.topic("trade.X").snapshots[0]["data"]["day"]["trades"] == 8
    finally:
        await client.close()


async def test_after_a_broadcaster_s_restart_its_clients_come_back_to_the_same_count(server, feed):
    feed.trades("X", 3)
    client = await Client.open(server.ws)
    await client.subscribe("trade.X")
    shard = server.ask("/api/connections").json["rows"][0]["shard"]
    await restarted(server, f"root/shards/shard-{shard}/broadcaster")
    assert await client.closed() == 3004
    async with await Client.open(server.ws) as again:
        await again.subscribe("trade.X")
        feed.trades("X", 5)
        await until(lambda: again.topic("trade.X").seq == 8, "the next trades")
        check_consistent(again.topic("trade.X"))
        assert again.topic("trade.X").snapshots[-1]["epoch"] == client.topic("trade.X").snapshots[-1]["epoch"]


@pytest.mark.parametrize("path", ["root/topics/directory/monitor.m", "root/topics/directory", "root/topics"])
async def test_after_an_event_topic_s_restart_its_subscribers_go_on(server, feed, path):
    for n in range(3):
        feed.event("monitor.m", {"n": n})
    async with await Client.open(server.ws) as client:
        await client.subscribe("monitor.m")
        await until(lambda: client.topic("monitor.m").seq == 3, "three events")
        await restarted(server, path)
        await until(lambda: actor(server, "root/topics/directory"), "a directory")
        for n in range(3, 6):
            feed.event("monitor.m", {"n": n})

        def last():
            frame = client.topic("monitor.m").frames[-1]
            data = frame["data"] if frame["type"] == "update" else frame["data"].get("last")
            return data == {"n": 5}
        await until(last, lambda: f"the last event, came {client.topic('monitor.m').frames}")
        check_consistent(client.topic("monitor.m"))
        epochs = [frame["epoch"] for frame in client.topic("monitor.m").snapshots]
        if path.endswith("monitor.m"):
            assert len(set(epochs) - {""}) == 1 and client.topic("monitor.m").seq == 6
        taken = server.topics()["monitor.m"]
        assert (taken["epoch"], taken["seq"]) == (epochs[-1], client.topic("monitor.m").seq)


@pytest.mark.parametrize("what", ["quote topic", "dispatcher"])
async def test_what_a_restart_under_load_loses_is_counted(server, feed, what):
    feed.trades("X", 10)
    await until(lambda: "trade.X" in server.topics(), "the topic")
    shard = on_shard(server, "trade.X")
    path = f"root/shards/shard-{shard}/dispatcher" + ("/X" if what == "quote topic" else "")
    sent, stop = [10], asyncio.Event()

    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")

        def load():
            # No faster than the client reads, or it would have gaps of its own.
            while not stop.is_set():
                if sent[0] - (client.topic("trade.X").seq or 0) > 2000:
                    time.sleep(0.001)
                    continue
                feed.trades("X", 20)
                sent[0] += 20
        loading = asyncio.get_running_loop().run_in_executor(None, load)
        try:
            for _ in range(3):
                await restarted(server, path)
        finally:
            stop.set()
            await loading

        def all_accounted_for():
            return server.metric("tickcast_feed_ticks_total", feed="pull") == sent[0] and \
                server.topics()["trade.X"]["seq"] + server.metric("tickcast_feed_lost_total") == sent[0]
        await until(all_accounted_for, lambda: f"{sent[0]} sent, {server.topics()['trade.X']['seq']} taken, "
                                               f"{server.metric('tickcast_feed_lost_total')} lost", 20 * SLOWED)
        await until(lambda: client.topic("trade.X").seq == server.topics()["trade.X"]["seq"], "the client is up to date")
        check_consistent(client.topic("trade.X"))
        if what == "quote topic":
            assert server.metric("tickcast_feed_lost_total") == 0
            client.topic("trade.X").check_unbroken()


async def test_what_nobody_restarts_is_refused(server):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        row = server.rows("/api/actors?kind=connection")[0]
        answer = server.act(f"/api/actors/{row['id']}/restart")
        assert (answer.status, answer.json["error"]["code"]) == (409, "conflict") and "kick" in answer.json["error"]["message"]
        assert server.act(f"/api/actors/{actor(server, 'root')['id']}/restart").status == 409
        for gone in ("999999", "x", "-1"):
            assert server.act(f"/api/actors/{gone}/restart").status == 404
        assert not client.socket.closed


# ---- stop and start

async def test_a_stopped_feed_stays_stopped_until_it_is_started(server, feed):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X", "feed.pull")
        feed.trades("X", 2)
        await until(lambda: client.topic("trade.X").seq == 2, "two trades")
        assert server.act(f"/api/actors/{actor(server, 'root/feeds/pull')['id']}/stop").status == 200
        stopped = child(server, "root/feeds/pull")
        assert (stopped["state"], stopped["id"]) == ("stopped", None)
        assert any(entry["code"] == "stopped" for entry in server.ask("/api/overview").json["attention"])
        body = {"supervisor": "root/feeds", "child": "pull"}
        assert server.act("/api/children/start", body).status == 200
        await until(lambda: child(server, "root/feeds/pull")["state"] == "running", "the feed")
        again = server.act("/api/children/start", body)
        assert (again.status, again.json["error"]["code"]) == (409, "conflict")
        feed.trades("X", 3)
        await until(lambda: client.topic("trade.X").seq == 5, "the next trades")
        check_consistent(client.topic("trade.X"))


async def test_what_the_engine_cannot_be_without_is_stopped_by_force_alone(start_server):
    server = start_server()
    await until(lambda: child(server, "root/topics/directory"), "the tree")
    directory = actor(server, "root/topics/directory")["id"]
    assert server.act(f"/api/actors/{directory}/stop").status == 409
    assert "force" in server.act(f"/api/actors/{directory}/stop").json["error"]["message"]
    forced = server.act(f"/api/actors/{directory}/stop", {"force": True})
    assert forced.status == 409 and "allow_destructive" in forced.json["error"]["message"]
    assert actor(server, "root/topics/directory")["id"] == directory
    other = start_server({"admin": {"allow_destructive": True}})
    await until(lambda: child(other, "root/topics/directory"), "the tree")
    assert other.act(f"/api/actors/{actor(other, 'root/topics/directory')['id']}/stop", {"force": True}).status == 200
    assert child(other, "root/topics/directory")["state"] == "stopped"
    assert other.ask("/api/topics").status == 200 and other.ask("/api/overview").status == 200
    assert other.act("/api/children/start", {"supervisor": "root/topics", "child": "directory"}).status == 200


async def test_what_is_no_child_cannot_be_stopped_by_itself(server, feed):
    feed.trade("X")
    await until(lambda: "trade.X" in server.topics(), "the topic")
    row = server.rows("/api/actors?kind=quote%20topic")[0]
    assert server.act(f"/api/actors/{row['id']}/stop").status == 409
    assert server.act("/api/actors/999999/stop").status == 404
    for body in ({}, {"supervisor": "root/nothing", "child": "x"}, {"supervisor": 7, "child": 8}):
        assert server.act("/api/children/start", body).status == 404
    assert server.act("/api/children/start", {"supervisor": "root/feeds", "child": "nothing"}).status in (404, 409)


# ---- kick

@pytest.mark.parametrize("body, code, reason", [({}, 3501, "kicked by an operator"),
                                                ({"code": 3007, "reason": "läuft über"}, 3007, "läuft über")])
async def test_a_kicked_client_sees_code_and_reason_and_no_other_notices(server, body, code, reason):
    async with await Client.open(server.ws) as kicked, await Client.open(server.ws) as other:
        await kicked.subscribe("trade.X")
        await other.subscribe("trade.Y", "trade.Z")
        row = next(row for row in server.rows("/api/connections") if row["subscriptions"] == 1)
        assert server.act(f"/api/connections/{row['id']}/kick", body).json == {"done": True}
        assert await kicked.closed() == code
        assert kicked.socket.close_reason == reason
        await until(lambda: [each["subscriptions"] for each in server.rows("/api/connections")] == [2], "one client left")
        assert not other.socket.closed
        assert server.act(f"/api/connections/{row['id']}/kick").status == 404


@pytest.mark.parametrize("body", [{"code": 2999}, {"code": 4000}, {"code": "3501"}, {"code": 3500.5}, {"reason": 7},
                                  {"reason": "x" * 101}, {"code": None}])
async def test_a_wrong_kick_closes_nobody(server, body):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        row = server.rows("/api/connections")[0]
        assert server.act(f"/api/connections/{row['id']}/kick", body).status == 400
        assert server.act(f"/api/connections/{row['id']}x/kick").status == 404
        await client.command("subscribe", topics=["trade.Y"])


# ---- drain

async def test_draining_closes_the_clients_spread_over_the_window_and_takes_no_new_ones(server):
    seconds, count = 3, 30
    clients = [await Client.open(server.ws) for _ in range(count)]
    for client in clients:
        await client.subscribe("trade.X")
    closed_at = []

    async def note(client):
        code = await client.closed(within=20 * SLOWED)
        closed_at.append(time.monotonic())
        return code
    notes = [asyncio.create_task(note(client)) for client in clients]
    began = time.monotonic()
    answer = server.act("/api/drain", {"seconds": seconds})
    assert answer.json == {"done": True, "connections": count}
    assert server.ask("/api/overview").json["state"] == "draining"
    ready = http_get(server.admin + "/ready")
    assert ready.status == 503 and "drain" in ready.text
    with pytest.raises(websockets.InvalidStatusCode) as refusal:
        await websockets.connect(server.ws)
    assert refusal.value.status_code == 503
    assert http_get(server.admin + "/live").status == 200
    assert [await each for each in notes] == [3001] * count
    times = [at - began for at in closed_at]
    assert times[-1] < seconds + 1.5 * SLOWED
    early = sum(at < seconds / 3 for at in times)
    late = sum(at > 2 * seconds / 3 for at in times)
    assert count / 6 <= early <= count / 2 and late >= count / 6, sorted(times)
    await until(lambda: server.ask("/api/overview").json["state"] == "drained", "the last one gone")
    assert server.act("/api/undrain").status == 200
    assert http_get(server.admin + "/ready").status == 200
    assert server.act("/api/undrain").status == 409
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")


async def test_undrain_spares_who_is_still_there(server):
    clients = [await Client.open(server.ws) for _ in range(10)]
    assert server.act("/api/drain", {"seconds": 60}).status == 200
    assert server.act("/api/undrain").status == 200
    open_now = [client for client in clients if not client.socket.closed]
    assert len(open_now) >= 8
    for client in open_now:
        if not client.socket.closed:
            await client.subscribe("trade.X")
    for client in clients:
        await client.close()


@pytest.mark.parametrize("body", [{"seconds": -1}, {"seconds": 3601}, {"seconds": "30"}, {"seconds": None}])
def test_a_wrong_drain_drains_nothing(server, body):
    assert server.act("/api/drain", body).status == 400
    assert http_get(server.admin + "/ready").status == 200


# ---- trace

async def trace_of(server, path, **body):
    row = await until(lambda: actor(server, path), f"an actor {path}")
    answer = server.act(f"/api/actors/{row['id']}/trace", body)
    assert answer.status == 200, answer.text
    return answer.json["trace"]


async def test_a_trace_of_a_quote_topic_ends_when_it_is_full(server, feed):
    feed.trade("X")
    await until(lambda: "trade.X" in server.topics(), "the topic")
    path = f"root/shards/shard-{on_shard(server, 'trade.X')}/dispatcher/X"
    trace = await trace_of(server, path, count=4, seconds=60)
    await until(lambda: feed.trade("X", price="77.5") and server.ask(f"/api/trace/{trace}").json["state"] == "full", "full")
    answer = server.ask(f"/api/trace/{trace}").json
    assert len(answer["rows"]) == answer["matched"] == 4 and answer["actor"] == actor(server, path)["id"]
    for row in answer["rows"]:
        assert {"seq", "at", "message", "text", "from", "took_us"} <= set(row)
        assert row["message"] == "trade" and "77.5" in row["text"]
    assert [row["seq"] for row in answer["rows"]] == [1, 2, 3, 4]


async def test_a_trace_takes_what_its_filter_lets_through(server, feed):
    feed.event("monitor.a", 1)
    trace = await trace_of(server, "root/topics/directory/monitor.a", count=100, seconds=60, filter="NEEDLE")
    for n in range(10):
        feed.event("monitor.a", {"word": "needle" if n % 5 == 0 else "hay"})

    def seen():
        answer = server.ask(f"/api/trace/{trace}").json
        return answer["seen"] >= 10 and answer
    answer = await until(seen, "all messages seen")
    assert answer["matched"] == 2 and all("needle" in row["text"] for row in answer["rows"])
    assert answer["state"] == "running" and 0 < answer["left_ms"] <= 60_000


async def test_a_trace_is_over_when_its_time_is(server, feed):
    feed.event("monitor.a", 1)
    await until(lambda: server.topics().get("monitor.a", {}).get("seq") == 1, "the first event")
    trace = await trace_of(server, "root/topics/directory/monitor.a", seconds=0.2)
    await until(lambda: server.ask(f"/api/trace/{trace}").json["state"] == "over", "the end")
    feed.event("monitor.a", 2)
    await until(lambda: server.topics()["monitor.a"]["seq"] == 2, "the event")
    # What the topic told itself meanwhile may be in it.
    assert {row["message"] for row in server.ask(f"/api/trace/{trace}").json["rows"]} <= {"keep_due"}


async def test_four_traces_run_at_a_time(server):
    paths = ["root/topics/directory", "root/feeds/pull", "root/shards/shard-0/dispatcher", "root/shards/shard-0/broadcaster"]
    traces = [await trace_of(server, path, seconds=60) for path in paths]
    row = actor(server, "root/shards/shard-1/broadcaster")
    refused = server.act(f"/api/actors/{row['id']}/trace", {})
    assert len(set(traces)) == 4 and (refused.status, refused.json["error"]["code"]) == (409, "conflict")
    assert all(server.ask(f"/api/trace/{trace}").json["state"] == "running" for trace in traces)


async def test_the_next_trace_of_an_actor_ends_the_one_before(server, feed):
    feed.event("monitor.a", 1)
    path = "root/topics/directory/monitor.a"
    traces = [await trace_of(server, path, seconds=60) for _ in range(6)]
    feed.event("monitor.a", 2)

    def events(trace):
        return [row for row in server.ask(f"/api/trace/{trace}").json["rows"] if row["message"] == "publish_event"]
    await until(lambda: len(events(traces[-1])) == 1, "the event in the last one")
    states = [server.ask(f"/api/trace/{trace}").json["state"] for trace in traces]
    assert states == ["over"] * 5 + ["running"]
    assert not any(events(trace) for trace in traces[:-1])


@pytest.mark.parametrize("body", [{"count": 0}, {"count": 1001}, {"count": 1.5}, {"count": "3"}, {"seconds": 0},
                                  {"seconds": 61}, {"seconds": "1"}, {"filter": 7}])
def test_a_wrong_trace_is_refused(server, body):
    row = actor(server, "root/topics/directory")
    assert server.act(f"/api/actors/{row['id']}/trace", body).status == 400
    assert server.act("/api/actors/999999/trace", {}).status == 404
    assert server.ask("/api/trace/1").status == 404
