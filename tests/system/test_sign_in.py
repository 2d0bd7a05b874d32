"""Signing in by tokens, API keys and a gateway; what the rules then allow; and every sort of rubbish."""
import asyncio
import base64
import hashlib
import json

import jwt
import pytest
import websockets

from harness.client import Client, Refused
from harness.server import http_get
from harness.tokens import SECRET, secret_file, token
from harness.waiting import until

KEY = "k" * 40


@pytest.fixture
def start(start_server, tmp_path):
    """A server that takes HS256 tokens and API keys; changes go below auth."""

    def run(auth=None, rules=(), **more):
        keys = f"robot {hashlib.sha256(KEY.encode()).hexdigest()} feeds\n"
        settings = {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path), "leeway_ms": 0},
                    "api_keys": {"file": secret_file(tmp_path, keys, "keys")}}
        for name, value in (auth or {}).items():
            settings[name] = {**settings[name], **value} if name in settings else value
        return start_server({"auth": settings, "rule": list(rules), **more})

    return run


def rule(name, outcome, topics, **more):
    return {"name": name, "outcome": outcome, "topics": topics, **more}


async def refused(client, code, kind, **data):
    with pytest.raises(Refused) as refusal:
        await client.command(kind, **data)
    assert refusal.value.code == code, refusal.value
    return refusal.value


async def test_connect_tells_who_signed_in(start, encoding):
    server = start()
    async with await Client.open(server.ws, encoding) as client:
        reply = await client.command("connect", token=token(name="Ada"))
        assert (reply["user"], reply["name"]) == ("42", "Ada")
        assert reply["expires"] > 1_700_000_000_000_000
        row = server.rows("/api/connections")[0]
        assert (row["user"], row["name"]) == ("42", "Ada")
        users = server.rows("/api/users")
        assert [(user["user"], user["connections"]) for user in users] == [("42", 1)]
    assert server.metric("tickcast_sign_ins_total", by="token") == 1


async def test_a_token_that_is_not_right_closes_before_anything_is_subscribed(start, encoding):
    server = start({"jwt": {"audience": "charts"}})
    none = jwt.encode({"sub": "42", "aud": "charts"}, None, algorithm="none")
    forged = token(secret="f" * 32, aud="charts")
    head, body, signature = token(aud="charts").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "1"}).encode()).decode().rstrip("=")
    cases = [(none, 101, 3500, "bad_algorithm"), (forged, 101, 3500, "bad_signature"),
             (f"{head}.{changed}.{signature}", 101, 3500, "bad_signature"),
             (token(aud="charts", lives_s=-1), 109, 3005, "expired"),
             (token(aud="else"), 101, 3500, "wrong_audience"), (token(), 101, 3500, "wrong_audience"),
             (token("", aud="charts"), 101, 3500, "no_user"), ("rubbish", 101, 3500, "malformed"),
             ("x" * 9000, 101, 3500, "malformed")]
    async with await Client.open(server.ws, encoding) as neighbour:
        for shown, code, close_code, reason in cases:
            before = server.metric("tickcast_sign_ins_refused_total", reason=reason)
            async with await Client.open(server.ws, encoding) as client:
                await client.send({"type": "connect", "id": 1, "data": {"token": shown}})
                await client.send({"type": "subscribe", "id": 2, "data": {"topics": ["trade.A"]}})
                assert await client.closed() == close_code, reason
                assert [(frame["id"], frame["data"]["code"]) for frame in client.frames] == [(1, code)], reason
                assert shown not in str(client.frames), "a refusal repeats what was shown"
            assert server.metric("tickcast_sign_ins_refused_total", reason=reason) == before + 1
        assert await neighbour.command("ping") == {}
    assert forged not in server.log


async def test_commands_that_come_before_the_verdict_are_taken_after_it(start):
    server = start()
    async with await Client.open(server.ws) as client:
        replies = await asyncio.gather(client.command("connect", token=token()),
                                       client.command("subscribe", topics=["user.42"]), client.command("ping"))
        assert replies[0]["user"] == "42" and replies[1]["topics"][0]["topic"] == "user.42"


