"""Frames and requests no client should send: the right code, a counter, and nobody else notices."""
import asyncio
import json

import msgpack
import pytest

from harness.client import Client, Refused
from harness.raw_client import BINARY, CLOSE, PING, TEXT, RawClient, frame
from harness.server import http_get
from harness.waiting import until

NOT_A_COMMAND = {
    "nothing": "",
    "rubbish": "rubbish",
    "cut_short": '{"type":"ping","id":1',
    "trailing": '{"type":"ping","id":1} {}',
    "a_list": "[]",
    "a_number": "42",
    "null": "null",
    "no_id": '{"type":"ping"}',
    "id_0": '{"type":"ping","id":0}',
    "negative_id": '{"type":"ping","id":-1}',
    "id_with_a_point": '{"type":"ping","id":1.5}',
    "text_id": '{"type":"ping","id":"1"}',
    "id_beyond_2_53": '{"type":"ping","id":9007199254740992}',
    "deep": '{"type":"ping","id":' + "[" * 5000 + "]" * 5000 + "}",
}

REFUSED = {
    "no_type": ({"id": 7}, 107),
    "type_of_another_kind": ({"type": 5, "id": 7}, 107),
    "unknown_type": ({"type": "dance", "id": 7}, 104),
    "subscribe_without_data": ({"type": "subscribe", "id": 7}, 107),
    "data_of_another_kind": ({"type": "subscribe", "id": 7, "data": []}, 107),
    "no_topics": ({"type": "subscribe", "id": 7, "data": {}}, 107),
    "empty_topics": ({"type": "subscribe", "id": 7, "data": {"topics": []}}, 107),
    "topics_of_another_kind": ({"type": "subscribe", "id": 7, "data": {"topics": "trade.X"}}, 107),
    "a_topic_of_another_kind": ({"type": "subscribe", "id": 7, "data": {"topics": ["trade.X", 5]}}, 107),
    "a_topic_that_breaks_the_grammar": ({"type": "subscribe", "id": 7, "data": {"topics": ["trade.X Y"]}}, 102),
    "a_topic_without_a_name": ({"type": "subscribe", "id": 7, "data": {"topics": ["trade"]}}, 102),
    "an_empty_topic": ({"type": "subscribe", "id": 7, "data": {"topics": [""]}}, 102),
    "a_topic_too_long": ({"type": "subscribe", "id": 7, "data": {"topics": ["trade." + "X" * 123]}}, 102),
    "a_bar_without_interval": ({"type": "subscribe", "id": 7, "data": {"topics": ["bar.X"]}}, 102),
    "a_bar_of_an_unknown_interval": ({"type": "subscribe", "id": 7, "data": {"topics": ["bar.7m.X"]}}, 102),
    "unsubscribe_without_topics": ({"type": "unsubscribe", "id": 7, "data": {}}, 107),
}


@pytest.mark.parametrize("text", NOT_A_COMMAND.values(), ids=NOT_A_COMMAND)
async def test_what_is_no_command_is_refused_with_107_and_the_connection_lives(server, text):
    async with await Client.open(server.ws) as client:
        await client.socket.send(text)
        error, = await client.errors()
        assert error["data"]["code"] == 107 and not error["data"]["temporary"]
        assert len(error["data"]["message"]) > 10
        await client.command("ping")


@pytest.mark.parametrize("message, code", REFUSED.values(), ids=REFUSED)
async def test_a_wrong_command_gets_its_own_code(server, encoding, message, code):
    async with await Client.open(server.ws, encoding) as client:
        await client.send(message)
        error, = await client.errors()
        assert (error["id"], error["data"]["code"]) == (7, code)
        await client.command("ping")


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x81", b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\x91" * 5000,
                                  b"\x82\xa4type\xa4ping\xa2id\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
                                  msgpack.packb({"type": "ping", "id": 1}) + b"\x01"],
                         ids=["nothing", "never_used", "cut_short", "map_that_lies", "array_that_lies", "deep", "huge_id",
                              "trailing"])
