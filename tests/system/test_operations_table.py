"""The table of docs/operations.md, "When something dies": each row killed in a real server, its claims checked."""
import asyncio
import json
import re
import tempfile
from pathlib import Path

import pytest

from harness import scene
from harness.backend import Backend, Worker
from harness.client import Client, Refused
from harness.redis_server import RedisServer, free_port
from harness.scene import EVENTS, FAULTY, FEED, Scene
from harness.server import ANY_PORT, BINARY, ROOT, SLOWED, http_get
from harness.threads import NotAllowed, hanging
from harness.tokens import secret_file, token
from harness.waiting import until

ROWS = {}
SHARD = "root/shards/shard-0"
NOTICED_S = 12.0 * SLOWED
SECRETS = tempfile.TemporaryDirectory()
SIGN_IN = {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(Path(SECRETS.name))}}


def row(name, **config):
    """The function checks the row of that name; `config` is the server's."""
    def enter(function):
        assert name not in ROWS
        ROWS[name] = (function, config)
        return function
    return enter


def rows_of_the_table():
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text.split("## When something dies\n")[1].split("\n##")[0]
    return [match[1] for match in re.finditer(r"^\| ([^|]+?) \|", section, re.M)][2:]


def test_the_table_and_its_checks_have_the_same_rows():
    table = rows_of_the_table()
    assert sorted(table) == sorted(ROWS), set(table) ^ set(ROWS)
    assert len(table) == len(set(table))


@pytest.mark.parametrize("name", ROWS)
async def test_what_the_table_says_is_so(start_server, name):
    check, config = ROWS[name]
    async with Scene(start_server(scene.config(**config))) as on:
        await on.flows()
        try:
            await check(on)
        except NotAllowed as why:
            pytest.skip(str(why))


@row("quote topic")
async def _(on):
    epoch = on.epoch(on.near, on.here)
    await on.restart("quote topic", on.symbols[0])
    await on.flows()
    on.unbroken()
    assert on.lost() == 0
    async with await Client.open(on.server.ws) as later:
        await later.subscribe(on.here)
        snapshot = later.topic(on.here).snapshots[0]
        assert snapshot["epoch"] == epoch and len(snapshot["data"]["trades"]) == 3, "its last committed state"


@row("quote topic that keeps failing")
async def _(on):
    topic = f"trade.{FAULTY}"

    def quarantined():
        on.feed.trade(FAULTY, price="-1")
        return on.near.topic(topic).snapshots[-1]["data"]["feed"]["state"] == "quarantined"
    await until(quarantined, "its subscribers see it")
    assert on.server.topics()[topic]["state"] == "quarantined"
    assert "quarantine" in on.attention()
    on.feed.trades(FAULTY, 5)
    await until(lambda: on.server.metric("tickcast_quarantine_dropped_total") >= 5, "its ticks are counted")
    await on.flows()
    on.unbroken()


@row("event topic")
async def _(on):
    await on.restart("event topic", EVENTS)
    await on.flows()
    on.unbroken()


async def in_a_storm(on, kill):
    """Kills while ticks pour in: what did not arrive is counted as lost, and nothing else is missing."""
    sent = 20_000
    for n in range(sent):
        on.feed.trade(on.symbols[0])
        if n == sent // 2:
            await kill()
    before = on.near.topic(on.here).frames[0]["seq"] + 1
    await until(lambda: on.server.topics()[on.here]["seq"] + on.lost() == before + sent,
                lambda: f"all {sent}: {on.server.topics()[on.here]['seq']} and {on.lost()} lost", within=20 * SLOWED)
    # What the clients have not read yet may fill their queues, and then other topics have gaps too.
    newest = on.server.topics()[on.here]["seq"]
    for client in (on.near, on.far):
        await until(lambda c=client: c.topic(on.here).frames[-1].get("seq") == newest, "the clients have read it all",
                    within=20 * SLOWED)


@row("dispatcher")
async def _(on):
    epochs = [on.epoch(on.far, topic) for topic in (on.here, on.there)]
    await in_a_storm(on, lambda: on.restart("dispatcher", parent=SHARD))
    await on.flows()
    assert [on.epoch(on.far, topic) for topic in (on.here, on.there)] == epochs
    on.unbroken(topics=(on.there, EVENTS))
    if on.lost():
        await until(lambda: "gap" in on.feed_states(), "the feed's state says so")


