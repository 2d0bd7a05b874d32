"""Sessions of a real Django, in a real Redis, in the cookie, in its database: sign in, be known, sign out, be gone."""
import asyncio

import pytest

from harness.client import Client, Refused
from harness.django_site import SECRET_KEY, USER, Site
from harness.redis_server import RedisServer
from harness.server import http_get
from harness.tokens import secret_file
from harness.waiting import until


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path / "redis")
    yield server
    server.stop()


@pytest.fixture
def site_of(tmp_path, redis):
    sites = []

    def start(engine, serializer):
        sites.append(Site(tmp_path / f"site{len(sites)}", engine, redis.port, serializer))
        return sites[-1]

    yield start
    for site in sites:
        site.stop()


def in_redis(redis, **more):
    return {"django": {"store": f"redis://127.0.0.1:{redis.port}/1", "key_prefix": "shop", "key_version": 3, **more},
            "recheck_ms": 500}


async def who(server, visitor, **options):
    async with await Client.open(server.ws, extra_headers=visitor.headers, **options) as client:
        return await client.command("connect")


@pytest.mark.parametrize("engine, serializer, prefix", [
    ("cache", "pickle", "django.contrib.sessions.cache"), ("cache", "json", "django.contrib.sessions.cache"),
    ("cached_db", "pickle", "django.contrib.sessions.cached_db")])
async def test_a_session_in_redis(start_server, redis, site_of, engine, serializer, prefix):
    site = site_of(engine, serializer)
    server = start_server({"auth": {**in_redis(redis, session_prefix=prefix)}})
    visitor = site.visitor()
    assert "user" not in await who(server, visitor)
    visitor.log_in()
    async with await Client.open(server.ws, extra_headers=visitor.headers) as client:
        reply = await client.command("connect")
        assert (reply["user"], reply["name"]) == (site.user, USER)
        assert reply["expires"] > 1_700_000_000_000_000
        await client.subscribe(f"user.{site.user}")
        old = dict(visitor.headers)
        visitor.log_out()
        assert await client.closed(within=5) == 3503
    assert old["Cookie"].split("sessionid=")[1] not in server.log
    async with await Client.open(server.ws, extra_headers=old) as again:
        assert "user" not in await again.command("connect")
        with pytest.raises(Refused) as refusal:
            await again.command("subscribe", topics=[f"user.{site.user}"])
        assert refusal.value.code == 103
    assert server.metric("tickcast_sign_ins_refused_total", reason="no_session") >= 2


@pytest.mark.parametrize("serializer", ["json", "pickle"])
async def test_a_session_in_the_cookie(start_server, site_of, tmp_path, serializer):
    site = site_of("signed_cookies", serializer)
    secrets = secret_file(tmp_path, f"a newer one\n{SECRET_KEY}\n", "django-secret")
    server = start_server({"auth": {"django": {"store": "cookie", "secret_key_file": secrets}}})
    visitor = site.visitor().log_in()
    reply = await who(server, visitor)
    assert (reply["user"], reply["name"]) == (site.user, USER)
    forged = {"Cookie": visitor.headers["Cookie"] + "x"}
    async with await Client.open(server.ws, extra_headers=forged) as client:
        assert "user" not in await client.command("connect")
    assert server.metric("tickcast_sign_ins_refused_total", reason="bad_signature") == 1


async def test_a_session_in_the_database_by_the_callback(start_server, site_of):
    site = site_of("db", "json")
    server = start_server({"auth": {"callback": {"url": site.url + "/tickcast/", "cache_ms": 60000},
                                    "recheck_ms": 1000}})
    visitor = site.visitor().log_in()
    async with await Client.open(server.ws, extra_headers=visitor.headers) as first:
        replies = await asyncio.gather(first.command("connect"), *(who(server, visitor) for _ in range(20)))
        assert {(reply["user"], reply["name"]) for reply in replies} == {(site.user, USER)}
        assert site.calls() <= 2, "identical questions are one"
        assert server.metric("tickcast_sign_in_questions_merged_total") > 0
        await who(server, visitor)
        assert server.metric("tickcast_sign_in_questions_cached_total") > 0
        visitor.log_out()
        assert await first.closed(within=8) == 3503


async def test_redis_is_killed_and_comes_back_amid_sign_ins(start_server, redis, site_of):
    site = site_of("cache", "pickle")
    server = start_server({"auth": {**in_redis(redis, timeout_ms=1000), "anonymous": False}})
    visitor = site.visitor().log_in()
    async with await Client.open(server.ws, extra_headers=visitor.headers) as client, \
            await Client.open(server.ws, extra_headers=visitor.headers) as neighbour:
        assert (await client.command("connect"))["user"] == site.user
        assert (await neighbour.command("connect"))["user"] == site.user
        redis.kill()
        async with await Client.open(server.ws, extra_headers=visitor.headers) as newcomer:
            assert await newcomer.closed(within=5) == 3004, "come again"
            assert newcomer.frames[0]["data"]["temporary"] and "Redis" in newcomer.frames[0]["data"]["message"]
        await asyncio.sleep(1)
        assert await client.command("ping") == {}, "who is in stays in"
        redis.start()

        async def known():
            try:
                return (await who(server, visitor))["user"] == site.user
            except (Refused, ConnectionError):
                return False
        await until(known, "sessions are read again")
        visitor.log_out()
        assert await client.closed(within=5) == 3503


async def test_rubbish_in_redis_is_nobody(start_server, redis):
    server = start_server({"auth": in_redis(redis)})
    for number, body in enumerate((r"\x80\x04cos\nsystem\n.", "rubbish", r"\x80\x05", "[]", "{")):
        key = f"{number:032d}"
        redis.ask(f'SELECT 1\r\nSET shop:3:django.contrib.sessions.cache{key} "{body}"')
        async with await Client.open(server.ws, extra_headers={"Cookie": f"sessionid={key}"}) as client:
            assert "user" not in await client.command("connect")
    assert server.metric("tickcast_sign_ins_refused_total", reason="malformed") == 5
    for odd in ("x", "a b", "a" * 100, "*", "../.."):
        async with await Client.open(server.ws, extra_headers={"Cookie": f"sessionid={odd}"}) as client:
            assert "user" not in await client.command("connect")


async def test_http_knows_a_session_too(start_server, redis, site_of):
    site = site_of("cache", "pickle")
    server = start_server({"auth": {**in_redis(redis), "anonymous": False}})
    assert http_get(server.http + "/api/v1/symbols").status == 401
    visitor = site.visitor().log_in()
    assert http_get(server.http + "/api/v1/symbols", visitor.headers).status == 200
    visitor.log_out()
    assert http_get(server.http + "/api/v1/symbols", {"Cookie": "sessionid=" + "a" * 32}).status == 401
