"""A client of protocol v1 on Python's websockets, in JSON and MessagePack."""
import asyncio
import json
from decimal import Decimal

import msgpack
import websockets

from .server import SLOWED
from .waiting import PATIENCE_S, until

ENCODINGS = ("json", "msgpack")
SUBPROTOCOL = {"json": None, "msgpack": ["tickcast.v1.msgpack"]}


def encode(message, encoding):
    return json.dumps(message) if encoding == "json" else msgpack.packb(message)


def decode(payload, encoding):
    """Numbers behind a point come as Decimal, whichever way they travelled."""
    if encoding == "json":
        assert isinstance(payload, str), f"a binary frame on a JSON connection: {payload!r}"
        return json.loads(payload, parse_float=Decimal)
    assert isinstance(payload, bytes), f"a text frame on a MessagePack connection: {payload!r}"
    return _exact(msgpack.unpackb(payload))


def _exact(value):
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _exact(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_exact(element) for element in value]
    return value


def number(value):
    """A price or size as it came: number, or string where MessagePack has no exact number."""
    return value if isinstance(value, Decimal) else Decimal(value)


class Refused(Exception):
    def __init__(self, data):
        super().__init__(f"{data['code']}: {data['message']}")
        self.code, self.message, self.temporary = data["code"], data["message"], data["temporary"]


class TopicLog:
    """All that came for one topic, in order."""

    def __init__(self):
        self.frames = []

    def of(self, kind):
        return [frame for frame in self.frames if frame["type"] == kind]

    @property
    def updates(self):
        return self.of("update")

    @property
    def snapshots(self):
        return self.of("snapshot")

    @property
    def gaps(self):
        return self.of("gap")

    @property
    def seq(self):
        """Where the topic stands for this client."""
        return next((frame["seq"] for frame in reversed(self.frames) if "seq" in frame), None)

    def check_unbroken(self):
        """One snapshot first, then updates without a hole or a double; a later snapshot or gap is a fault."""
        kinds = [frame["type"] for frame in self.frames]
        assert kinds[:1] == ["snapshot"], f"began with {kinds[:3]}"
        assert set(kinds[1:]) <= {"update"}, f"not only updates after the snapshot: {set(kinds[1:])}"
        first = self.frames[0]["seq"]
        assert [frame["seq"] for frame in self.frames] == list(range(first, first + len(self.frames)))


class Client:
    """Reads all the time; what came is in `frames` and by topic in `topics`."""

    def __init__(self, socket, encoding):
        self.socket, self.encoding = socket, encoding
        self.frames = []
        self.topics = {}
        self._answers = {}
        self._last_id = 0
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url, encoding="json", **options):
        options.setdefault("subprotocols", SUBPROTOCOL[encoding])
        options.setdefault("max_size", 2**24)
        options.setdefault("max_queue", None)
        options.setdefault("ping_interval", None)
        options.setdefault("compression", None)
        options.setdefault("open_timeout", PATIENCE_S)
        return cls(await websockets.connect(url, **options), encoding)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def close(self):
        await self.socket.close()
        await self._reader

    async def _read(self):
        try:
            async for payload in self.socket:
                self._take(decode(payload, self.encoding))
        except websockets.ConnectionClosed:
            pass
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError(f"closed with {self.socket.close_code}"))

    def _take(self, frame):
        self.frames.append(frame)
        if frame["type"] in ("reply", "error"):
            answer = self._answers.pop(frame["id"], None)
            if answer is not None and not answer.done():
                answer.set_result(frame)
        elif "topic" in frame:
            self.topic(frame["topic"]).frames.append(frame)

    def topic(self, name):
        return self.topics.setdefault(name, TopicLog())

    async def send(self, message):
        await self.socket.send(encode(message, self.encoding))

    async def command(self, kind, within=PATIENCE_S * SLOWED, **data):
        """The reply's data; raises Refused for an error frame."""
        self._last_id += 1
        answer = self._answers[self._last_id] = asyncio.get_running_loop().create_future()
        await self.send({"type": kind, "id": self._last_id, "data": data})
        frame = await asyncio.wait_for(answer, within)
        if frame["type"] == "error":
            raise Refused(frame["data"])
        return frame["data"]

    async def subscribe(self, *topics, **options):
        """Subscribes and waits for each snapshot."""
        before = {topic: len(self.topic(topic).snapshots) for topic in topics}
        reply = await self.command("subscribe", topics=list(topics), **options)
        for topic, count in before.items():
            await until(lambda: len(self.topic(topic).snapshots) > count, f"a snapshot of {topic}")
        return reply["topics"]

    async def updates(self, topic, count, within=PATIENCE_S * SLOWED):
        """The first `count` updates of the topic, once they are here."""
        log = self.topic(topic)
        await until(lambda: len(log.updates) >= count,
                    lambda: f"{count} updates of {topic}, came {len(log.updates)}", within)
        return log.updates[:count]

    async def errors(self, count=1, within=PATIENCE_S):
        def here():
            return [frame for frame in self.frames if frame["type"] == "error"]
        await until(lambda: len(here()) >= count, lambda: f"{count} error frames, last came {self.frames[-3:]}", within)
        return here()

    async def closed(self, within=PATIENCE_S * SLOWED):
        """The close code, once the connection is closed."""
        await asyncio.wait_for(self.socket.wait_closed(), within)
        await self._reader
        return self.socket.close_code