async def comes_back(on, shard, code):
    """The client of that shard is closed with `code`, comes back, and the count has gone on."""
    old = (on.near, on.far)[shard]
    epoch = on.epoch(old, on.here)
    assert await old.closed() == code
    client = await on.client(shard)
    assert on.epoch(client, on.here) == epoch
    await on.flows(client)
    await client.close()


@row("broadcaster")
async def _(on):
    await on.restart("broadcaster", parent=SHARD)
    await comes_back(on, 0, 3004)
    on.unbroken(on.far)
    assert on.lost() == 0


@row("quote desk")
async def _(on):
    symbol = on.symbols[0]
    before = http_get(f"{on.server.http}/api/v1/quote?symbol={symbol}").json
    for shard in (0, 1):
        await on.restart("quote_desk", parent=f"root/shards/shard-{shard}")
    after = http_get(f"{on.server.http}/api/v1/quote?symbol={symbol}")
    assert after.status == 200 and after.json["trade"]["price"] == before["trade"]["price"]
    await on.flows()
    on.unbroken()


@row("connection")
async def _(on):
    port = on.near.socket.local_address[1]
    its = next(each for each in on.server.rows("/api/connections") if each["remote"].endswith(f":{port}"))
    assert on.server.act(f"/api/actors/{its['actor']}/restart").status == 409
    assert on.server.act(f"/api/connections/{its['id']}/kick", {"code": 3004, "reason": "failed"}).status == 200
    await comes_back(on, 0, 3004)
    on.unbroken(on.far)


async def events_begin_anew(on):
    before = [on.epoch(client, EVENTS) for client in (on.near, on.far)]
    await on.flows()
    assert not set(before) & {on.epoch(client, EVENTS) for client in (on.near, on.far)}, "a new epoch"
    on.unbroken(topics=(on.here, on.there))
    await until(lambda: on.feed_states()[-1] == "live", "the feed's state again")


@row("directory")
async def _(on):
    await on.restart("directory")
    await events_begin_anew(on)


@row("topics supervisor")
async def _(on):
    await on.restart("supervisor", "topics")
    await events_begin_anew(on)


async def feed_is_away_for_a_moment(on, *states):
    price = on.send()
    await until(lambda: on.feed_states()[-1] == "live" and set(states) & set(on.feed_states()),
                lambda: f"away, then live; told {on.feed_states()}")
    await on.flows(price=price)
    await on.flows()
    on.unbroken()
    assert on.lost() == 0


@row("feed actor")
async def _(on):
    await on.restart("feed", FEED)
    await feed_is_away_for_a_moment(on, "down", "restarting")


@row("feed thread (fails)")
async def _(on):
    on.feed.trade(FAULTY, price="0")
    await feed_is_away_for_a_moment(on, "restarting")
    restarts = on.server.rows("/api/restarts")
    assert [(each["child"], each["outcome"]) for each in restarts] == [(FEED, "restarted")] and restarts[0]["reason"]


@row("feeds supervisor")
async def _(on):
    await on.restart("supervisor", "feeds")
    await feed_is_away_for_a_moment(on, "down", "restarting")


@row("feed thread (hangs)", feed=[{"name": FEED, "kind": "zmq-pull", "endpoint": ANY_PORT, "stale_ms": 1000}])
async def _(on):
    await on.flows()
    await until(lambda: on.feed_states()[-1] == "live", lambda: f"live; told {on.feed_states()}")
    with hanging(on.server.process.pid, f"feed {FEED}"):
        price = on.send()
        await until(lambda: on.feed_states()[-1] == "stale", lambda: f"stale; told {on.feed_states()}", NOTICED_S)
        await until(lambda: "feed_stale" in on.attention(), "the console says so")
        assert not on.has(on.near, on.here, price)
    await on.flows(price=price)
    await until(lambda: on.feed_states()[-1] == "live", "live again")
    on.unbroken()


@row("shard supervisor")
async def _(on):
    await on.restart("supervisor", "shard-0")
    await comes_back(on, 0, 3004)
    on.unbroken(on.far)


@row("shards supervisor")
async def _(on):
    await on.restart("supervisor", "shards")
    await comes_back(on, 0, 3004)
    assert await on.far.closed() == 3004


