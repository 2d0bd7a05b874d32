"""Users: what backends push to them, what is kept until it is acknowledged, and what else backends do with them."""
import asyncio

import pytest
import zmq

from harness.backend import FORMS, Backend
from harness.client import Client, Refused
from harness.feed import Pusher
from harness.tokens import secret_file, token
from harness.waiting import until


@pytest.fixture
def start(start_server, tmp_path):
    def run(rules=(), **more):
        return start_server({"auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path),
                                              "leeway_ms": 0}}, "rule": list(rules), **more})
    return run


async def sign_in(server, user="42", encoding="json", seen=None, **claims):
    client = await Client.open(server.ws, encoding)
    data = {"messages": seen} if seen else {}
    await client.command("connect", token=token(user, **claims), **data)
    await until(lambda: any(row["user"] == user for row in server.rows("/api/users")), "the user")
    return client


def messages(client):
    return [frame for frame in client.frames if frame["type"] == "message"]


async def got(client, count, within=10):
    await until(lambda: len(messages(client)) >= count, lambda: f"{count} messages, came {client.frames[-3:]}", within)
    return messages(client)


async def online(backend, user, connections):
    await until(lambda: backend.told("presence", user=user)["users"][0]["connections"] == connections,
                f"{connections} connections of {user}")


@pytest.mark.parametrize("form", FORMS)
async def test_a_push_reaches_every_device_of_the_user_and_nobody_else(start, form):
    server = start()
    with Backend(server, form=form) as backend:
        async with await sign_in(server) as phone, await sign_in(server, encoding="msgpack") as desk, \
                await sign_in(server, "7") as other:
            await online(backend, "42", 2)
            reply = backend.told("push_user", user=42, kind="fill", data={"price": 0.10, "qty": [1, None]})
            assert (reply["users"], reply["connections"], reply["seq"]) == (1, 2, 1)
            for client in (phone, desk):
                message = (await got(client, 1))[0]
                assert (message["kind"], message["seq"], message["epoch"]) == ("fill", 1, reply["epoch"])
                assert message["data"]["qty"] == [1, None] and float(message["data"]["price"]) == 0.1
            await other.command("ping")
            assert messages(other) == []
    assert server.metric("tickcast_user_messages_total") == 1
    assert server.metric("tickcast_user_messages_delivered_total") == 2


async def test_what_came_by_pull_reaches_the_user_with_its_digits(start):
    server = start()
    async with await sign_in(server) as client:
        pull = Pusher(server.started["service_pull"])
        pull.socket.send(b'{"type":"push_user","src":"t","data":{"user":"42","kind":"pnl","data":'
                      b'{"value":0.1000000000000000055511151231257827,"big":12345678901234567890.5},"keep":false}}')
        message = (await got(client, 1))[0]
        assert str(message["data"]["value"]) == "0.1000000000000000055511151231257827"
        assert "seq" not in message
        pull.socket.send(b'{"type":"push_user","data":{"user":"42","kind":"pnl"}}')
        pull.socket.send(b'{"type":"users","data":{}}')
        await until(lambda: server.metric("tickcast_feed_refused_total", feed="service", reason="missing_field") == 1
                    and server.metric("tickcast_feed_refused_total", feed="service", reason="unsupported") == 1,
                    "both refusals are counted")
        pull.socket.close()


async def test_messages_wait_for_a_user_who_is_away_and_come_once(start):
    server = start()
    with Backend(server) as backend:
        for n in range(3):
            assert backend.told("push_user", user="42", kind="fill", data=n)["connections"] == 0
        async with await sign_in(server) as client:
            came = await got(client, 3)
            assert [(m["seq"], m["data"]) for m in came] == [(1, 0), (2, 1), (3, 2)]
            await client.command("ack", epoch=came[0]["epoch"], seq=[1, 2])
        epoch = came[0]["epoch"]
        async with await sign_in(server) as again:
            assert [m["seq"] for m in await got(again, 1)] == [3]
        # A device that says how far it is gets what it lacks, acknowledged by another one or not.
        async with await sign_in(server, seen={"epoch": epoch, "seq": 1}) as slow:
            assert [m["seq"] for m in await got(slow, 2)] == [2, 3]
        async with await sign_in(server, seen={"epoch": epoch, "seq": 3}) as fresh:
            await fresh.command("ping")
            assert messages(fresh) == []
    assert server.metric("tickcast_user_messages_acknowledged_total") == 2


