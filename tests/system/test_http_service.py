"""What backends send over ZeroMQ, sent over HTTP."""
import hashlib
import json

import pytest

from harness.backend import Backend
from harness.client import Client
from harness.server import http_get, http_send
from harness.tokens import secret_file, token
from harness.waiting import until

KEY, READER = "k" * 40, "r" * 40


@pytest.fixture
def server(start_server, tmp_path):
    def line(name, key, group):
        return f"{name} {hashlib.sha256(key.encode()).hexdigest()} {group}\n"
    keys = line("django", KEY, "backend,feeds") + line("reader", READER, "readers")
    return start_server({"auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)},
                                  "api_keys": {"file": secret_file(tmp_path, keys, "keys")}}})


def post(server, type, body, key=KEY, **headers):
    sent = {"Content-Type": "application/json", **headers}
    if key:
        sent["X-API-Key"] = key
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http_send(f"{server.http}/api/v1/{type}", text, sent)


async def test_a_push_reaches_the_user_once_for_its_key(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.command("connect", token=token())
        await until(lambda: post(server, "presence", {"user": 42}).json["users"][0]["online"], "the user")
        body = {"user": 42, "kind": "fill", "data": {"order": 31}}
        first = post(server, "push_user", body, **{"Idempotency-Key": "o-31"})
        assert first.status == 200 and (first.json["connections"], first.json["seq"]) == (1, 1)
        assert post(server, "push_user", body, **{"Idempotency-Key": "o-31"}).json == first.json
        other = post(server, "push_user", {**body, "kind": "else"}, **{"Idempotency-Key": "o-31"})
        assert other.status == 409
        await until(lambda: [f for f in client.frames if f["type"] == "message"], "the message")
        await client.command("ping")
        assert [f["data"] for f in client.frames if f["type"] == "message"] == [{"order": 31}]


def test_only_keys_of_the_group_may(server):
    body = {"topic": "monitor.x", "data": 1}
    assert post(server, "publish", body).status == 200
    for key, status in ((READER, 403), ("x" * 40, 401), (None, 401)):
        refusal = post(server, "publish", body, key)
        assert refusal.status == status and refusal.json["error"]["message"]
    bearer = http_send(f"{server.http}/api/v1/publish", json.dumps(body).encode(),
                       {"Authorization": f"Bearer {token()}"})
    assert bearer.status == 401
    assert http_send(f"{server.http}/api/v1/publish", json.dumps(body).encode(),
                     {"Authorization": f"ApiKey {KEY}"}).status == 200


def test_a_batch_is_done_in_its_order_and_tells_of_each(server):
    commands = [{"type": "publish", "data": {"topic": "monitor.b", "data": n}} for n in range(20)]
    commands += [{"type": "publish", "data": {"topic": "trade.X", "data": 1}}, {"type": "nothing", "data": {}}, 7,
                 {"type": "publish", "idempotency_key": "k", "data": {"topic": "monitor.b", "data": "k"}},
                 {"type": "publish", "idempotency_key": "k", "data": {"topic": "monitor.b", "data": "k"}},
                 {"type": "users", "data": {}}]
    answer = post(server, "batch", {"commands": commands})
    assert answer.status == 200
    results = answer.json["results"]
    assert [each["data"]["seq"] for each in results[:20]] == list(range(1, 21))
    assert [each["error"]["code"] for each in results[20:23]] == [103, 104, 107]
    assert results[23] == results[24] and results[23]["data"]["seq"] == 21
    assert results[25]["data"]["users"] == []


def test_rubbish_is_refused(server):
    cases = [("publish", b"", 400), ("publish", b"[1]", 400), ("publish", b"{", 400), ("publish", {}, 400),
             ("batch", {}, 400), ("batch", {"commands": []}, 400), ("batch", {"commands": [{}] * 1001}, 400),
             ("users", {"limit": -1}, 400), ("nothing", {}, 405)]
    for type, body, status in cases:
        answer = post(server, type, body)
        assert answer.status == status, (type, body, answer.body)
        assert answer.json["error"]["message"]
    assert post(server, "push_user", b'{"x":"' + b"y" * 1_100_000 + b'"}').status == 413
    assert post(server, "publish", {"topic": "a.b", "data": 1}, **{"Idempotency-Key": "k" * 129}).status == 400
    assert http_get(f"{server.http}/api/v1/publish").status == 405
    assert http_get(f"{server.http}/health").status == 200


def test_a_large_body_and_numbers_of_any_length_arrive_whole(server):
    text = '{"topic":"monitor.big","data":{"n":123456789012345678901234567890.125,"x":"' + "z" * 300_000 + '"}}'
    assert post(server, "publish", text.encode()).status == 200
    topics = post(server, "topics", {"pattern": "monitor.*"}).json["topics"]
    assert topics == [{"topic": "monitor.big", "seq": 1, "subscribers": 0}]
    assert post(server, "stats", {}).json["event_topics"] >= 1


def test_what_is_cut_or_nested_deep_harms_nobody(server):
    torn = {"type": "a" * 59 + "\u00e9" * 9, "data": {}}
    odd = {"type": "push_user", "data": {"user": "1", "kind": "k", "data": 1, "b" * 59 + "\u00e9" * 9: 1}}
    last = {"type": "push_user", "data": {"user": "1", "kind": "k", "data": 1}}
    results = post(server, "batch", {"commands": [torn, odd, last]}).json["results"]
    assert [("error" in each) for each in results] == [True, True, False]
    deep = b"[" * 400_000 + b"]" * 400_000
    for type, body in (("topics", b'{"x":' + deep + b"}"), ("presence", b'{"user":' + deep + b"}"),
                       ("batch", b'{"commands":[{"type":"publish","data":' + deep + b"}]}")):
        assert post(server, type, body).status == 400
    assert http_get(f"{server.http}/health").status == 200


async def test_numbers_keep_their_digits_and_a_key_counts_whichever_way_it_comes(server):
    async with await Client.open(server.ws) as client:
        await client.subscribe("monitor.n")
        text = '{"topic":"monitor.n","data":{"n":123456789012345.678901234567}}'
        one = post(server, "batch", ('{ "commands" : [ {"type":"publish","idempotency_key":"k","data": ' + text +
                                     " } ] }").encode()).json["results"][0]["data"]
        assert str((await client.updates("monitor.n", 1))[0]["data"]["n"]) == "123456789012345.678901234567"
        assert post(server, "publish", text.encode(), **{"Idempotency-Key": "k"}).json == one
        with Backend(server) as backend:
            backend.socket.send(('{"type":"publish","id":1,"idempotency_key":"k","data":' + text + "}").encode())
            assert backend.receive()["data"] == one