async def test_an_api_key_signs_a_program_in(start, encoding):
    server = start()
    async with await Client.open(server.ws, encoding) as client:
        assert (await client.command("connect", api_key=KEY))["user"] == "key:robot"
    async with await Client.open(server.ws, encoding, extra_headers={"Authorization": f"ApiKey {KEY}"}) as client:
        assert (await client.command("connect"))["name"] == "robot"
    async with await Client.open(server.ws, encoding) as client:
        await refused(client, 101, "connect", api_key="w" * 40)
        assert await client.closed() == 3500


async def test_a_token_in_the_handshake(start):
    server = start({"jwt": {"query_parameter": "token", "cookie": "jwt"}})
    for options, address in (({"extra_headers": {"Authorization": f"Bearer {token()}"}}, server.ws),
                             ({"extra_headers": {"Cookie": f"a=b; jwt={token()}"}}, server.ws),
                             ({"subprotocols": ["tickcast.v1", f"tickcast.token.{token()}"]}, server.ws),
                             ({}, f"{server.ws}?token={token()}")):
        async with await Client.open(address, **options) as client:
            assert (await client.command("connect"))["user"] == "42", options
    async with await Client.open(server.ws, extra_headers={"Authorization": "Bearer rubbish"}) as client:
        assert await client.closed() == 3500


async def test_a_token_in_the_query_is_read_only_where_that_is_configured(start):
    server = start()
    async with await Client.open(f"{server.ws}?token={token()}") as client:
        assert "user" not in await client.command("connect")


async def test_where_nobody_may_stay_unnamed(start):
    server = start({"anonymous": False}, listen={"handshake_ms": 1000})
    async with await Client.open(server.ws) as client:
        await refused(client, 101, "subscribe", topics=["trade.A"])
        await refused(client, 101, "connect")
        assert await client.closed() == 3500
    async with await Client.open(server.ws) as idle:
        assert await idle.closed() == 3502
    async with await Client.open(server.ws) as client:
        await client.command("connect", token=token())
        await client.subscribe("trade.A")
    assert http_get(server.http + "/api/v1/symbols").status == 401


async def test_a_token_is_refreshed_on_the_living_connection_and_ends_it_otherwise(start, encoding):
    server = start({"warn_ms": 2000})
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as other:
        first = await client.command("connect", token=token(lives_s=3))
        await other.command("connect", token=token("7", lives_s=3))
        await until(lambda: [frame for frame in client.frames if frame["type"] == "expiring"], "a warning")
        await refused(client, 101, "refresh", token=token("7"))
        await refused(client, 101, "refresh", token="rubbish")
        await refused(client, 109, "refresh", token=token(lives_s=-5))
        refreshed = await client.command("refresh", token=token(lives_s=60))
        assert refreshed["expires"] > first["expires"]
        assert await other.closed() == 3005
        assert await client.command("ping") == {}


async def test_rules_say_who_may_have_which_topic(start, encoding):
    server = start(rules=[
        rule("no-btc", "deny", ["*.BTC*"], who="anonymous"), rule("delayed", "delayed", ["quote.SLOW"]),
        rule("masked", "allow", ["quote.PART"], fields=["bid"]),
        rule("staff", "allow", ["admin.*"], groups=["staff"], actions=["subscribe", "history"])])
    async with await Client.open(server.ws, encoding) as anybody, await Client.open(server.ws, encoding) as ada:
        await ada.command("connect", token=token(groups=["staff"]))
        refusal = await refused(anybody, 103, "subscribe", topics=["trade.ETH", "trade.BTCUSDT"])
        assert "no-btc" in refusal.message
        assert await anybody.subscribe("trade.ETH"), "a refused command changes nothing"
        for topic in ("user.42", "admin.log"):
            await refused(anybody, 103, "subscribe", topics=[topic])
        await ada.subscribe("trade.BTCUSDT", "user.42", "admin.log")
        await refused(ada, 103, "subscribe", topics=["user.43"])
        for topic in ("quote.SLOW", "quote.PART"):
            await ada.subscribe(topic)
        await refused(anybody, 102, "subscribe", topics=["*"])
        for pattern in ("user.*", "user.4?", "admin.*"):
            assert (await anybody.command("subscribe", topics=[pattern]))["topics"] == [], pattern
    assert server.metric("tickcast_client_errors_total", code="103") >= 4


