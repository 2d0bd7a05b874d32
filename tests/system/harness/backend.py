"""A backend that asks over the service's ROUTER."""
import json

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

    def ask(self, what, id=1, **data):
        self.socket.send(self.encode({"type": what, "id": id, "src": "tests", "data": data}))
        return self.receive()