async def test_what_nobody_acknowledges_is_sent_again_until_somebody_does(start):
    server = start(users={"resend_ms": 200})
    with Backend(server) as backend:
        async with await sign_in(server) as client:
            backend.told("push_user", user="42", kind="fill", data=1)
            backend.told("push_user", user="42", kind="tick", data=2, keep=False)
            came = await got(client, 4)
            kept = [m for m in came if m["kind"] == "fill"]
            assert {(m["epoch"], m["seq"]) for m in kept} == {(kept[0]["epoch"], 1)}
            await client.command("ack", epoch=kept[0]["epoch"], seq=1)
            count = len(messages(client))
            await asyncio.sleep(1.5)
            assert len(messages(client)) == count
            assert [m["kind"] for m in messages(client)].count("tick") == 1


async def test_the_oldest_go_when_there_are_too_many_and_the_device_is_told(start):
    server = start(users={"messages": 5})
    with Backend(server) as backend:
        async with await sign_in(server) as client:
            for n in range(3):
                backend.told("push_user", user="42", kind="k", data=n)
            came = await got(client, 3)
        for n in range(3, 12):
            backend.told("push_user", user="42", kind="k", data=n)
        async with await sign_in(server, seen={"epoch": came[0]["epoch"], "seq": 3}) as again:
            assert [m["seq"] for m in await got(again, 5)] == [8, 9, 10, 11, 12]
            gap = [frame for frame in again.frames if frame["type"] == "gap"]
            assert [(g["topic"], g["data"]["from"], g["data"]["to"], g["data"]["lost"]) for g in gap] == [
                ("user.42", 4, 7, 4)]
    assert server.metric("tickcast_user_messages_dropped_total") == 7


async def test_kept_messages_outlive_a_killed_server(start, tmp_path):
    server = start(store={"directory": str(tmp_path / "data")})
    with Backend(server) as backend:
        replies = [backend.told("push_user", user="a/b", kind="k", data=n) for n in range(4)]
        async with await sign_in(server, "a/b") as client:
            came = await got(client, 4)
            await client.command("ack", epoch=came[0]["epoch"], seq=[2])
            await until(lambda: server.metric("tickcast_user_messages_acknowledged_total") == 1, "the acknowledgement")
        backend.told("push_user", user="a/b", kind="k", data=4)
        server.kill()
    server.launch()
    server.await_start()
    with Backend(server) as backend:
        async with await sign_in(server, "a/b") as client:
            came = await got(client, 4)
            assert [m["data"] for m in came] == [0, 2, 3, 4]
            assert {m["epoch"] for m in came} == {replies[0]["epoch"]}
            later = backend.told("push_user", user="a/b", kind="k", data=5)
            assert later["epoch"] != replies[0]["epoch"], "a count that cannot be proven to go on went on"
            await got(client, 5)


async def test_groups_and_everybody(start):
    server = start()
    with Backend(server) as backend:
        async with await sign_in(server, "1", groups=["desk"]) as one, \
                await sign_in(server, "2", groups=["desk", "risk"], encoding="msgpack") as two, \
                await Client.open(server.ws) as anonymous:
            await until(lambda: len(backend.told("users", group="desk")["users"]) == 2, "both are in the group")
            assert backend.told("push_group", group="desk", kind="g", data=1)["users"] == 2
            assert backend.told("push_group", group="risk", kind="g", data=2)["users"] == 1
            assert backend.told("push_group", group="none", kind="g", data=3) == {"users": 0, "connections": 0}
            backend.told("broadcast", kind="b", data={"to": "all"})
            assert [m["data"] for m in await got(anonymous, 1)] == [{"to": "all"}]
            await got(one, 2)
            await got(two, 3)
            assert [m["kind"] for m in messages(one)] == ["g", "b"]
            assert [m["kind"] for m in messages(two)] == ["g", "g", "b"]