async def test_messagepack_that_is_no_command_is_refused_with_107(server, body):
    async with await Client.open(server.ws, "msgpack") as client:
        await client.socket.send(body)
        error, = await client.errors()
        assert error["data"]["code"] == 107
        await client.command("ping")


async def test_a_refused_subscription_changes_nothing(server, feed, encoding):
    async with await Client.open(server.ws, encoding) as client, await Client.open(server.ws, encoding) as witness:
        await witness.subscribe("trade.X")
        with pytest.raises(Refused):
            await client.command("subscribe", topics=["trade.X", "trade.BAD NAME"])
        feed.trades("X", 3)
        await until(lambda: witness.topic("trade.X").seq == 3, "the witness' trades")
        await client.command("ping")
        assert "trade.X" not in client.topics


async def test_subscribing_twice_is_refused_with_105(server, encoding):
    async with await Client.open(server.ws, encoding) as client:
        await client.subscribe("trade.X")
        with pytest.raises(Refused) as refusal:
            await client.command("subscribe", topics=["trade.X"])
        assert refusal.value.code == 105


async def test_a_flood_of_rubbish_disturbs_no_neighbour_and_is_counted(server, feed):
    before = server.metric("tickcast_client_errors_total")
    async with await Client.open(server.ws) as neighbour:
        await neighbour.subscribe("trade.X")
        vandals = [await Client.open(server.ws) for _ in range(10)]
        for n in range(20):
            feed.trade("X")
            for vandal in vandals:
                if vandal.socket.open:
                    await vandal.socket.send(f"{{rubbish {n}")
        await until(lambda: neighbour.topic("trade.X").seq == 20, "the neighbour's trades")
        for vandal in vandals:
            await vandal.close()
        assert not [frame for frame in neighbour.frames if frame["type"] == "error"]
        assert server.metric("tickcast_client_errors_total") > before


BROKEN_FRAMES = {
    "unmasked": (frame(TEXT, b"{}", masked=False), 1002),
    "reserved_bits": (frame(TEXT, b"{}", reserved=4), 1002),
    "reserved_opcode": (frame(3, b"{}"), 1002),
    "fragmented_ping": (frame(PING, b"", fin=False), 1002),
    "long_ping": (frame(PING, b"x" * 126), 1002),
    "lone_continuation": (frame(0, b"x"), 1002),
    "invalid_utf8": (frame(TEXT, b"\xff\xfe"), 1007),
    "close_with_half_a_code": (frame(CLOSE, b"\x03"), 1002),
    "close_with_a_code_nobody_may_send": (frame(CLOSE, b"\x03\xed"), 1002),
    "too_big": (frame(TEXT, b"", length=2**20), 1009),
    "enormous": (frame(TEXT, b"", length=2**62), 1009),
}


@pytest.mark.parametrize("bytes_sent, code", BROKEN_FRAMES.values(), ids=BROKEN_FRAMES)
def test_a_broken_frame_closes_with_its_code(server, bytes_sent, code):
    with RawClient(server.ws) as client:
        assert client.upgrade()[0] == 101
        client.send(bytes_sent)
        assert client.read_close() == code


def test_a_binary_frame_on_a_json_connection_closes_for_good(server):
    with RawClient(server.ws) as client:
        client.upgrade()
        client.send(frame(BINARY, b"{}"))
        assert client.read_close() in (1003, 3501)


def test_a_text_frame_on_a_messagepack_connection_closes_for_good(server):
    with RawClient(server.ws) as client:
        assert client.upgrade(Sec_WebSocket_Protocol="tickcast.v1.msgpack")[1]["sec-websocket-protocol"] == \
            "tickcast.v1.msgpack"
        client.send_text("{}")
        assert client.read_close() in (1003, 3501)


