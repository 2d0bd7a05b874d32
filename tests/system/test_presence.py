"""Presence: who is on a topic, who comes and goes, and who may know."""
import asyncio

import pytest

from harness.backend import Backend
from harness.client import Client, Refused
from harness.tokens import secret_file, token
from harness.waiting import until

CLASS = {"name": "chat", "topics": ["chat.*"], "presence": True, "publish": True}
RULE = {"name": "staff", "outcome": "allow", "topics": ["chat.*"], "actions": ["presence"], "groups": ["staff"]}


@pytest.fixture
def start(start_server, tmp_path):
    def run(**more):
        settings = {"io": {"shards": 2}, "topic_class": [CLASS], "rule": [RULE], "users": {"leave_ms": 300},
                    "auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)}}, **more}
        return start_server(settings)
    return run


async def sign_in(server, user, encoding="json", **claims):
    client = await Client.open(server.ws, encoding)
    await client.command("connect", token=token(user, **claims))
    return client


async def staff(server):
    client = await sign_in(server, "99", groups=["staff"])
    await client.subscribe("presence.chat.a")
    return client


def events(client, topic="presence.chat.a"):
    return [(frame["data"]["event"], frame["data"].get("user")) for frame in client.topic(topic).updates]


async def people(client, topic="chat.a"):
    reply = await client.command("presence", topic=topic)
    return {each["user"]: each["connections"] for each in reply["users"]}, reply


async def settled(client, expected):
    await until(lambda: events(client) == expected, lambda: f"{expected}, came {events(client)}")


async def test_users_come_once_and_leave_when_their_last_connection_does(start, encoding):
    server = start()
    watcher = await staff(server)
    one, two = await sign_in(server, "1", encoding, name="Ann"), await sign_in(server, "1")
    other, anonymous = await sign_in(server, "2"), await Client.open(server.ws)
    await one.subscribe("chat.a")
    await settled(watcher, [("join", "1")])
    await two.subscribe("chat.a")
    await other.subscribe("chat.a", "chat.b")
    await settled(watcher, [("join", "1"), ("join", "2")])
    await anonymous.subscribe("chat.a")
    await settled(watcher, [("join", "1"), ("join", "2"), ("join", None)])
    here, reply = await people(watcher)
    assert here == {"1": 2, "2": 1} and (reply["connections"], reply["anonymous"]) == (4, 1)
    assert [each["name"] for each in reply["users"] if each["user"] == "1"] == ["Ann"]
    await until(lambda: watcher.topic("presence.chat.a").seq == 3, "the events")
    assert (await people(watcher))[1]["seq"] == 3
    await one.command("unsubscribe", topics=["chat.a"])
    await anonymous.close()
    await settled(watcher, [("join", "1"), ("join", "2"), ("join", None), ("leave", None)])
    await two.close()
    await settled(watcher, [("join", "1"), ("join", "2"), ("join", None), ("leave", None), ("leave", "1")])
    with Backend(server) as backend:
        assert [each["user"] for each in backend.told("presence", topic="chat.a")["users"]] == ["2"]
        assert backend.ask("presence", topic="monitor.x")["data"]["code"] == 108
    for client in (one, other, watcher):
        await client.close()


async def test_who_is_back_soon_has_not_left(start):
    server = start(users={"leave_ms": 1500})
    watcher = await staff(server)
    first = await sign_in(server, "1")
    await first.subscribe("chat.a")
    await settled(watcher, [("join", "1")])
    await first.close()
    second = await sign_in(server, "1")
    await second.subscribe("chat.a")
    await asyncio.sleep(2)
    assert events(watcher) == [("join", "1")]
    await second.close()
    await settled(watcher, [("join", "1"), ("leave", "1")])
    await watcher.close()


async def test_only_those_with_the_right_may_know(start):
    server = start()
    async with await sign_in(server, "1") as plain, await Client.open(server.ws) as anonymous:
        for client in (plain, anonymous):
            await client.subscribe("chat.a")
            for command, data in (("presence", {"topic": "chat.a"}), ("subscribe", {"topics": ["presence.chat.a"]})):
                with pytest.raises(Refused) as refusal:
                    await client.command(command, **data)
                assert refusal.value.code == 103, command
        await plain.command("subscribe", topics=["presence.*"])
        await asyncio.sleep(0.3)
        assert not [topic for topic in plain.topics if topic.startswith("presence.")]
    watcher = await staff(server)
    with pytest.raises(Refused) as refusal:
        await watcher.command("presence", topic="monitor.x")
    assert refusal.value.code == 103
    with pytest.raises(Refused) as refusal:
        await watcher.command("publish", topic="presence.chat.a", data=1)
    assert refusal.value.code == 103
    assert (await watcher.command("publish", topic="chat.a", data=1))["seq"] == 1
    await watcher.close()


async def test_a_desk_that_is_killed_finds_everybody_again(start):
    server = start()
    watcher, one = await staff(server), await sign_in(server, "1")
    await one.subscribe("chat.a")
    await settled(watcher, [("join", "1")])
    row = server.rows("/api/actors?kind=presence")[0]
    assert server.act(f"/api/actors/{row['id']}/restart").status == 200
    await until(lambda: server.rows("/api/actors?kind=presence")[0]["id"] != row["id"], "the next one")

    async def knows():
        return (await people(watcher))[0] == {"1": 1}
    await until(knows, "who is there")
    await one.close()
    await until(lambda: events(watcher)[-1] == ("leave", "1"), "the leave")
    await watcher.close()