async def test_a_broadcast_reaches_only_those_who_are_let_in(start_server, tmp_path):
    server = start_server({"auth": {"anonymous": False, "jwt": {"algorithms": ["HS256"],
                                                                "secret_file": secret_file(tmp_path)}}})
    with Backend(server) as backend:
        async with await Client.open(server.ws) as outside, await sign_in(server) as inside:
            backend.told("broadcast", kind="b", data=1)
            await got(inside, 1)
            assert messages(outside) == []


async def test_topics_given_to_a_user_come_to_all_devices_and_later_ones(start):
    server = start(rules=[{"name": "no", "outcome": "deny", "topics": ["desk.*"]}])
    with Backend(server) as backend:
        async with await sign_in(server) as first:
            with pytest.raises(Refused):
                await first.command("subscribe", topics=["desk.risk"])
            await first.subscribe("chat.x")
            assert backend.told("subscribe_user", user="42", topics=["desk.risk", "chat.x"]) == {"connections": 1}
            async with await sign_in(server) as second:
                backend.told("publish", topic="desk.risk", data={"n": 1})
                for client in (first, second):
                    await until(lambda: client.topic("desk.risk").frames and
                                (client.topic("desk.risk").frames[-1]["data"] in ({"n": 1}, {"last": {"n": 1}})),
                                lambda: f"the topic, came {client.frames}")
                assert not [f for f in first.frames + second.frames if f["type"] == "error" and f["id"] == 0]
                backend.told("unsubscribe_user", user="42", topics=["desk.risk"])
                await first.command("ping")
                before = len(first.topic("desk.risk").frames)
                await asyncio.sleep(0.2)
                backend.told("publish", topic="desk.risk", data={"n": 2})
                await asyncio.sleep(0.3)
                assert len(first.topic("desk.risk").frames) == before


async def test_a_user_is_disconnected_with_code_and_reason(start):
    server = start()
    with Backend(server) as backend:
        async with await sign_in(server) as client, await sign_in(server, "7") as other:
            assert backend.told("disconnect_user", user="42", code=4001, reason="account closed") == {"connections": 1}
            assert await client.closed() == 4001
            assert client.socket.close_reason == "account closed"
            assert await other.command("ping") == {}
            assert backend.told("disconnect_user", user="nobody") == {"connections": 0}
            await online(backend, "42", 0)


async def test_too_many_connections_of_one_user_are_turned_away(start):
    server = start(limits={"connections_per_user": 2})
    async with await sign_in(server) as one, await sign_in(server) as two, await sign_in(server) as three:
        assert await three.closed() == 3504
        assert await one.command("ping") == {} and await two.command("ping") == {}
        async with await sign_in(server, "7") as other:
            assert await other.command("ping") == {}
    assert server.metric("tickcast_user_connections_refused_total") == 1


async def test_clients_publish_where_a_rule_allows_it(start, encoding):
    server = start(rules=[{"name": "chat", "outcome": "allow", "topics": ["chat.*"], "actions": ["publish"],
                           "who": "signed-in"}], limits={"publishes_per_s": 5})
    async with await sign_in(server, encoding=encoding) as ann, await sign_in(server, "7") as bob:
        await ann.subscribe("chat.a")
        await bob.subscribe("chat.a")
        first = await ann.command("publish", topic="chat.a", data={"text": "hi"})
        assert (first["topic"], first["seq"]) == ("chat.a", 1)
        second = await ann.command("publish", topic="chat.a", data="unheard", echo=False)
        assert second["seq"] == 2
        await bob.updates("chat.a", 2)
        await ann.command("publish", topic="chat.a", data=3)
        updates = await ann.updates("chat.a", 2)
        assert [u["seq"] for u in updates] == [1, 3]
        for topic, code in (("trade.X", 103), ("desk.x", 103), ("user.7", 103), ("bad topic", 102)):
            with pytest.raises(Refused) as refusal:
                await ann.command("publish", topic=topic, data=1)
            assert refusal.value.code == code, topic
        codes = []
        for n in range(12):
            try:
                await ann.command("publish", topic="chat.a", data=n)
            except Refused as why:
                codes.append(why.code)
        assert codes and set(codes) == {111}
        with pytest.raises(Refused) as refusal:
            await ann.command("publish", topic="chat.a")
        assert refusal.value.code == 107


