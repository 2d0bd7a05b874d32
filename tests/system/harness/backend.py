"""A backend that asks over the service's ROUTER."""
import json
import threading
import time

import msgpack
import zmq

from harness.server import SLOWED

FORMS = {"json": (lambda what: json.dumps(what).encode(), json.loads), "msgpack": (msgpack.packb, msgpack.unpackb)}


class Backend:
    """A socket that asks, DEALER or REQ, in one encoding."""

    def __init__(self, server, kind=zmq.DEALER, form="json"):
        self.encode, self.decode = FORMS[form]
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, int(10_000 * SLOWED))
        self.socket.connect(server.started["service_router"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive(self):
        return self.decode(self.socket.recv_multipart()[-1])

    def send(self, **message):
        self.socket.send(self.encode(message))

    def ask(self, what, id=1, key=None, **data):
        once = {"idempotency_key": key} if key else {}
        self.send(type=what, id=id, src="tests", data=data, **once)
        return self.receive()

    def told(self, what, **data):
        """The reply's data; an error is a failure."""
        answer = self.ask(what, **data)
        assert answer["type"] == "reply", answer
        return answer["data"]


class Worker:
    """A backend process that has claimed types; answers by `handler(call data)` on a thread of its own."""

    def __init__(self, server, types, handler, form="json", name="worker", renew_s=0.3):
        self.server, self.types, self.handler, self.form, self.name = server, types, handler, form, name
        self.renew_s = renew_s
        self.calls = []
        self.claim = None
        self._stop = threading.Event()
        self._claimed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._claimed.wait(10 * SLOWED), "no answer to the claim"
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Goes without a word."""
        self._stop.set()
        self._thread.join()

    def _run(self):
        backend = Backend(self.server, form=self.form)
        backend.socket.setsockopt(zmq.RCVTIMEO, 20)
        backend.send(type="claim", id=1, data={"types": self.types, "name": self.name})
        renewed = time.monotonic()
        while not self._stop.is_set():
            if time.monotonic() - renewed > self.renew_s:
                renewed = time.monotonic()
                backend.send(type="ping")
            try:
                message = backend.receive()
            except zmq.Again:
                continue
            if message["type"] == "call":
                self.calls.append(message)
                answer = self.handler(message["data"])
                if answer is not None and "id" in message:
                    backend.send(type="answer", id=message["id"], **answer)
            else:
                self.claim = message
                self._claimed.set()
        backend.socket.close()