async def test_rules_hold_for_history_and_over_http(start, feed_of):
    server = start(rules=[rule("paid", "deny", ["*.GOLD"], who="anonymous", actions=["subscribe", "history"])])
    with feed_of(server) as feed:
        feed.trade("GOLD")
        feed.trade("FREE")
        feed.quote("GOLD")
        await until(lambda: {"trade.GOLD", "trade.FREE"} <= set(server.topics()), "the topics")
        async with await Client.open(server.ws) as client:
            await refused(client, 103, "history", topic="trade.GOLD")
            assert (await client.command("history", topic="trade.FREE"))["trades"]
        paths = ("/api/v1/trades?symbol=GOLD", "/api/v1/bars?symbol=GOLD&interval=1m", "/api/v1/quote?symbol=GOLD",
                 "/udf/history?symbol=GOLD&resolution=1&from=0&to=9999999999")
        for path in paths:
            assert http_get(server.http + path).status == 403, path
            for header in (f"Bearer {token()}", f"ApiKey {KEY}"):
                assert http_get(server.http + path, {"Authorization": header}).status == 200, path
        assert http_get(server.http + "/udf/quotes?symbols=FREE,GOLD").json["s"] == "error"
        assert http_get(server.http + "/api/v1/trades?symbol=FREE").status == 200
        refusal = http_get(server.http + paths[0], {"Authorization": "Bearer rubbish"})
        assert refusal.status == 401 and "token" in refusal.json["error"]["message"]


async def test_keys_rotate_while_the_server_runs(start, tmp_path):
    server = start()
    secret_file(tmp_path, "n" * 32)

    async def taken():
        async with await Client.open(server.ws) as client:
            try:
                return (await client.command("connect", token=token(secret="n" * 32)))["user"] == "42"
            except Refused:
                return False
    await until(taken, "the new key is taken")
    async with await Client.open(server.ws) as client:
        await refused(client, 101, "connect", token=token(secret=SECRET))


async def test_a_revoked_api_key_is_cut_off(start, tmp_path):
    server = start({"recheck_ms": 500})
    async with await Client.open(server.ws) as client:
        await client.command("connect", api_key=KEY)
        secret_file(tmp_path, "other " + "a" * 64 + "\n", "keys")
        assert await client.closed() == 3503


async def test_a_gateway_says_who_it_is_and_nobody_comes_past_it(start):
    proxy = {"user_header": "X-Remote-User", "groups_header": "X-Remote-Groups"}
    server = start({"proxy": proxy}, listen={"trusted_proxies": ["127.0.0.1"]})
    async with await Client.open(server.ws, extra_headers={"X-Remote-User": "7"}) as client:
        assert (await client.command("connect"))["user"] == "7"
    with pytest.raises(websockets.InvalidStatusCode) as refusal:
        await Client.open(server.ws, extra_headers=[("X-Remote-User", "7"), ("X-Remote-User", "1")])
    assert refusal.value.status_code == 400
    past = start({"proxy": proxy}, listen={"trusted_proxies": ["10.0.0.1"]})
    with pytest.raises(websockets.InvalidStatusCode) as refusal:
        await Client.open(past.ws, extra_headers={"X-Remote-User": "7"})
    assert refusal.value.status_code == 403
    assert past.metric("tickcast_connections_refused_total", reason="not_by_gateway") == 1


async def test_a_refused_origin_says_which_setting_allows_it(start):
    server = start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n"
                 b"Origin: https://elsewhere.example\r\n\r\n")
    refusal = (await reader.read(65536)).decode()
    writer.close()
    assert refusal.startswith("HTTP/1.1 403") and "listen.allowed_origins" in refusal