async def test_publish_tells_its_place_and_an_idempotency_key_makes_it_once(start):
    server = start()
    with Backend(server) as backend:
        first = backend.ask("publish", key="k1", topic="monitor.x", data={"n": 1})["data"]
        assert (first["topic"], first["seq"]) == ("monitor.x", 1)
        assert backend.ask("publish", key="k1", topic="monitor.x", data={"n": 1})["data"] == first
        conflict = backend.ask("publish", key="k1", topic="monitor.x", data={"n": 2})
        assert (conflict["data"]["code"], conflict["data"]["temporary"]) == (112, False)
        assert backend.told("publish", topic="monitor.x", data={"n": 1})["seq"] == 2
        # What was refused for good is remembered, too; the next key is another matter.
        reserved = [backend.ask("publish", key="k2", topic="trade.X", data=1)["data"]["code"] for _ in range(2)]
        assert reserved == [103, 103]
        many = [backend.ask("push_user", key="k3", user="9", kind="k", data=1)["data"] for _ in range(3)]
        assert many[0]["seq"] == 1 and many == [many[0]] * 3
    assert server.metric("tickcast_service_repeats_total") == 3
    assert server.metric("tickcast_service_conflicts_total") == 1


@pytest.mark.parametrize("form", FORMS)
async def test_rubbish_commands_are_refused_with_a_sentence(start, form):
    server = start(users={"message_bytes": 100})
    cases = [("push_user", {"kind": "k", "data": 1}, "user"), ("push_user", {"user": "1", "data": 1}, "kind"),
             ("push_user", {"user": "1", "kind": "k"}, "data.data"), ("push_user", {"user": [], "kind": "k", "data": 1}, "user"),
             ("push_user", {"user": "1", "kind": "k", "data": 1, "odd": 1}, "odd"),
             ("push_user", {"users": [], "kind": "k", "data": 1}, "1 to 1000"),
             ("push_user", {"user": "1", "kind": "k", "data": "x" * 200}, "message_bytes"),
             ("push_user", {"user": "1", "kind": "k", "data": 1, "keep": "no"}, "true or false"),
             ("disconnect_user", {"user": "1", "code": 1000}, "3000"), ("subscribe_user", {"user": "1", "topics": []}, "topics"),
             ("subscribe_user", {"user": "1", "topics": ["a b"]}, ""), ("presence", {}, "presence needs"),
             ("users", {"limit": 0}, "limit"), ("topics", {"pattern": 3}, "pattern"), ("refresh", {}, "user")]
    with Backend(server, form=form) as backend:
        for type, data, word in cases:
            answer = backend.ask(type, **data)
            assert answer["type"] == "error" and answer["data"]["code"] in (102, 107), (type, data, answer)
            assert word in answer["data"]["message"], answer
        assert backend.told("users")["users"] == []


async def test_who_is_there(start):
    server = start()
    with Backend(server) as backend:
        async with await sign_in(server, "1", name="Ann", groups=["desk"]) as one, await sign_in(server, "1") as _, \
                await sign_in(server, "2") as two:
            await online(backend, "1", 2)
            users = backend.told("presence", users=["1", 2, "3"])["users"]
            assert [(u["user"], u["online"], u["connections"]) for u in users] == [
                ("1", True, 2), ("2", True, 1), ("3", False, 0)]
            listed = backend.told("users", limit=1)
            assert (len(listed["users"]), listed["total"], listed["more"]) == (1, 2, True)
            rest = backend.told("users", after="1")
            assert [u["user"] for u in rest["users"]] == ["2"] and not rest["more"]
            await two.subscribe("monitor.x")
            backend.told("publish", topic="monitor.x", data=1)
            topics = backend.told("topics", pattern="monitor.*")
            assert topics == {"topics": [{"topic": "monitor.x", "seq": 1, "subscribers": 1}], "more": False}
            stats = backend.told("stats")
            assert stats["users"] == 2 and stats["connections"] == 3
            await one.close()