@row("shard thread (hangs)")
async def _(on):
    with hanging(on.server.process.pid, "shard-0"):
        price = on.send()
        await until(lambda: http_get(on.server.admin + "/live").status == 503, "/live says so", NOTICED_S)
        assert http_get(on.server.admin + "/live").json["hosts"] == ["shard-0"]
        assert "stuck_host" in on.attention()
        await on.flows(on.far, topics=(on.there, EVENTS), price=price)
        assert not on.has(on.far, on.here, price) and not on.has(on.near, on.there, price)
    await on.flows(price=price)
    await until(lambda: http_get(on.server.admin + "/live").status == 200, "/live again")
    on.unbroken()


@row("workers (hang)")
async def _(on):
    with hanging(on.server.process.pid, "caf.multiplexer"):
        price = on.send()
        await on.flows(topics=(on.here, on.there), price=price)
        await until(lambda: "old_message" in on.attention(), "the console says so", NOTICED_S)
        assert on.server.metric("tickcast_mailbox_oldest_seconds", kind="directory") > 0.5
        assert http_get(on.server.admin + "/live").status == 200
        assert not on.has(on.near, EVENTS, price)
    await on.flows(price=price)
    on.unbroken()


async def egress_goes_on(on):
    """Its subscriber loses nothing: after what it had, the next update or a snapshot that has it all."""
    price = on.send()
    await until(lambda: on.outside.of(EVENTS) and on.outside.of(EVENTS)[-1]["data"] in (price, {"last": price}),
                lambda: f"{price}; came {on.outside.of(EVENTS)[-3:]}")
    at = None
    for message in on.outside.of(EVENTS):
        assert at is None or message["type"] == "snapshot" or message["seq"] == at + 1
        at = message["seq"]
    await on.flows()
    on.unbroken()


async def backends_are_answered(on, count=20):
    with Backend(on.server) as backend:
        for number in range(count):
            backend.socket.send(backend.encode({"type": "get_history", "id": number, "data": {"symbol": on.symbols[0]}}))
        yield backend
        assert sorted(backend.receive()["id"] for _ in range(count)) == list(range(count))


@row("service desk")
async def _(on):
    async for _ in backends_are_answered(on):
        await on.restart("service_desk")
    await on.flows()
    on.unbroken()


@row("service thread (hangs)")
async def _(on):
    async for _ in backends_are_answered(on):
        with hanging(on.server.process.pid, "service"):
            await on.flows()
            await until(lambda: http_get(on.server.admin + "/live").status == 503, "/live says so", NOTICED_S)
            assert http_get(on.server.admin + "/live").json["hosts"] == ["service"]
    on.unbroken()


async def kept_message_arrives(on, harm):
    """A message that is kept reaches its user's device over the harm, and under the same numbers if it comes twice."""
    with Backend(on.server) as backend:
        async with await Client.open(on.server.ws) as client:
            await client.command("connect", token=token())
            await until(lambda: backend.told("presence", user="42")["users"][0]["online"], "the user")
            backend.told("push_user", user="42", kind="k", data=1)
            await harm()
            await until(lambda: backend.ask("push_user", user="42", kind="k", data=2)["type"] == "reply", "an answer")
            came = [None]

            def all_here():
                came[0] = [frame for frame in client.frames if frame["type"] == "message"]
                return {frame["data"] for frame in came[0]} == {1, 2}
            await until(all_here, lambda: f"both messages, came {came[0]}")
            assert {(frame["seq"], frame["data"]) for frame in came[0]} >= {(1, 1)}
            assert len({frame["epoch"] for frame in came[0]}) == 1 and client.socket.close_code is None
    await on.flows()
    on.unbroken()


@row("user agent", auth=SIGN_IN)
async def _(on):
    await kept_message_arrives(on, lambda: on.restart("user agent"))


@row("user manager", auth=SIGN_IN)
async def _(on):
    await kept_message_arrives(on, lambda: on.restart("user manager"))


@row("presence", topic_class=[{"name": "p", "topics": ["desk.*"], "presence": True}],
     rule=[{"name": "p", "outcome": "allow", "topics": ["desk.*"], "actions": ["presence"]}])
async def _(on):
    await on.near.subscribe("desk.a")
    await on.restart("presence")

    async def knows():
        return (await on.far.command("presence", topic="desk.a"))["connections"] == 1
    await until(knows, "who is there")
    await on.flows()
    on.unbroken()


@row("users supervisor", auth=SIGN_IN)
async def _(on):
    await kept_message_arrives(on, lambda: on.restart("supervisor", "users"))


