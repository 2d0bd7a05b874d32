"""Feeds as others write them: pyzmq sockets that send trades, quotes and events."""
import json
import time

import msgpack
import zmq
import zmq.auth

from .waiting import PATIENCE_S

BASE_NS = 1_723_075_200_000_000_000  # 2024-08-08T00:00:00Z


def packed(message, encoding):
    if encoding == "json":
        return json.dumps(message).encode()
    return msgpack.packb(message)


class Sender:
    """A sending socket; `send` takes one message, a list of them (an array) or raw bytes."""

    def __init__(self, kind, encoding="msgpack", curve=None):
        self.encoding = encoding
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 100_000)
        self.socket.setsockopt(zmq.SNDTIMEO, int(PATIENCE_S * 1000))
        for option, value in (curve or {}).items():
            self.socket.setsockopt(option, value)
        self._time_ns = BASE_NS
        self._id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, message, **options):
        body = message if isinstance(message, bytes) else packed(message, self.encoding)
        self.socket.send(body, **options)

    def trade(self, symbol, price="100.5", size="0.25", **fields):
        """Sends a trade a millisecond after the last one and returns the message."""
        self._time_ns += 1_000_000
        self._id += 1
        message = {"type": "trade", "symbol": symbol, "time": self._time_ns, "price": price, "size": size,
                   "side": "buy", "id": self._id, **fields}
        self.send(message)
        return message

    def trades(self, symbol, count, **fields):
        return [self.trade(symbol, **fields) for _ in range(count)]

    def quote(self, symbol, **fields):
        self._time_ns += 1_000_000
        message = {"type": "quote", "symbol": symbol, "time": self._time_ns, "bid": "100.4", "bid_size": "2",
                   "ask": "100.6", "ask_size": "3", **fields}
        self.send(message)
        return message

    def event(self, topic, data, **fields):
        self.send({"type": "event", "topic": topic, "data": data, **fields})


class Pusher(Sender):
    """PUSH that connects to a feed of kind zmq-pull."""

    def __init__(self, endpoint, encoding="msgpack", curve=None):
        super().__init__(zmq.PUSH, encoding, curve)
        # Without a finished handshake nothing is queued, so that nothing is thought to be sent that is not.
        self.socket.setsockopt(zmq.IMMEDIATE, 1)
        self.socket.connect(endpoint)


class Publisher(Sender):
    """XPUB that feeds of kind zmq-sub connect to; a message sent after `await_subscriber` is not lost."""

    def __init__(self, encoding="msgpack", curve=None, endpoint="tcp://127.0.0.1:*"):
        super().__init__(zmq.XPUB, encoding, curve)
        self.socket.bind(endpoint)
        self.endpoint = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def await_subscriber(self, within=PATIENCE_S):
        assert self.socket.poll(int(within * 1000)), f"nobody subscribed within {within} s"
        assert self.socket.recv()[:1] == b"\x01"


def curve_keys():
    """A fresh CURVE key pair: (public, secret), Z85 text."""
    public, secret = zmq.curve_keypair()
    return public.decode(), secret.decode()


def curve_client(server_public, public, secret):
    return {zmq.CURVE_SERVERKEY: server_public.encode(), zmq.CURVE_PUBLICKEY: public.encode(),
            zmq.CURVE_SECRETKEY: secret.encode()}


def curve_server(secret):
    return {zmq.CURVE_SERVER: 1, zmq.CURVE_SECRETKEY: secret.encode()}


def now_ns():
    return time.time_ns()