def test_fragments_with_a_ping_between_make_one_command(server):
    with RawClient(server.ws) as client:
        client.upgrade()
        command = b'{"type":"ping","id":5}'
        client.send(frame(TEXT, command[:7], fin=False) + frame(PING, b"are you there") + frame(0, command[7:]))
        answers = dict(client.read_frame() for _ in range(2))
        assert answers[10] == b"are you there"
        assert json.loads(answers[TEXT])["id"] == 5


def test_bytes_that_come_with_the_handshake_are_not_lost(server):
    with RawClient(server.ws) as client:
        head = (f"GET /ws HTTP/1.1\r\nHost: {client.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()
        client.send(head + frame(TEXT, b'{"type":"ping","id":9}'))
        status, fields = client.read_head()
        assert (status, fields["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        assert json.loads(client.read_frame()[1])["id"] == 9


BAD_REQUESTS = {
    "rubbish": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no_version": b"GET /\r\n\r\n",
    "bad_header": b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "bad_length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_bad_http_request_is_answered_with_400_and_closed(server, request_bytes):
    with RawClient(server.ws) as client:
        client.send(request_bytes)
        assert client.read_head()[0] == 400
        assert client.is_closed()


def test_a_header_without_end_is_cut_off(server):
    with RawClient(server.ws) as client:
        try:
            client.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 10**6)
            assert client.read_head()[0] == 431
        except ConnectionError:
            pass
        assert http_get(server.http + "/health").status == 200


def test_a_body_nobody_asked_for_is_refused(server):
    with RawClient(server.ws) as client:
        client.send(b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        assert client.read_head()[0] in (405, 413)


def test_a_handshake_that_never_ends_is_cut_off(start_server):
    server = start_server({"listen": {"handshake_ms": 300}})
    with RawClient(server.ws) as silent, RawClient(server.ws) as slow:
        slow.send(b"GET /ws HTTP/1.1\r\nHost: x\r\n")
        assert silent.is_closed() and slow.is_closed()


def test_a_wrong_websocket_version_is_told_the_right_one(server):
    with RawClient(server.ws) as client:
        status, fields = client.upgrade(Sec_WebSocket_Version="8")
        assert status in (400, 426) and fields.get("sec-websocket-version", "13") == "13"


@pytest.mark.parametrize("path", ["/nothing", "/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
                                  "//etc/passwd", "/.git/config", "/\x00"])
def test_what_does_not_exist_is_404_and_nothing_outside_is_served(server, path):
    with RawClient(server.ws) as client:
        client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.read_head()[0] in (400, 404)


ORIGINS = {
    "none": (None, [], 101),
    "same": ("http://{host}", [], 101),
    "foreign": ("https://evil.example", [], 403),
    "null": ("null", [], 403),
    "look_alike": ("http://{host}.evil.example", [], 403),
    "allowed": ("https://desk.example", ["https://desk.example"], 101),
    "not_in_the_list": ("https://other.example", ["https://desk.example"], 403),
    "all": ("https://other.example", ["*"], 101),
}


@pytest.mark.parametrize("origin, allowed, status", ORIGINS.values(), ids=ORIGINS)
def test_a_page_from_elsewhere_must_be_allowed(start_server, origin, allowed, status):
    server = start_server({"listen": {"allowed_origins": allowed}})
    with RawClient(server.ws) as client:
        answer, fields = client.upgrade(Origin=origin and origin.format(host=client.host))
        assert answer == status
        if status == 403:
            assert b"allowed_origins" in client._take(int(fields["content-length"]))


async def test_a_client_that_only_pings_and_never_reads_does_not_grow_the_server(server):
    with RawClient(server.ws, receive_buffer=4096) as client:
        client.upgrade()
        before = server.rss_bytes()
        client.socket.settimeout(1)
        try:
            for _ in range(3000):
                client.send(frame(PING, b"x" * 125) * 50)
        except (TimeoutError, ConnectionError):
            pass
        await asyncio.sleep(0)
        assert server.rss_bytes() - before < 20 * 2**20
        assert http_get(server.http + "/health").status == 200