@row("backend worker (ends)", service={"lease_ms": 400})
async def _(on):
    ill = Worker(on.server, ["slow"], lambda call: None, renew_s=0.1)
    with ill, Worker(on.server, ["quick"], lambda call: {"data": 1}, renew_s=0.1):
        call = asyncio.ensure_future(on.near.command("slow"))
        await until(lambda: ill.calls, "the call")
        ill.stop()
        with pytest.raises(Refused) as refusal:
            await call
        assert refusal.value.code == 113
        assert await on.near.command("quick") == 1
        await until(lambda: on.server.metric("tickcast_service_workers") == 1, "the end of its lease")
        with pytest.raises(Refused) as refusal:
            await on.near.command("slow")
        assert refusal.value.code == 104
    await on.flows()
    on.unbroken()


REDIS_PORT = free_port()
REDIS = {"redis": {"url": f"redis://127.0.0.1:{REDIS_PORT}/0", "queues": ["queue:in"], "channels": ["ticks"],
                   "claims": {"order.place": "queue:orders"}}, "service": {"call_ms": 3000}}


def publish(number):
    return json.dumps({"type": "publish", "data": {"topic": "signal.r", "data": number}})


async def redis_is(on, state):
    def now():
        return next(row for row in on.server.rows("/api/feeds") if row["name"] == "redis")["state"]
    await until(lambda: now() == state, f"the feed redis is {state}", NOTICED_S)


@row("redis claims", **REDIS)
async def _(on):
    redis = RedisServer(on.server.directory / "redis", REDIS_PORT)
    try:
        await redis_is(on, "live")
        await on.restart("redis_claims")
        async with await Client.open(on.server.ws) as client:
            asking = asyncio.create_task(client.command("order.place", n=1))
            with redis.link() as link:
                async def taken():
                    return link.command("LPOP", "queue:orders")
                call = json.loads(await until(taken, "the call"))
                link.command("RPUSH", "queue:in", json.dumps({"type": "answer", "id": call["id"], "data": "done"}))
            assert await asking == "done"
        on.unbroken()
    finally:
        redis.stop()


@row("Redis (kill -9)", **REDIS)
async def _(on):
    redis = RedisServer(on.server.directory / "redis", REDIS_PORT)
    try:
        await redis_is(on, "live")
        async with await Client.open(on.server.ws) as client:
            await client.subscribe("signal.r")
            with redis.link() as link:
                link.pipeline([("RPUSH", "queue:in", publish(n)) for n in range(5000)])
            await until(lambda: client.topic("signal.r").updates, "the first ones")
            redis.kill()
            await redis_is(on, "down")
            with pytest.raises(Refused) as refusal:
                await client.command("order.place", within=30 * SLOWED)
            assert refusal.value.code == 100
            redis.start()
            await redis_is(on, "live")
            await until(lambda: {each["data"] for each in client.topic("signal.r").updates} == set(range(5000)),
                        "all of them", 30 * SLOWED)
        await on.flows()
        on.unbroken()
    finally:
        redis.stop()


@row("egress actor")
async def _(on):
    await on.restart("egress")
    await egress_goes_on(on)


@row("services supervisor")
async def _(on):
    await on.restart("supervisor", "services")
    await egress_goes_on(on)


@row("egress thread (hangs)")
async def _(on):
    with hanging(on.server.process.pid, "egress"):
        price = on.send()
        await on.flows(price=price)
        await until(lambda: http_get(on.server.admin + "/live").status == 503, "/live says so", NOTICED_S)
        assert http_get(on.server.admin + "/live").json["hosts"] == ["egress"]
        assert price not in [body["data"] for body in on.outside.of(EVENTS)]
    await egress_goes_on(on)


ILL = str(BINARY.parent / "tests" / "plugins" / "ill_plugin_1.so")


def ill(does, isolation="thread", **parameters):
    """A server with a plugin that does that, once more and then no longer, and one that counts."""
    def plugin(name, does, **keys):
        return {"name": name, "library": ILL, "parameters": {"does": does, **parameters}, **keys}
    return {"plugin": [plugin("bad", does, isolation=isolation, budget_restarts=1, budget_handler_ms=200,
                              budget_stuck_ms=300), plugin("good", "count")]}


