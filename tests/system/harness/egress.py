"""Subscribers of the egress as others write them: pyzmq SUB sockets."""
import time

import msgpack
import zmq

from .waiting import PATIENCE_S, until


class Subscriber:
    """Reads when it is asked to; what came is in `messages` as (topic frame, body)."""

    def __init__(self, endpoint, *prefixes, hwm=None, curve=None):
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)  # SUB drops what it cannot send of many subscriptions at once
        if hwm is not None:
            self.socket.setsockopt(zmq.RCVHWM, hwm)
            self.socket.setsockopt(zmq.RCVBUF, 4096)
        for option, value in (curve or {}).items():
            self.socket.setsockopt(option, value)
        self.messages = []
        self.socket.connect(endpoint)
        for prefix in prefixes:
            self.subscribe(prefix)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def subscribe(self, prefix):
        self.socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())

    def unsubscribe(self, prefix):
        self.socket.setsockopt(zmq.UNSUBSCRIBE, prefix.encode())

    def read(self):
        """Takes all that is here; returns itself."""
        while self.socket.poll(0):
            topic, body = self.socket.recv_multipart()
            self.messages.append((topic.decode(), msgpack.unpackb(body)))
        return self

    def of(self, topic=None, kind=None):
        return [body for frame, body in self.read().messages
                if topic in (None, frame[:-1]) and kind in (None, body["type"])]

    def topics(self):
        return {frame for frame, _ in self.read().messages}

    async def heard(self, topic, kind, count=1, within=PATIENCE_S):
        """The messages of that topic and kind once there are so many."""
        await until(lambda: len(self.of(topic, kind)) >= count,
                    lambda: f"{count} of {kind} {topic}; came {self.messages[-3:]}", within)
        return self.of(topic, kind)

    def quiet_for(self, seconds):
        """Whether nothing comes for so long."""
        end = time.monotonic() + seconds
        return not self.socket.poll(max(0, int((end - time.monotonic()) * 1000)))
