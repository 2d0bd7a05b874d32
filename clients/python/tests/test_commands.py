"""Each command and question as it goes over the wire, and its answer as it comes back."""
import datetime
import uuid
from decimal import Decimal

import pytest

import tickcast
from tickcast import aio

UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 8, 8, 12, tzinfo=UTC)
SINCE_US = 1_723_118_400_000_000


@pytest.fixture
def client(fake):
    with tickcast.Client(fake.endpoint, timeout=5) as found:
        yield found


def asked(fake, type, reply, action):
    """What `action` sent as `type` and what it returned."""
    fake.answers[type] = lambda message: reply
    found = action()
    assert len(fake.messages) == 1 and fake.messages[0]["type"] == type
    return fake.messages[0], found


COMMANDS = [
    ("publish", lambda c: c.publish("news.all", {"a": 1}), {"topic": "news.all", "data": {"a": 1}},
     {"topic": "news.all", "epoch": "k3", "seq": 7}, tickcast.Published("news.all", "k3", 7)),
    ("push_user", lambda c: c.push_user(42, "fill", {"order": 31}), {"user": 42, "kind": "fill", "data": {"order": 31}},
     {"users": 1, "connections": 2, "epoch": "k3", "seq": 18}, tickcast.Pushed(1, 2, "k3", 18)),
    ("push_user", lambda c: c.push_user(["7", 8], "fill", [], keep=False),
     {"users": ["7", 8], "kind": "fill", "data": [], "keep": False}, {"users": 2, "connections": 0},
     tickcast.Pushed(2, 0)),
    ("push_group", lambda c: c.push_group("desk", "fill", {}), {"group": "desk", "kind": "fill", "data": {}},
     {"users": 3, "connections": 4}, tickcast.Pushed(3, 4)),
    ("broadcast", lambda c: c.broadcast("news", "hello"), {"kind": "news", "data": "hello"}, {}, None),
    ("subscribe_user", lambda c: c.subscribe_user(42, "news.all"), {"user": 42, "topics": ["news.all"]},
     {"connections": 2}, 2),
    ("unsubscribe_user", lambda c: c.unsubscribe_user(42, ("a.b", "c.d")), {"user": 42, "topics": ["a.b", "c.d"]},
     {"connections": 1}, 1),
    ("disconnect_user", lambda c: c.disconnect_user(42, 3700, "bye"), {"user": 42, "code": 3700, "reason": "bye"},
     {"connections": 1}, 1),
    ("disconnect_user", lambda c: c.disconnect_user(42), {"user": 42}, {"connections": 0}, 0),
    ("refresh", lambda c: c.refresh("42"), {"user": "42"}, {"connections": 1}, 1),
]


@pytest.mark.parametrize("type, action, data, reply, expected", COMMANDS)
def test_a_command_says_what_was_asked_with_a_key_and_its_answer_is_read(fake, client, type, action, data, reply,
                                                                         expected):
    message, found = asked(fake, type, reply, lambda: action(client))
    assert message["data"] == data and message["src"] == "python" and message["idempotency_key"]
    assert found == expected


@pytest.mark.parametrize("type, action, data, reply, expected", COMMANDS)
async def test_asyncio_sends_the_same(fake, type, action, data, reply, expected):
    fake.answers[type] = lambda message: reply
    async with aio.Client(fake.endpoint) as client:
        assert await action(client) == expected
    assert fake.messages[0]["data"] == data


def test_who_is_on_a_topic(fake, client):
    message, found = asked(fake, "presence", {
        "topic": "chat.1", "epoch": "k3", "seq": 9, "connections": 3, "anonymous": 1,
        "users": [{"user": "42", "name": "Ann", "connections": 2}]}, lambda: client.presence("chat.1"))
    assert message["data"] == {"topic": "chat.1"} and "idempotency_key" not in message
    assert found == tickcast.TopicPresence("chat.1", "k3", 9, 3, 1, (tickcast.OnTopic("42", "Ann", 2),))