async def ends_again_and_again(on, why, ticks):
    def entry(name):
        return next(each for each in on.server.rows("/api/plugins") if each["name"] == name)

    async def works(name):
        await until(lambda: entry(name)["state"] == "running" and entry(name)["subscriptions"],
                    lambda: f"{name} works: {entry(name)}")
    await works("good")
    for restarts in range(2):
        await works("bad")

        def ended():
            on.feed.trades(FAULTY, ticks)
            return len(entry("bad")["failures"]) == restarts + 1
        await until(ended, lambda: f"it ends: {entry('bad')}", within=20 * SLOWED)
        await on.flows()
    await until(lambda: entry("bad")["state"] == "failed" and why in entry("bad")["last_error"], lambda: str(entry("bad")))
    assert entry("bad")["restarts"] == 1 and entry("good")["restarts"] == 0
    handled = entry("good")["handled"]
    on.feed.trade(FAULTY)
    await until(lambda: entry("good")["handled"] > handled, "the other plugin goes on")
    assert on.server.metric("tickcast_plugin_state", plugin="bad", state="failed") == 1
    on.unbroken()


@row("plugin actor", **ill("throw"))
async def _(on):
    await ends_again_and_again(on, "as asked", 10)


@row("plugin thread (hangs)", **ill("sleep", sleep_ms="60000"))
async def _(on):
    await ends_again_and_again(on, "stuck in on_trade", 1)


@row("plugin process", **ill("segfault", isolation="process"))
async def _(on):
    await ends_again_and_again(on, "signal 11", 10)


async def goes_on_counting(on, kill):
    """What ends is between the engine and its plugin: that one hears of trades again, and nobody else noticed."""
    def entry():
        return next(each for each in on.server.rows("/api/plugins") if each["name"] == "good")
    await until(lambda: entry()["state"] == "running" and entry()["subscriptions"], lambda: f"it works: {entry()}")
    await kill()

    def hears():
        before = entry()
        on.feed.trade(FAULTY)
        return before["state"] == "running" and entry()["handled"] > before["handled"]
    await until(hears, lambda: f"it hears of trades again: {entry()}")
    await on.flows()
    on.unbroken()


@row("plugin hub", **ill("count"))
async def _(on):
    await goes_on_counting(on, lambda: on.restart("plugin hub"))


@row("plugin keeper", **ill("count"))
async def _(on):
    await goes_on_counting(on, lambda: on.restart("plugin", "good"))


@row("closing step")
async def _(on):
    await on.restart("closing step")
    assert await on.far.closed() == 3001
    await comes_back(on, 0, 3001)


@row("admin thread (hangs)")
async def _(on):
    with hanging(on.server.process.pid, "admin"):
        with pytest.raises(OSError):
            http_get(on.server.admin + "/live", timeout=1)
        await on.flows()
    assert http_get(on.server.admin + "/live").status == 200
    on.unbroken()


@row("log thread (hangs)")
async def _(on):
    with hanging(on.server.process.pid, "log"):
        await on.restart("egress")
        assert on.server.metric("tickcast_log_waiting_lines") > 0
        await on.flows()
    await until(lambda: on.server.metric("tickcast_log_waiting_lines") == 0, "the lines are written")
    on.unbroken()


@row("root supervisor")
async def _(on):
    for _ in range(3):
        await on.restart("supervisor", "topics")
    last = await on.row_of("supervisor", "topics")
    assert on.server.act(f"/api/actors/{last['id']}/restart").status == 200
    assert [await client.closed() for client in (on.near, on.far)] == [3001, 3001]
    assert on.server.wait() == 1
    assert "the root supervisor gave up" in on.server.log


@row("gatekeeper")
async def _(on):
    await on.restart("gatekeeper")
    async with await Client.open(on.server.ws) as client:
        with pytest.raises(Refused) as refusal:
            await client.command("connect", token="x")
        assert refusal.value.code == 101, "there is somebody to judge again"
    await on.flows()
    on.unbroken()


@row("storage actor")
async def _(on):
    await on.restart("storage")
    await on.flows()
    on.unbroken()
    assert on.server.metric("tickcast_store_dropped_rows_total") == 0


@row("process (kill -9)")
async def _(on):
    epochs = {on.epoch(on.near, topic) for topic in on.topics}
    on.server.kill()
    assert [await client.closed() for client in (on.near, on.far)] == [1006, 1006]
    on.server.launch()
    on.server.await_start()
    async with Scene(on.server) as again:
        await again.flows()
        assert not epochs & {again.epoch(again.near, topic) for topic in again.topics}
