"""The bridge to Redis, with a real redis-server: lists, channels, calls; killed on either side, nothing is lost."""
import asyncio
import json
import time

import msgpack
import pytest

from harness.client import Client, Refused
from harness.redis_server import RedisServer
from harness.server import SLOWED, Server
from harness.tokens import secret_file, token
from harness.waiting import until

QUEUE, PROCESSING, REFUSED = "queue:rtserver", "queue:rtserver:processing", "queue:rtserver:refused"


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path / "redis")
    yield server
    server.stop()


@pytest.fixture
def start(start_server, tmp_path, redis):
    def run(more=None, **section):
        return start_server({"redis": {"url": redis.url, "queues": [QUEUE], **section},
                             "auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)}}, **(more or {})})
    return run


async def sign_in(server, user="42", **claims):
    client = await Client.open(server.ws)
    await client.command("connect", token=token(user, **claims))
    return client


def publish(number, topic="signal.q", **more):
    return json.dumps({"type": "publish", "src": "t", "data": {"topic": topic, "data": number}, **more})


def push(link, *messages, queue=QUEUE):
    link.pipeline([("RPUSH", queue, message) for message in messages])


def feed_of(server):
    return {row["name"]: row for row in server.rows("/api/feeds")}["redis"]


async def is_live(server):
    await until(lambda: feed_of(server)["state"] == "live", lambda: f"the feed is live: {feed_of(server)}", 10 * SLOWED)


def messages(client):
    return [frame for frame in client.frames if frame["type"] == "message"]


def numbers(client, topic="signal.q"):
    return [update["data"] for update in client.topic(topic).updates]


async def all_done(server, link, count, within=20):
    await until(lambda: server.metric("tickcast_redis_done_total") + server.metric("tickcast_redis_refused_total") >= count,
                lambda: f"{count} are done: {server.metric('tickcast_redis_done_total')}", within * SLOWED)
    await until(lambda: link.texts(QUEUE) == link.texts(PROCESSING) == [], "nothing is left in the lists")


# ---- lists

async def test_commands_of_a_list_are_done_in_json_and_messagepack_and_leave_it(start, redis):
    server = start()
    with redis.link() as link:
        async with await sign_in(server) as client:
            await client.subscribe("signal.q")
            push(link, publish(1), msgpack.packb({"type": "publish", "data": {"topic": "signal.q", "data": {"a": 2}}}),
                 json.dumps([json.loads(publish(3)), json.loads(publish(4))]),
                 b'{"type":"push_user","data":{"user":42,"kind":"pnl","data":{"v":0.1000000000000000055511151231257827}}}',
                 msgpack.packb([{"type": "push_user", "data": {"user": "42", "kind": "fill", "data": [1, None]}}]))
            await all_done(server, link, 5)
            await until(lambda: len(messages(client)) == 2 and len(numbers(client)) == 4, "all of it at the client")
            assert numbers(client) == [1, {"a": 2}, 3, 4]
            assert [m["kind"] for m in messages(client)] == ["pnl", "fill"]
            assert str(messages(client)[0]["data"]["v"]) == "0.1000000000000000055511151231257827"
            assert link.texts(REFUSED) == []
    assert server.metric("tickcast_redis_taken_total", list=QUEUE) == 5
    assert feed_of(server)["kind"] == "redis" and feed_of(server)["endpoint"] == redis.url


async def test_ten_thousand_in_one_go_come_once_each_and_in_their_order(start, redis):
    server = start()
    with redis.link() as link:
        async with await Client.open(server.ws) as client:
            await client.subscribe("signal.q")
            push(link, *(publish(n) for n in range(10_000)))
            began = time.monotonic()
            await all_done(server, link, 10_000, 60)
            print(f"10,000 messages in {time.monotonic() - began:.2f} s")
            await until(lambda: len(numbers(client)) >= 10_000, "all of them", 10 * SLOWED)
            assert numbers(client) == list(range(10_000))


async def test_several_lists_get_their_turn(start, redis):
    server = start(queues=[QUEUE, "queue:other"])
    with redis.link() as link:
        async with await Client.open(server.ws) as client:
            await client.subscribe("signal.other")
            push(link, *(publish(n) for n in range(20_000)))
            push(link, publish(0, "signal.other"), queue="queue:other")
            await until(lambda: numbers(client, "signal.other"), "the other's")
            assert server.metric("tickcast_redis_done_total", list=QUEUE) < 20_000, "long before the first is through"
            await all_done(server, link, 20_001, 60)


async def test_what_cannot_be_done_goes_to_a_list_of_its_own(start, redis):
    server = start()
    bad = [b"rubbish", b"\xc1\xc1", b"", b"[1,2]", b'{"type":"nonsense","data":{}}', b'{"no":"type"}',
           b'{"type":"publish","data":{"topic":"trade.X","data":1}}', b'{"type":"presence","data":{"user":1}}',
           b'{"type":"trade","symbol":"X","time":1,"price":1,"size":1}',
           b'{"type":"push_user","data":{"user":1,"kind":"k"}}',
           b'[{"type":"publish","data":{"topic":"signal.q","data":7}},{"type":"publish"}]']
    with redis.link() as link:
        async with await Client.open(server.ws) as client:
            await client.subscribe("signal.q")
            push(link, *(each for message in bad for each in (message, publish(1))))
            await all_done(server, link, 2 * len(bad))
            assert sorted(link.texts(REFUSED)) == sorted(bad)
            assert sorted(numbers(client)) == [1] * len(bad) + [7], "its neighbours are done, in an array too"
            assert server.metric("tickcast_redis_refused_total", list=QUEUE) == len(bad)
            push(link, *(f"rubbish {n}" for n in range(1200)))
            await until(lambda: link.texts(REFUSED)[-1] == b"rubbish 1199", "the last one")
            assert len(link.texts(REFUSED)) == 1000
    assert server.log.count("queue:rtserver: ") < 20, "a line a second, not one a message"


async def test_a_key_that_came_before_is_not_done_again(start, redis):
    server = start()
    with redis.link() as link:
        async with await Client.open(server.ws) as client:
            await client.subscribe("signal.q")
            push(link, publish(1, idempotency_key="a"), publish(1, idempotency_key="a"), publish(2, idempotency_key="a"),
                 publish(3))
            await all_done(server, link, 4)
            await until(lambda: len(numbers(client)) >= 2, "both messages")
            await client.command("ping")
            assert numbers(client) == [1, 3]
            assert link.texts(REFUSED) == [publish(2, idempotency_key="a").encode()], "other content under the same key"


# ---- on either side somebody dies

async def test_redis_is_killed_and_started_again_while_a_list_is_read(start, redis):
    server = start()
    total = 6000
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.q", "feed.redis")
        with redis.link() as link:
            push(link, *(publish(n) for n in range(total)))
        await until(lambda: len(numbers(client)) > total // 10, "some of them")
        redis.kill()
        assert len(numbers(client)) < total
        await until(lambda: feed_of(server)["state"] == "down", "the feed is down", 10 * SLOWED)
        redis.start()
        with redis.link() as link:
            await until(lambda: set(numbers(client)) == set(range(total)),
                        lambda: f"all of them: {len(set(numbers(client)))}", 30 * SLOWED)
            await until(lambda: link.texts(QUEUE) == link.texts(PROCESSING) == [], "nothing is left in the lists")
            await is_live(server)
            again = len(numbers(client)) - total
            assert again <= 512, f"{again} of them twice: those whose end Redis had not confirmed"
            push(link, publish(-1))
            await until(lambda: numbers(client)[-1] == -1, "it goes on")
    assert server.metric("tickcast_feed_disconnects_total", feed="redis") == 1
    assert server.metric("tickcast_feed_restarts_total", feed="redis") == 0


async def test_redis_that_stops_answering_is_left_and_found_again(start, redis):
    import signal as signals
    server = start()
    await is_live(server)
    redis.process.send_signal(signals.SIGSTOP)
    await until(lambda: feed_of(server)["state"] == "down", "the feed is down", 15 * SLOWED)
    redis.process.send_signal(signals.SIGCONT)
    with redis.link() as link:
        push(link, publish(1))
        await all_done(server, link, 1)
    await is_live(server)


async def test_a_killed_server_takes_up_what_it_had_half_done(redis, tmp_path):
    config = {"redis": {"url": redis.url, "queues": [QUEUE]}}
    total = 20_000
    first = Server(tmp_path / "server", config).start()
    with redis.link() as link:
        push(link, *(publish(n) for n in range(total)))
        await until(lambda: first.metric("tickcast_redis_done_total") > 100, "some of them")
        first.kill()
        half_done, left = link.texts(PROCESSING), link.texts(QUEUE)
        assert left, "it was in the middle"
        link.command("RPUSH", PROCESSING, publish("left over"))
        second = Server(tmp_path / "server", config).start()
        try:
            await all_done(second, link, len(half_done) + 1 + len(left), 60)
            assert second.metric("tickcast_redis_left_over_total") == len(half_done) + 1
            assert second.metric("tickcast_redis_taken_total") == len(half_done) + 1 + len(left)
            assert second.metric("tickcast_redis_refused_total") == 0
        finally:
            assert second.stop() == 0


async def test_left_overs_come_first_however_many(start, redis):
    with redis.link() as link:
        link.pipeline([("RPUSH", PROCESSING, publish(n)) for n in range(1500)])
        push(link, publish("new"))
        server = start()
        await all_done(server, link, 1501)
        assert server.metric("tickcast_redis_left_over_total") == 1500
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.q")
        assert client.topic("signal.q").snapshots[0]["data"]["last"] == "new"


async def test_an_orderly_stop_leaves_nothing_half_done(start, redis):
    total = 20_000
    with redis.link() as link:
        push(link, *(publish(n) for n in range(total)))
        for _ in range(3):
            server = start()
            await until(lambda: server.metric("tickcast_redis_done_total") > 100, "some of them")
            assert server.stop() == 0
            assert link.texts(PROCESSING) == []
        assert 0 < link.command("LLEN", QUEUE) < total
        left = link.command("LLEN", QUEUE)
        last = start()
        await all_done(last, link, left)
        assert last.metric("tickcast_redis_left_over_total") == 0


async def test_commands_that_meet_a_dying_actor_are_tried_again(start, redis):
    server = start()
    manager = next(row for row in server.rows("/api/actors") if row["kind"] == "user manager")
    with redis.link() as link:
        push(link, *(json.dumps({"type": "push_user", "data": {"user": "42", "kind": "k", "data": n, "keep": False}})
                     for n in range(5000)))
        await until(lambda: server.metric("tickcast_redis_done_total") > 50, "some of them")
        assert server.act(f"/api/actors/{manager['id']}/restart").status == 200
        await all_done(server, link, 5000, 60)
        assert link.texts(REFUSED) == []


# ---- channels

async def listens(link):
    await until(lambda: link.command("PUBSUB", "NUMSUB", "events")[1] == 1, "the server listens")


async def test_quotes_and_commands_come_through_channels_and_patterns(start, redis):
    server = start(channels=["prices.*", "events"])
    await is_live(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("quote.X", "signal.q")
        with redis.link() as link:
            await listens(link)
            quote = {"type": "quote", "symbol": "X", "time": time.time_ns(), "bid": "1.1", "bid_size": "5", "ask": "1.2",
                     "ask_size": "6"}
            heard = [link.command("PUBLISH", "prices.X", json.dumps(quote)),
                     link.command("PUBLISH", "prices.Y", msgpack.packb([{**quote, "time": quote["time"] + 1, "bid": "1.15"}])),
                     link.command("PUBLISH", "events", publish(1)), link.command("PUBLISH", "other", publish(2))]
            assert heard == [1, 1, 1, 0]
            await until(lambda: len(client.topic("quote.X").updates) == 2 and numbers(client) == [1], "all of it")
            assert str(client.topic("quote.X").updates[-1]["data"]["bid"]) == "1.15"
            link.command("PUBLISH", "events", "rubbish")
            await until(lambda: server.metric("tickcast_feed_refused_total", feed="redis") == 1, "its refusal is counted")
            redis.kill()
        redis.start()
        with redis.link() as link:
            await listens(link)
            link.command("PUBLISH", "events", publish(3))
            await until(lambda: numbers(client) == [1, 3], "the next one")
    assert server.metric("tickcast_feed_ticks_total", feed="redis") == 2


async def test_a_suspended_bridge_takes_nothing(start, redis):
    server = start(channels=["events"])
    await is_live(server)
    with redis.link() as link:
        assert server.act("/api/feeds/redis/suspend").status == 200
        await until(lambda: link.command("PUBLISH", "events", publish(1)) == 0, "it has left")
        push(link, publish(2))
        await asyncio.sleep(0.5)
        assert len(link.texts(QUEUE)) == 1
        assert server.act("/api/feeds/redis/resume").status == 200
        await all_done(server, link, 1)


# ---- calls

CLAIMS = {"order.place": "queue:orders"}


async def backend_takes(link):
    async def one():
        return link.command("LPOP", "queue:orders")
    return json.loads(await until(one, "a call"))


def answer(link, call, **what):
    push(link, json.dumps({"type": "answer", "id": call["id"], **what}))


async def test_what_a_client_sends_is_pushed_to_its_list_and_answered_through_a_queue(start, redis):
    server = start(claims=CLAIMS)
    await is_live(server)
    with redis.link() as link:
        async with await sign_in(server, name="Ann") as client, await Client.open(server.ws) as nobody:
            asking = asyncio.create_task(client.command("order.place", qty=3))
            call = await backend_takes(link)
            assert call == {"type": "order.place", "src": "tickcast", "id": call["id"], "data": {"qty": 3}, "user": "42",
                            "client": call["client"]}
            answer(link, call, data={"order": 7, "price": 0.5})
            assert await asking == {"order": 7, "price": pytest.approx(0.5)}
            asking = asyncio.create_task(nobody.command("order.place", qty=11))
            other = await backend_takes(link)
            assert "user" not in other and other["client"] != call["client"] and other["id"] != call["id"]
            answer(link, other, error={"code": 1001, "message": "not enough margin"})
            with pytest.raises(Refused) as refusal:
                await asking
            assert (refusal.value.code, refusal.value.message) == (1001, "not enough margin")
            await client.send({"type": "order.place", "data": {"qty": 1}})
            assert "id" not in await backend_takes(link)
            answer(link, call, data=1)
            answer(link, {"id": "c17"}, data=1)
            await until(lambda: server.metric("tickcast_redis_answers_unknown_total") == 2, "both are counted")
            assert link.texts(REFUSED) == []
    assert server.metric("tickcast_redis_calls_total") == 3
    assert server.metric("tickcast_redis_open_calls") == 0


async def test_calls_wait_for_redis_and_no_more_of_them_than_may(start, redis):
    server = start({"service": {"call_ms": 4000}}, claims=CLAIMS, waiting=3)
    await is_live(server)
    redis.kill()
    await until(lambda: feed_of(server)["state"] == "down", "the feed is down", 10 * SLOWED)
    async with await sign_in(server) as client:
        asking = [asyncio.create_task(client.command("order.place", n=n)) for n in range(3)]
        await until(lambda: server.metric("tickcast_redis_calls_waiting") == 3, "three wait")
        with pytest.raises(Refused) as refusal:
            await client.command("order.place", n=3)
        assert refusal.value.code == 111
        redis.start()
        with redis.link() as link:
            for n in range(3):
                call = await backend_takes(link)
                assert call["data"] == {"n": n}
                answer(link, call, data=n)
            assert await asyncio.gather(*asking) == [0, 1, 2]


async def test_a_call_that_nobody_answers_ends_and_says_whether_it_was_sent(start, redis):
    server = start({"service": {"call_ms": 500}}, claims=CLAIMS)
    await is_live(server)
    async with await sign_in(server) as client:
        with pytest.raises(Refused) as refusal:
            await client.command("order.place")
        assert refusal.value.code == 113 and not refusal.value.temporary
        redis.kill()
        await until(lambda: feed_of(server)["state"] == "down", "the feed is down", 10 * SLOWED)
        with pytest.raises(Refused) as refusal:
            await client.command("order.place")
        assert refusal.value.code == 100 and refusal.value.temporary and "not done" in refusal.value.message
        redis.start()
        with redis.link() as link:
            await is_live(server)
            assert len(link.texts("queue:orders")) == 1, "the second one is not pushed any more"
    assert server.metric("tickcast_redis_calls_overdue_total") == 2


# ---- set up wrongly

async def test_a_wrong_password_is_told_and_never_shown(start_server, tmp_path):
    redis = RedisServer(tmp_path / "redis", password="right-secret")
    try:
        server = start_server({"redis": {"url": f"redis://:wrong-secret@127.0.0.1:{redis.port}", "queues": [QUEUE]}})
        await until(lambda: "WRONGPASS" in server.log, "the log says why", 10 * SLOWED)
        await until(lambda: feed_of(server)["state"] == "down", "the feed is down", 10 * SLOWED)
        assert "wrong-secret" not in server.log and "wrong-secret" not in json.dumps(server.started)
        right = start_server({"redis": {"url": f"redis://:right-secret@127.0.0.1:{redis.port}/2", "queues": [QUEUE]}})
        await is_live(right)
        with redis.link() as link:
            link.command("SELECT", 2)
            push(link, publish(1))
            await all_done(right, link, 1)
        assert "right-secret" not in right.log
    finally:
        redis.stop()


async def test_a_key_that_is_no_list_is_complained_of_and_read_when_it_is_one(start, redis):
    with redis.link() as link:
        link.command("SET", QUEUE, "text")
        server = start(queues=[QUEUE, "queue:other"])
        await until(lambda: "WRONGTYPE" in server.log, "the log says so")
        push(link, publish(1), queue="queue:other")
        await until(lambda: server.metric("tickcast_redis_done_total", list="queue:other") == 1, "the other list is read")
        link.command("DEL", QUEUE)
        push(link, publish(2))
        await until(lambda: server.metric("tickcast_redis_done_total", list=QUEUE) == 1, "and this one", 10 * SLOWED)


@pytest.mark.parametrize("section, word", [
    ({"url": "redis://127.0.0.1:x"}, "redis.url"), ({"processing": ""}, "redis.processing"),
    ({"queues": ["a", "a"]}, "redis.queues"), ({"claims": {"subscribe": "q"}}, "redis.claims")])
def test_what_is_set_up_wrongly_is_refused_at_the_start(tmp_path, section, word):
    server = Server(tmp_path / "server", {"redis": {"url": "redis://127.0.0.1:1", **section}})
    server.launch()
    assert server.wait() != 0
    assert word in server.log
