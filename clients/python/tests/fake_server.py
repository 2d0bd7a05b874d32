"""Stands in for the server on real ZeroMQ sockets: a ROUTER that answers by script and keeps every message."""
import json
import threading
import time

import msgpack
import zmq

PATIENCE_S = 10.0


def until(condition, what):
    """The first true value of `condition()`, or a failure with `what`."""
    end = time.monotonic() + PATIENCE_S
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain: {what}"
        time.sleep(0.005)


def decoded(body):
    """The message and the function that encodes its answer the same way."""
    if body[:1] == b"{":
        return json.loads(body), lambda message: json.dumps(message).encode()
    return msgpack.unpackb(body), msgpack.packb


class Refusal(Exception):
    """What an answering function raises to answer with an error."""

    def __init__(self, code, message="no", temporary=False):
        super().__init__(message)
        self.data = {"code": code, "message": message, "temporary": temporary}


class FakeServer:
    """`answers[type]` is a function of the message that gives the reply's data, None for no answer at all; `messages`
    is all that came; `call` sends to the worker that claimed the type last."""

    def __init__(self, curve_secret=None, lease_ms=5000):
        self.answers = {"claim": lambda message: {"lease_ms": lease_ms}, "unclaim": lambda message: {}}
        self.messages = []
        self.claims = {}
        self.port = None
        self._curve_secret = curve_secret
        self._outgoing = []
        self._lock = threading.Lock()
        self.start()

    def start(self):
        self._stopping = False
        self._socket = zmq.Context.instance().socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        if self._curve_secret:
            self._socket.setsockopt(zmq.CURVE_SERVER, 1)
            self._socket.setsockopt(zmq.CURVE_SECRETKEY, self._curve_secret.encode())
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._socket.bind(f"tcp://127.0.0.1:{self.port or '*'}")
                break
            except zmq.ZMQError:  # the port is let go in the background
                assert time.monotonic() < end, "the port is not free"
                time.sleep(0.01)
        self.endpoint = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.port = int(self.endpoint.rsplit(":", 1)[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopping = True
        self._thread.join()
        self._socket.close(0)
        self.claims.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def of(self, type):
        return [message for message in list(self.messages) if message.get("type") == type]

    def call(self, type, id=None, **data):
        """Sends a call; returns its id."""
        peer, encode = until(lambda: self.claims.get(type), f"somebody claims {type}")
        message = {"type": "call", "data": {"type": type, **data}}
        if id is not None:
            message["id"] = id
        with self._lock:
            self._outgoing.append([peer, encode(message)])
        return id

    def answer_of(self, id):
        """The answer to the call, when it has come."""
        return until(lambda: next((message for message in self.of("answer") if message["id"] == id), None),
                     f"the answer of {id}")

    def _serve(self):
        while not self._stopping:
            if self._socket.poll(5):
                peer, *_, body = self._socket.recv_multipart()
                message, encode = decoded(body)
                self.messages.append(message)
                self._reply(peer, message, encode)
            with self._lock:
                outgoing, self._outgoing = self._outgoing, []
            for frames in outgoing:
                self._socket.send_multipart(frames)

    def _reply(self, peer, message, encode):
        answer = self.answers.get(message["type"])
        if answer is None:
            return
        try:
            data = answer(message)
            frame = {"type": "reply", "id": message["id"], "data": data}
        except Refusal as refusal:
            data, frame = refusal.data, {"type": "error", "id": message["id"], "data": refusal.data}
        if data is None:
            return
        if frame["type"] == "reply" and message["type"] == "claim":
            for type in message["data"]["types"]:
                self.claims[type] = (peer, encode)
        self._socket.send_multipart([peer, encode(frame)])