def test_whether_users_are_there(fake, client):
    message, found = asked(fake, "presence", {"users": [
        {"user": "42", "online": True, "connections": 2, "name": "Ann", "groups": ["desk"], "since": SINCE_US},
        {"user": "43", "online": False, "connections": 0}]}, lambda: client.online([42, 43]))
    assert message["data"] == {"users": [42, 43]}
    assert found["42"] == tickcast.UserPresence("42", True, 2, "Ann", ("desk",), NOON)
    assert found["43"] == tickcast.UserPresence("43", False)


def test_who_is_online_comes_by_pages(fake, client):
    message, found = asked(fake, "users", {
        "users": [{"user": "42", "name": "Ann", "groups": [], "connections": 1, "since": SINCE_US}], "total": 9,
        "more": True}, lambda: client.users("desk", after="41", limit=1))
    assert message["data"] == {"group": "desk", "after": "41", "limit": 1}
    assert (found.total, found.more, [user.user for user in found], found.users[0].online) == (9, True, ["42"], True)


def test_topics_and_stats(fake, client):
    message, found = asked(fake, "topics", {"topics": [{"topic": "a.b", "seq": 4, "subscribers": 2}], "more": False},
                           lambda: client.topics("a.*"))
    assert message["data"] == {"pattern": "a.*"} and list(found) == [tickcast.Topic("a.b", 4, 2)]
    fake.answers["stats"] = lambda message: {"connections": 3, "version": "1"}
    assert client.stats() == {"connections": 3, "version": "1"}


def test_a_history_asks_with_exact_times(fake, client):
    bars = {"symbol": "B", "interval": "1m", "time": [SINCE_US], "open": [1], "high": [1], "low": [1], "close": [1],
            "volume": [1], "forming": True, "epoch": "k", "seq": 2, "next": None, "previous": 5}
    message, found = asked(fake, "get_history", bars, lambda: client.get_history(
        "B", "1m", start=NOON, end="2024-08-09", limit=9, functions="sma(3)", fields=["vwap", "rev"]))
    assert message["data"] == {"symbol": "B", "interval": "1m", "from": SINCE_US, "to": "2024-08-09", "limit": 9,
                               "functions": ["sma(3)"], "fields": ["vwap", "rev"]}
    assert (len(found), found.previous, found.next, found.seq) == (1, 5, None, 2)


def test_a_naive_time_is_refused_here(client):
    with pytest.raises(ValueError, match="time zone"):
        client.get_history("B", start=datetime.datetime(2024, 8, 8))


@pytest.mark.parametrize("nobody", [None, "", True, 1.5, object()])
def test_what_is_no_user_is_refused_here(client, nobody):
    with pytest.raises(ValueError, match="is no user"):
        client.push_user(nobody, "fill", {})


def test_a_model_and_a_uuid_stand_for_their_ids(fake, client):
    class Person:
        pk = uuid.UUID(int=7)
    message, _ = asked(fake, "push_user", {"users": 1}, lambda: client.push_user(Person(), "fill", {}))
    assert message["data"]["user"] == str(uuid.UUID(int=7))


def test_data_of_python_goes_as_json_says_it(fake, client):
    data = {"price": Decimal("0.10"), "at": NOON, "day": NOON.date(), "id": uuid.UUID(int=1), "tags": ("a", "b"),
            5: "x"}
    message, _ = asked(fake, "publish", {}, lambda: client.publish("a.b", data))
    assert message["data"]["data"] == {"price": "0.10", "at": "2024-08-08T12:00:00+00:00", "day": "2024-08-08",
                                       "id": str(uuid.UUID(int=1)), "tags": ["a", "b"], "5": "x"}


@pytest.mark.parametrize("data", [None, float("nan"), {"a": float("inf")}, b"bytes", {"a": object()}])
def test_data_that_cannot_be_sent_is_refused_at_the_callers_line(fake, client, data):
    with pytest.raises((ValueError, TypeError)):
        client.publish("a.b", data)
    assert fake.messages == []