async def test_agents_and_manager_are_killed_and_nothing_kept_is_lost(start):
    server = start(users={"resend_ms": 300})

    async def restart(kind):
        rows = server.rows(f"/api/actors?kind={kind.replace(' ', '%20')}")
        assert rows, f"no {kind}"
        assert server.act(f"/api/actors/{rows[0]['id']}/restart").status == 200

        async def again():
            now = server.rows(f"/api/actors?kind={kind.replace(' ', '%20')}")
            return now and now[0]["id"] != rows[0]["id"]
        await until(again, f"the next {kind}")

    with Backend(server) as backend:
        async with await sign_in(server) as client:
            backend.told("push_user", user="42", kind="k", data=1)
            await restart("user agent")
            backend.told("push_user", user="42", kind="k", data=2)
            await until(lambda: {m["data"] for m in messages(client)} == {1, 2}, "both messages")
            await restart("user manager")
            await until(lambda: backend.ask("push_user", user="42", kind="k", data=3)["type"] == "reply", "the manager")
            await until(lambda: {m["data"] for m in messages(client)} == {1, 2, 3}, "the third message")
            assert {m["epoch"] for m in messages(client)} == {messages(client)[0]["epoch"]}
            await client.command("ack", epoch=messages(client)[0]["epoch"], seq=[1, 2, 3])
            async with await sign_in(server) as second:
                await online(backend, "42", 2)
                assert messages(second) == []
            assert client.socket.close_code is None


async def test_a_flood_of_bytes_is_not_read(start):
    server = start(limits={"bytes_per_s": 20000})
    async with await Client.open(server.ws) as client, await Client.open(server.ws) as neighbour:
        for n in range(8):
            await client.send({"type": "ping", "id": n + 1, "data": {"x": "y" * 5000}})
        errors = await client.errors(3)
        assert {(e["id"], e["data"]["code"]) for e in errors} == {(0, 111)}
        assert await neighbour.command("ping") == {}


def test_a_deaf_backend_holds_up_nobody(start):
    server = start()
    deaf = zmq.Context.instance().socket(zmq.DEALER)
    deaf.setsockopt(zmq.LINGER, 0)
    deaf.setsockopt(zmq.RCVHWM, 1)
    deaf.connect(server.started["service_router"])
    for n in range(2000):
        deaf.send_json({"type": "push_user", "id": n, "data": {"user": "1", "kind": "k", "data": n}})
    with Backend(server) as backend:
        assert backend.told("push_user", user="2", kind="k", data=1)["users"] == 1
    deaf.close()


async def test_a_connection_that_becomes_another_user_gets_nothing_of_the_first(start):
    server = start()
    with Backend(server) as backend:
        client = await Client.open(server.ws, extra_headers={"Authorization": f"Bearer {token('1')}"})
        await online(backend, "1", 1)
        await client.send({"type": "connect", "id": 1, "data": {"token": token("2")}})
        assert await client.closed() == 3004
        await online(backend, "1", 0)


async def test_a_gateways_names_of_any_encoding_do_no_harm(start_server):
    server = start_server({"auth": {"proxy": {"user_header": "X-User", "name_header": "X-Name"}},
                           "listen": {"trusted_proxies": ["127.0.0.1"]},
                           "topic_class": [{"name": "c", "topics": ["chat.*"], "presence": True}]})

    async def shake(user, name):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.ws.split(":")[2].split("/")[0]))
        writer.write(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nX-User: " + user +
                     b"\r\nX-Name: " + name + b"\r\n\r\n")
        text = b'{"type":"subscribe","id":1,"data":{"topics":["chat.a"]}}'
        writer.write(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)
        await writer.drain()
        return reader, writer

    with Backend(server) as backend:
        _, writer = await shake(b"7", b"Jos\xe9")
        await until(lambda: backend.told("users")["users"], "the user")
        assert backend.told("users")["users"][0]["name"] == "Jos\ufffd"
        await until(lambda: backend.told("presence", topic="chat.a")["users"], "the presence")
        _, other = await shake(b"Jos\xe9", b"x")
        await until(lambda: server.metric("tickcast_sign_ins_refused_total", reason="malformed") == 1, "the refusal")
        assert backend.told("users")["total"] == 1
        writer.close()
        other.close()
