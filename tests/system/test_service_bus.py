"""Backends that ask over the service's ROUTER."""
import asyncio
import json
import socket
import struct

import msgpack
import pytest
import zmq

from harness.backend import FORMS, Backend
from harness.feed import BASE_NS
from harness.server import SLOWED, http_get
from harness.waiting import until, until_now

SYMBOL = "BTCUSDT"
@pytest.fixture
def lively(server, feed):
    """A server with trades, a quote and bars of one symbol."""
    for n in range(60):
        feed.trade(SYMBOL, price=f"100.{n:02}", size="0.5", time=BASE_NS + n * 30 * 10**9, id=n + 1)
    feed.send({"type": "quote", "symbol": SYMBOL, "time": BASE_NS, "bid": "100.1", "bid_size": "1", "ask": "100.2",
               "ask_size": "2"})
    quote = f"{server.http}/api/v1/quote?symbol={SYMBOL}"
    until_now(lambda: http_get(quote).status == 200 and http_get(quote).json["quote"]
                and http_get(quote).json["trade"]["id"] == 60, "it is there", 10 * SLOWED)
    return server


def samples(server, name):
    return sum(value for (found, _), value in server.metrics().items() if found == name)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [zmq.DEALER, zmq.REQ], ids=["dealer", "req"])
async def test_quote_and_history_are_those_of_http(lively, kind, form):
    with Backend(lively, kind, form) as backend:
        asked = {"get_quote": ("quote", {"symbol": SYMBOL}),
                 "get_history": ("trades", {"symbol": SYMBOL, "limit": 7})}
        for type, (path, data) in asked.items():
            answer = backend.ask(type, "q-1", **data)
            assert (answer["type"], answer["id"]) == ("reply", "q-1")
            query = "&".join(f"{name}={value}" for name, value in data.items())
            http = http_get(f"{lively.http}/api/v1/{path}?{query}&format={form}")
            assert answer["data"] == backend.decode(http.body)
        bars = backend.ask("get_history", 2, symbol=SYMBOL, interval="1m", limit=5)["data"]
        assert len(bars["time"]) == 5
        with_values = backend.ask("get_history", 3, symbol=SYMBOL, interval="1m", functions=["sma(3)", "rsi(5)"])["data"]
        assert with_values == backend.decode(http_get(
            f"{lively.http}/api/v1/indicators?symbol={SYMBOL}&interval=1m&functions=sma(3),rsi(5)&format={form}").body)
        assert set(with_values["values"]) == {"sma(3)", "rsi(5)"}


@pytest.mark.parametrize("form", FORMS)
async def test_what_cannot_be_answered_is_refused_with_a_sentence(lively, form):
    with Backend(lively, form=form) as backend:
        refusals = [(("get_quote", {}), 107, "symbol"), (("get_quote", {"symbol": "NOBODY"}), 102, "NOBODY"),
                    (("get_quote", {"symbol": SYMBOL, "odd": 1}), 107, "odd"),
                    (("get_quote", {"symbol": {"a": 1}}), 107, "symbol must be"),
                    (("get_quote", {"symbol": SYMBOL, "format": "json"}), 107, "format"),
                    (("get_history", {"symbol": SYMBOL, "interval": "1m", "functions": "smma(3)"}), 107, "smma"),
                    (("get_coffee", {}), 104, "get_history, get_quote")]
        for number, ((type, data), code, word) in enumerate(refusals):
            answer = backend.ask(type, number, **data)
            assert (answer["type"], answer["id"]) == ("error", number), answer
            assert answer["data"]["code"] == code and word in answer["data"]["message"], answer


async def test_rubbish_is_answered_and_disturbs_nobody(lively):
    deep = b'{"type":"get_quote","id":1,"data":' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}"
    rubbish = [b"", b"rubbish", b"[]", b"null", b"\xc1", b"\xff" * 100, b"{", deep, b"\x91" * 100_000,
               b'{"type":"get_quote"}', b'{"type":7,"id":1}', b'{"type":"get_quote","id":1.5}', b'{"id":1}',
               b'{"type":"get_quote","id":1,"data":[]}', b'{"type":"get_quote","id":"' + b"x" * 200 + b'"}',
               msgpack.packb({"type": "get_quote", "id": b"\xff"}), msgpack.packb({1: 2, "id": 1})]
    with Backend(lively) as bad, Backend(lively) as good:
        for each in rubbish:
            bad.socket.send(each)
            answer = bad.socket.recv()
            form = FORMS["json"][1] if answer[:1] == b"{" else FORMS["msgpack"][1]
            told = form(answer)
            assert told["type"] == "error" and told["data"]["code"] == 107 and told["data"]["message"], each[:60]
            assert good.ask("get_quote", symbol=SYMBOL)["type"] == "reply"
        bad.socket.send_multipart([b'{"type":"get_quote","id":1}', b"and", b"more"])
        assert bad.receive()["type"] == "error"
    assert samples(lively, "tickcast_service_refused_total") == len(rubbish) + 1
    with socket.create_connection(("127.0.0.1", int(lively.started["service_router"].rsplit(":", 1)[1]))) as raw:
        raw.sendall(struct.pack("<Q", 0xFF) * 1000)
    with Backend(lively) as good:
        assert good.ask("get_quote", symbol=SYMBOL)["type"] == "reply"


async def test_one_who_does_not_read_holds_nobody_up_and_grows_nothing(lively):
    with Backend(lively) as deaf, Backend(lively) as good:
        deaf.socket.setsockopt(zmq.SNDTIMEO, 0)
        deaf.socket.setsockopt(zmq.RCVHWM, 1)
        sent = 0
        try:
            while sent < 50_000:
                deaf.socket.send(deaf.encode({"type": "get_history", "id": sent, "data": {"symbol": SYMBOL}}))
                sent += 1
        except zmq.Again:
            pass
        assert sent >= 1000
        for n in range(20):
            assert good.ask("get_quote", n, symbol=SYMBOL)["id"] == n
            await asyncio.sleep(0.02)
        await until(lambda: samples(lively, "tickcast_service_open_questions") == 0, "all are answered, or lost and counted",
                    20 * SLOWED)


async def test_a_desk_that_is_killed_is_back_and_what_was_asked_is_answered(lively):
    with Backend(lively) as backend:
        desk = next(row for row in lively.rows("/api/actors") if row["kind"] == "service_desk")
        for n in range(20):
            backend.socket.send(backend.encode({"type": "get_history", "id": n, "data": {"symbol": SYMBOL}}))
        lively.act(f"/api/actors/{desk['id']}/restart")
        assert sorted(backend.receive()["id"] for _ in range(20)) == list(range(20))
        assert backend.ask("get_quote", symbol=SYMBOL)["type"] == "reply"
