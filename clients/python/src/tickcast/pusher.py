"""Sending without waiting and without an answer: PUSH to `service.pull`."""
from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from typing import Any, Iterable, List, Optional, Union

import zmq

from . import commands, market, wire
from .commands import Request
from .sockets import DEFAULT_PULL, CurveLike, curve_of, prepare
from .values import UserId

log = logging.getLogger("tickcast.pusher")

TELL_EVERY_S = 10.0

_pushers: "weakref.WeakSet[Pusher]" = weakref.WeakSet()
_of_parents: List[object] = []


class Pusher:
    """Sends commands and feed messages, from any thread, and never blocks.

    Each method returns whether ZeroMQ has taken the message: up to `hwm` of them wait while the server is away, further
    ones are dropped, counted in `dropped` and told by the logger `tickcast.pusher`. Taken is not done: what lies in
    the network when a server dies is lost. Who must know uses Client.

    After a fork the child gets a connection of its own. `linger_ms` is how long the end of the program may be held
    up for what is still on its way.
    """

    def __init__(self, pull: str = DEFAULT_PULL, *, curve: Optional[CurveLike] = None, hwm: int = 10_000,
                 source: str = "python", linger_ms: int = 1000) -> None:
        self.endpoint = pull
        self.source = source
        self.sent = 0
        self.dropped = 0
        self._curve, self._hwm, self._linger_ms = curve_of(curve), hwm, linger_ms
        self._lock = threading.Lock()
        self._socket: Optional[zmq.Socket[bytes]] = None
        self._closed = False
        self._told_at = 0.0
        self._untold = 0
        if hwm < 1:
            raise ValueError("hwm is how many messages may wait, 1 or more: 0 would be without bound")
        _pushers.add(self)

    def publish(self, topic: str, data: Any) -> bool:
        """A message on an event topic."""
        return self.send(commands.publish(topic, data))

    def push_user(self, user: Union[UserId, Iterable[UserId]], kind: str, data: Any, keep: bool = True) -> bool:
        """A message to a user, or to several (up to 1000); kept for who is away unless `keep` is false."""
        return self.send(commands.push_user(user, kind, data, keep))

    def push_group(self, group: str, kind: str, data: Any, keep: bool = True) -> bool:
        """A message to the users of a group."""
        return self.send(commands.push_group(group, kind, data, keep))

    def broadcast(self, kind: str, data: Any) -> bool:
        """A message to every connection."""
        return self.send(commands.broadcast(kind, data))

    def subscribe_user(self, user: UserId, topics: Union[str, Iterable[str]]) -> bool:
        """Topics to all connections of a user, now and later."""
        return self.send(commands.subscribe_user(user, topics))

    def unsubscribe_user(self, user: UserId, topics: Union[str, Iterable[str]]) -> bool:
        """The end of subscribe_user."""
        return self.send(commands.unsubscribe_user(user, topics))

    def disconnect_user(self, user: UserId, code: Optional[int] = None, reason: Optional[str] = None) -> bool:
        """Closes a user's connections; clients come back by themselves from codes below 3500."""
        return self.send(commands.disconnect_user(user, code, reason))

    def refresh(self, user: UserId) -> bool:
        """Looks at once whether what a user has signed in with still stands."""
        return self.send(commands.refresh(user))

    def feed(self, *messages: market.Message) -> bool:
        """Feed messages, as tickcast.market makes them, as one message of ZeroMQ: many at once cost much less."""
        return self.send_bytes(wire.to_msgpack(messages[0] if len(messages) == 1 else messages))

    def trade(self, symbol: str, price: market.Number, size: market.Number, time: market.Time, *,
              side: Optional[str] = None, id: Union[int, str, None] = None) -> bool:
        """One trade; see tickcast.market.trade."""
        return self.feed(market.trade(symbol, price, size, time, side=side, id=id))

    def quote(self, symbol: str, time: market.Time, *, bid: Optional[market.Number] = None,
              bid_size: Optional[market.Number] = None, ask: Optional[market.Number] = None,
              ask_size: Optional[market.Number] = None) -> bool:
        """One quote; see tickcast.market.quote."""
        return self.feed(market.quote(symbol, time, bid=bid, bid_size=bid_size, ask=ask, ask_size=ask_size))

    def bar(self, symbol: str, interval: str, time: market.Time, open: market.Number, high: market.Number,
            low: market.Number, close: market.Number, volume: market.Number, *, value: Optional[market.Number] = None,
            trades: Optional[int] = None, closed: bool = False, rev: Optional[int] = None) -> bool:
        """One bar; see tickcast.market.bar."""
        return self.feed(market.bar(symbol, interval, time, open, high, low, close, volume, value=value,
                                    trades=trades, closed=closed, rev=rev))

    def send(self, request: Request[Any]) -> bool:
        """A command as tickcast.commands makes it."""
        return self.send_bytes(self.encode(request))

    def encode(self, request: Request[Any], default: wire.Default = wire.plain) -> bytes:
        """The bytes of a command, to be sent later by send_bytes."""
        return wire.to_json({"type": request.type, "src": self.source, "data": request.data}, default)

    def send_bytes(self, body: bytes) -> bool:
        """A message that is encoded already."""
        with self._lock:
            taken = not self._closed and self._try(body)
            if taken:
                self.sent += 1
            else:
                self.dropped += 1
                self._untold += 1
            self._tell()
        return taken

    def close(self) -> None:
        """Ends it; later messages are dropped. What waits is still sent, for `linger_ms` at most, in the background."""
        with self._lock:
            self._closed = True
            if self._socket is not None:
                self._socket.close(self._linger_ms)
            self._socket = None

    def __enter__(self) -> "Pusher":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try(self, body: bytes) -> bool:
        try:
            self._connected().send(body, zmq.NOBLOCK)
            return True
        except zmq.Again:
            return False

    def _connected(self) -> "zmq.Socket[bytes]":
        if self._socket is None:
            socket = zmq.Context.instance().socket(zmq.PUSH)
            prepare(socket, self._curve, self._hwm)
            socket.setsockopt(zmq.LINGER, self._linger_ms)
            socket.connect(self.endpoint)
            self._socket = socket
        return self._socket

    def _forked(self) -> None:
        # The parent's lock may be held, and its socket is not ours: neither to use nor to close.
        self._lock = threading.Lock()
        _of_parents.append(self._socket)
        self._socket = None

    def _tell(self) -> None:
        now = time.monotonic()
        if self._untold and (self._told_at == 0.0 or now - self._told_at >= TELL_EVERY_S):
            log.warning("%d messages for %s were dropped: it does not take them, and %d wait already (%d dropped in "
                        "all)", self._untold, self.endpoint, self._hwm, self.dropped)
            self._told_at, self._untold = now, 0


def _after_fork() -> None:
    for pusher in list(_pushers):
        pusher._forked()


os.register_at_fork(after_in_child=_after_fork)
