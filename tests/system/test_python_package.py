"""The Python package against the real server."""
import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from decimal import Decimal
from pathlib import Path

import numpy
import pytest
import zmq

from harness.client import Client
from harness.django_site import Visitor
from harness.redis_server import free_port
from harness.server import ROOT, SLOWED, http_get
from harness.tokens import secret_file, token
from harness.waiting import until, until_now

sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))
import tickcast  # noqa: E402

SYMBOL = "BTCUSDT"
BASE_NS = 1_723_075_200_000_000_000
PRICE = Decimal("123456789.123456789")


@pytest.fixture
def signed(start_server, tmp_path):
    """A server that takes tokens."""
    return start_server({"auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)}},
                         "service": {"lease_ms": 1000}})


@pytest.fixture
def backend_of():
    made = []

    def make(server, **options):
        made.append(tickcast.Client(server.started["service_router"], server.started["service_pull"],
                                    timeout=10 * SLOWED, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def needs(backend, *types):
    """Skips where the server does not answer these."""
    for type in types:
        try:
            backend.ask(tickcast.commands.Request(type, {}, dict))
        except tickcast.NotAvailable:
            pytest.skip(f"this server does not answer {type}: it is older than this test")
        except tickcast.TickcastError:
            pass


@pytest.fixture
def known(signed, backend_of):
    """A backend and a server that answers commands about users."""
    backend = backend_of(signed)
    needs(backend, "push_user")
    return backend


async def sign_in(server, user="42", **claims):
    client = await Client.open(server.ws)
    await client.command("connect", token=token(user, **claims))
    return client


def messages(client, kind=None):
    return [frame for frame in client.frames
            if frame["type"] == "message" and kind in (None, frame.get("kind"))]


def test_what_is_fed_is_read_back_to_the_last_digit(server, backend_of):
    backend = backend_of(server)
    for n in range(5):
        backend.pusher.trade(SYMBOL, f"100.{n}", "0.5", BASE_NS + n * 30 * 10**9, side="buy", id=n + 1)
    backend.pusher.feed(
        tickcast.market.trade(SYMBOL, PRICE, Decimal("0.000000000000000001"), BASE_NS + 150 * 10**9, id=6),
        tickcast.market.quote(SYMBOL, BASE_NS + 151 * 10**9, bid="1.10", bid_size=1, ask=PRICE, ask_size=2))

    def quote():
        try:
            found = backend.get_quote(SYMBOL)
            return found if found.quote else None
        except tickcast.UnknownTopic:
            return None
    found = until_now(quote, "the quote is there", 10 * SLOWED)
    assert (found.trade.price, found.trade.size, found.quote.ask, found.quote.bid) == (
        PRICE, Decimal("0.000000000000000001"), PRICE, Decimal("1.1"))
    assert backend.get_history(SYMBOL).trades()[-1].price == PRICE
    history = backend.get_history(SYMBOL, "1m", functions=["sma(2)"])
    http = http_get(f"{server.http}/api/v1/indicators?symbol={SYMBOL}&interval=1m&functions=sma(2)").json
    arrays = history.to_numpy()
    assert arrays["close"].tolist() == [float(value) for value in http["close"]]
    assert numpy.array_equal(arrays["sma(2)"], [numpy.nan, *http["values"]["sma(2)"][1:]], equal_nan=True)
    assert history.to_pandas().index[0].isoformat() == "2024-08-08T00:00:00+00:00"


def test_a_history_longer_than_a_page_is_walked_without_a_hole_or_a_double(server, backend_of):
    backend = backend_of(server)
    backend.pusher.feed(*(tickcast.market.trade(SYMBOL, 100 + n, 1, BASE_NS + n * 10**6, id=n + 1) for n in range(95)))
    until_now(lambda: _ids(backend)[-1:] == [95], "the trades are there", 10 * SLOWED)
    found, page = [], backend.get_history(SYMBOL, start="2024-08-08", limit=20)
    while page is not None:
        found += page.columns["id"]
        page = backend.get_history(SYMBOL, start=page.next, limit=20) if page.next is not None else None
    assert found == list(range(1, 96))


def _ids(backend):
    try:
        return backend.get_history(SYMBOL).columns["id"]
    except tickcast.UnknownTopic:
        return []


async def test_what_is_pushed_without_waiting_reaches_a_subscriber(server, backend_of):
    pusher = backend_of(server).pusher
    async with await Client.open(server.ws) as client:
        await client.subscribe("desk.news")
        assert pusher.publish("desk.news", {"price": Decimal("1.50"), "text": "ä€😀"})
        update, = await client.updates("desk.news", 1)
        assert update["data"] == {"price": "1.50", "text": "ä€😀"}


async def test_curve_keys_let_in(start_server, backend_of):
    public, secret = zmq.curve_keypair()
    ours, our_secret = tickcast.Curve.make_pair()
    server = start_server({"service": {"curve_secret_key": secret.decode(), "curve_client_keys": [ours]}})
    curve = {"server_key": public.decode(), "secret_key": our_secret}
    backend = backend_of(server, curve=curve)
    with pytest.raises(tickcast.UnknownTopic):
        backend.get_quote("NOBODY")
    async with await Client.open(server.ws) as client:
        await client.subscribe("desk.news")
        backend.pusher.publish("desk.news", 1)
        await client.updates("desk.news", 1)
    with tickcast.Client(server.started["service_router"], timeout=1) as stranger, pytest.raises(tickcast.Disconnected):
        stranger.get_quote("NOBODY")


def test_questions_go_on_after_a_restart(start_server, backend_of, tmp_path):
    port = free_port()
    settings = {"service": {"router": f"tcp://127.0.0.1:{port}"}}
    first = start_server(settings)
    backend = backend_of(first)
    with pytest.raises(tickcast.UnknownTopic):
        backend.get_quote("NOBODY")
    first.stop()
    answers = []

    def ask():
        try:
            backend.get_quote("NOBODY")
        except tickcast.TickcastError as error:
            answers.append(error)
    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    start_server(settings)
    thread.join(10 * SLOWED)
    assert isinstance(answers[0], tickcast.UnknownTopic)


async def test_a_push_reaches_the_user_once_and_nobody_else(signed, known):
    async with await sign_in(signed) as ann, await sign_in(signed, "43") as ben:
        pushed = await asyncio.to_thread(known.push_user, 42, "fill", {"order": 31}, idempotency_key="fill-31")
        assert (pushed.users, pushed.connections) == (1, 1) and pushed.seq
        again = await asyncio.to_thread(known.push_user, 42, "fill", {"order": 31}, idempotency_key="fill-31")
        assert again == pushed
        with pytest.raises(tickcast.Conflict):
            await asyncio.to_thread(known.push_user, 42, "fill", {"order": 32}, idempotency_key="fill-31")
        await asyncio.to_thread(known.push_user, "42", "last", {}, keep=False)
        await until(lambda: messages(ann, "last"), "the last message is there")
        assert len({frame["seq"] for frame in messages(ann, "fill")}) == 1 and not messages(ben)


async def test_groups_broadcasts_topics_and_disconnects(signed, known):
    async with await sign_in(signed, groups=["desk"]) as ann, await sign_in(signed, "43") as ben:
        await asyncio.to_thread(known.push_group, "desk", "closing", {}, keep=False)
        await asyncio.to_thread(known.broadcast, "news", {"text": "hello"})
        await until(lambda: messages(ann, "news") and messages(ben, "news"), "the broadcast is there")
        assert messages(ann, "closing") and not messages(ben, "closing")
        assert await asyncio.to_thread(known.subscribe_user, 42, "desk.room") == 1
        published = await asyncio.to_thread(known.publish, "desk.room", {"n": 1})
        await until(lambda: ann.topic("desk.room").seq == published.seq, "the topic is there")
        assert await asyncio.to_thread(known.unsubscribe_user, 42, "desk.room") == 1
        assert await asyncio.to_thread(known.disconnect_user, 43, 3700, "bye") == 1
        assert await ben.closed() == 3700


async def test_who_is_there(signed, known):
    needs(known, "users", "topics", "stats", "presence")
    async with await sign_in(signed, name="Ann", groups=["desk"]):
        there = await asyncio.to_thread(known.online, [42, 43])
        assert there["42"].online and there["42"].name == "Ann" and not there["43"].online
        assert abs(there["42"].since.timestamp() - time.time()) < 60
        page = await asyncio.to_thread(known.users, "desk")
        assert [user.user for user in page] == ["42"] and page.total == 1
        await asyncio.to_thread(known.publish, "desk.room", 1)
        assert [topic.topic for topic in await asyncio.to_thread(known.topics, "desk.*")] == ["desk.room"]
        assert (await asyncio.to_thread(known.stats))["connections"] == 1


async def test_a_worker_answers_what_users_send(signed, known):
    needs(known, "claim")
    worker = tickcast.Worker(signed.started["service_router"], name="orders-1")

    @worker.on("order.place")
    def place(call):
        if call.data["n"] > 1:
            raise tickcast.CallError(1001, "not enough margin", {"most": 1})
        return {"user": call.user, "name": call.name, "groups": list(call.groups), "n": call.data["n"]}

    await asyncio.to_thread(worker.start)
    try:
        async with await sign_in(signed, name="Ann", groups=["desk"]) as ann:
            assert await ann.command("order.place", n=1) == {"user": "42", "name": "Ann", "groups": ["desk"], "n": 1}
            end = time.monotonic() + 2.5
            while time.monotonic() < end:  # more than two leases: without renewal there would be nobody
                assert (await ann.command("order.place", n=0))["n"] == 0
                await asyncio.sleep(0.1)
            await ann.send({"type": "order.place", "id": 99, "data": {"n": 2}})
            await until(lambda: any(frame.get("id") == 99 for frame in ann.frames), "the refusal is there")
            error = next(frame for frame in ann.frames if frame.get("id") == 99)
            assert error["data"]["code"] == 1001 and error["data"]["data"] == {"most": 1}
    finally:
        await asyncio.to_thread(worker.stop)


async def test_a_worker_claims_again_after_a_restart(start_server, tmp_path, backend_of):
    settings = {"auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)}},
                "service": {"router": f"tcp://127.0.0.1:{free_port()}"}}
    first = start_server(settings)
    needs(backend_of(first), "claim")
    worker = tickcast.Worker(first.started["service_router"])
    worker.on("order.place")(lambda call: {"n": call.data["n"]})
    await asyncio.to_thread(worker.start)
    try:
        await asyncio.to_thread(first.stop)
        second = await asyncio.to_thread(start_server, settings)
        async with await sign_in(second) as ann:
            async def answered():
                await ann.send({"type": "order.place", "id": 7, "data": {"n": 1}})
                await asyncio.sleep(0.2)
                return any(frame["type"] == "reply" and frame["id"] == 7 for frame in ann.frames)
            await until(answered, "the worker is back", 15 * SLOWED)
    finally:
        await asyncio.to_thread(worker.stop)


@pytest.fixture
def orders(tmp_path):
    """The example site, as its `run` starts it."""
    names = ("SITE_PORT", "TICKCAST_PORT", "REDIS_PORT", "PULL_PORT", "ROUTER_PORT")
    ports = {name: str(free_port()) for name in names}
    environment = {**os.environ, **ports, "WORK": str(tmp_path / "orders")}
    process = subprocess.Popen([str(ROOT / "clients/python/examples/orders/run")], env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    process.ports = {name: int(port) for name, port in ports.items()}
    yield process
    process.terminate()
    process.wait(20)
    process.stdout.close()


async def test_the_example_shows_an_order_as_it_is_saved(signed, backend_of, orders):
    needs(backend_of(signed), "push_user", "claim")
    site = f"http://127.0.0.1:{orders.ports['SITE_PORT']}"
    await until(lambda: _is_up(site), "the site is up", 30 * SLOWED)
    ann = Visitor(site)
    await asyncio.to_thread(_sign_in, ann)
    options = {"extra_headers": {**ann.headers, "Origin": site}}
    async with await Client.open(f"ws://127.0.0.1:{orders.ports['TICKCAST_PORT']}/ws", **options) as client:
        await client.command("connect")
        form = {"symbol": "BTC", "quantity": "1.5", "csrfmiddlewaretoken": ann.cookie("csrftoken")}
        ann.opener.open(f"{site}/orders/", urllib.parse.urlencode(form).encode(), timeout=10).read()
        await until(lambda: messages(client, "order.saved"), "the order is shown")
        order = messages(client, "order.saved")[0]["data"]
        assert (order["symbol"], Decimal(order["quantity"]), order["cancelled"]) == ("BTC", Decimal("1.5"), False)
        assert await client.command("order.cancel", id=order["id"]) == {"id": order["id"]}
        await until(lambda: any(frame["data"]["cancelled"] for frame in messages(client, "order.saved")),
                    "it is struck out")


def _is_up(site):
    try:
        return http_get(f"{site}/accounts/login/").status == 200
    except OSError:
        return False


def _sign_in(visitor):
    visitor.opener.open(f"{visitor.url}/accounts/login/", timeout=10).read()
    form = {"username": "ann", "password": "tickcast", "csrfmiddlewaretoken": visitor.cookie("csrftoken")}
    visitor.opener.open(f"{visitor.url}/accounts/login/", urllib.parse.urlencode(form).encode(), timeout=10).read()


def test_it_installs_without_a_network(tmp_path):
    copy = tmp_path / "package"
    subprocess.run(["cp", "-r", str(ROOT / "clients" / "python"), str(copy)], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-build-isolation",
                    "--no-deps", "--target", str(tmp_path / "site"), str(copy)], check=True, capture_output=True,
                   timeout=120)
    told = subprocess.run([sys.executable, "-c", "import tickcast, json; print(json.dumps(tickcast.__file__))"],
                          env={"PYTHONPATH": str(tmp_path / "site")}, cwd=tmp_path, check=True, capture_output=True)
    assert Path(json.loads(told.stdout)).parent == tmp_path / "site" / "tickcast"
    assert (tmp_path / "site" / "tickcast" / "py.typed").exists()
