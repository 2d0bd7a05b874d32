"""/echo against WebSocket libraries that others wrote, and the frames that RFC 6455 forbids."""
import asyncio
import os
import struct

import pytest
import websockets

from harness.raw_client import BINARY, CLOSE, PING, PONG, TEXT, RawClient, frame

# Around the three forms of a frame's length, and far beyond what a socket takes at once.
SIZES = (0, 1, 125, 126, 127, 65535, 65536, 65537, 1 << 20)
LARGEST = 4 << 20


@pytest.fixture
def echo(start_server):
    server = start_server({"debug": {"echo": True}, "listen": {"max_frame_bytes": LARGEST}})
    return server.ws.replace("/ws", "/echo")


async def test_pythons_websockets_gets_every_message_back(echo):
    async with websockets.connect(echo, compression=None, max_size=LARGEST) as socket:
        for size in SIZES:
            for message in ("é" * (size // 2) + "x" * (size % 2), os.urandom(size)):
                await socket.send(message)
                assert await asyncio.wait_for(socket.recv(), 10) == message


async def test_pythons_websockets_gets_fragments_back_as_one_message(echo):
    async with websockets.connect(echo, compression=None, max_size=LARGEST) as socket:
        for pieces in (["", ""], ["a", "", "b"], ["x" * 70_000, "y", "z" * 200], [b"\x00", b"", b"\xff" * 66_000]):
            await socket.send(pieces)
            assert await asyncio.wait_for(socket.recv(), 10) == type(pieces[0])().join(pieces)


async def test_pythons_websockets_gets_its_pings_answered(echo):
    async with websockets.connect(echo, compression=None, ping_interval=None) as socket:
        for payload in (b"", b"x", os.urandom(125)):
            await asyncio.wait_for(await socket.ping(payload), 10)
        await socket.close(4321, "enough")
        assert (socket.close_rcvd.code, socket.close_rcvd.reason) in ((4321, "enough"), (4321, ""))


async def test_npms_ws_gets_every_message_back(echo, node):
    program = node("echo_client.mjs", echo, *map(str, SIZES))
    await program.heard(lambda it: it.of("closed"), "the end of the session", within=60)
    assert [line["size"] for line in program.of("echoed")] == [size for size in SIZES for _ in range(3)]
    assert all(line["same"] for line in program.of("echoed"))
    assert program.of("ponged") and program.of("closed")[0]["code"] == 4321


def test_a_ping_between_fragments_is_answered_before_the_message(echo):
    with RawClient(echo) as client:
        client.upgrade()
        client.send(frame(TEXT, b"one ", fin=False) + frame(PING, b"?") + frame(0, b"two"))
        assert client.read_frame() == (PONG, b"?")
        assert client.read_frame() == (TEXT, b"one two")


def test_bytes_that_arrive_one_by_one_make_the_same_message(echo):
    with RawClient(echo) as client:
        client.upgrade()
        for byte in frame(TEXT, "grüße".encode()):
            client.send(bytes([byte]))
        assert client.read_frame() == (TEXT, "grüße".encode())


def test_a_pong_nobody_asked_for_is_passed_over(echo):
    with RawClient(echo) as client:
        client.upgrade()
        client.send(frame(PONG, b"unasked") + frame(BINARY, b"\x01"))
        assert client.read_frame() == (BINARY, b"\x01")


FORBIDDEN = {
    **{f"opcode_{code}": (frame(code), 1002) for code in (3, 7, 11, 15)},
    **{f"reserved_bit_{bit}": (frame(TEXT, b"x", reserved=bit), 1002) for bit in (1, 2, 4)},
    "a_new_message_within_fragments": (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    "a_continuation_behind_a_whole_message": (frame(TEXT, b"a") + frame(0, b"b"), 1002),
    "fragmented_close": (frame(CLOSE, b"", fin=False), 1002),
    "a_surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "an_overlong_slash": (frame(TEXT, b"\xc0\xaf"), 1007),
    "beyond_unicode": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "a_character_cut_short": (frame(TEXT, b"\xe2\x82"), 1007),
    "broken_text_in_the_second_fragment": (frame(TEXT, b"a", fin=False) + frame(0, b"\xff"), 1007),
    **{f"close_code_{code}": (frame(CLOSE, struct.pack(">H", code)), 1002) for code in (0, 999, 1004, 1005, 1006, 1015)},
}


@pytest.mark.parametrize("bytes_sent, code", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_the_rfc_forbids_closes_with_its_code(echo, bytes_sent, code):
    with RawClient(echo) as client:
        client.upgrade()
        client.send(bytes_sent)
        assert client.read_close() == code


def test_a_character_split_between_fragments_is_whole(echo):
    with RawClient(echo) as client:
        client.upgrade()
        client.send(frame(TEXT, b"\xe2\x82", fin=False) + frame(0, b"\xac"))
        assert client.read_frame() == (TEXT, "€".encode())


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_close_is_answered_with_its_own_code(echo, code):
    with RawClient(echo) as client:
        client.upgrade()
        client.send(frame(CLOSE, struct.pack(">H", code) + b"bye"))
        assert client.read_close() == code
        assert client.is_closed()
