"""The client of the service ROUTER for programs with threads."""
from __future__ import annotations

import os
import threading
import weakref
from typing import Any, Dict, Iterable, List, Optional, TypeVar, Union

from . import aio, commands
from .commands import Request, When
from .errors import Closed
from .history import History
from .portal import Portal
from .pusher import Pusher
from .sockets import DEFAULT_PULL, DEFAULT_ROUTER, CurveLike
from .values import Published, Pushed, Quote, TopicPage, TopicPresence, UserId, UserPage, UserPresence

T = TypeVar("T")

_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()
_of_parents: List[object] = []


class Client:
    """Commands and questions, answered; from any thread, which waits.

    All threads share one connection, which a thread of its own serves (a tickcast.aio.Client: that tells of errors,
    second tries and time-outs). It is started by the first request; after a fork the child gets its own.
    """

    def __init__(self, router: str = DEFAULT_ROUTER, pull: str = DEFAULT_PULL, *, curve: Optional[CurveLike] = None,
                 source: str = "python", timeout: float = 10.0) -> None:
        self._options: Dict[str, Any] = {"curve": curve, "source": source, "timeout": timeout}
        self._router, self._pull = router, pull
        self._client = self._make()
        self._portal: Optional[Portal] = None
        self._lock = threading.Lock()
        self._closed = False
        _clients.add(self)

    @property
    def endpoint(self) -> str:
        """Where it asks."""
        return self._router

    @property
    def pusher(self) -> Pusher:
        """The same commands without waiting and without an answer."""
        with self._lock:
            return self._client.pusher

    def publish(self, topic: str, data: Any, *, idempotency_key: Optional[str] = None,
                timeout: Optional[float] = None) -> Published:
        """Writes an event topic."""
        return self.ask(commands.publish(topic, data), idempotency_key, timeout)

    def push_user(self, user: Union[UserId, Iterable[UserId]], kind: str, data: Any, keep: bool = True, *,
                  idempotency_key: Optional[str] = None, timeout: Optional[float] = None) -> Pushed:
        """A message to a user on all devices, or to several users; kept for who is away unless `keep` is false."""
        return self.ask(commands.push_user(user, kind, data, keep), idempotency_key, timeout)

    def push_group(self, group: str, kind: str, data: Any, keep: bool = True, *,
                   idempotency_key: Optional[str] = None, timeout: Optional[float] = None) -> Pushed:
        """A message to the users of a group who are online or have messages kept."""
        return self.ask(commands.push_group(group, kind, data, keep), idempotency_key, timeout)

    def broadcast(self, kind: str, data: Any, *, idempotency_key: Optional[str] = None,
                  timeout: Optional[float] = None) -> None:
        """A message to every connection; not kept."""
        return self.ask(commands.broadcast(kind, data), idempotency_key, timeout)

    def subscribe_user(self, user: UserId, topics: Union[str, Iterable[str]], *,
                       timeout: Optional[float] = None) -> int:
        """Topics to all connections that the user has and will have; returns how many those are now."""
        return self.ask(commands.subscribe_user(user, topics), None, timeout)

    def unsubscribe_user(self, user: UserId, topics: Union[str, Iterable[str]], *,
                         timeout: Optional[float] = None) -> int:
        """The end of subscribe_user."""
        return self.ask(commands.unsubscribe_user(user, topics), None, timeout)

    def disconnect_user(self, user: UserId, code: Optional[int] = None, reason: Optional[str] = None, *,
                        timeout: Optional[float] = None) -> int:
        """Closes a user's connections and returns how many; clients come back by themselves from codes below 3500."""
        return self.ask(commands.disconnect_user(user, code, reason), None, timeout)

    def refresh(self, user: UserId, *, timeout: Optional[float] = None) -> int:
        """Looks at once whether what a user has signed in with still stands."""
        return self.ask(commands.refresh(user), None, timeout)

    def presence(self, topic: str, *, timeout: Optional[float] = None) -> TopicPresence:
        """Who is on a topic whose class has presence."""
        return self.ask(commands.presence(topic), None, timeout)

    def online(self, users: Union[UserId, Iterable[UserId]], *,
               timeout: Optional[float] = None) -> Dict[str, UserPresence]:
        """Whether users are there, by id (as text)."""
        return self.ask(commands.online(users), None, timeout)

    def users(self, group: Optional[str] = None, after: Optional[str] = None, limit: Optional[int] = None, *,
              timeout: Optional[float] = None) -> UserPage:
        """Who is online, a page by id."""
        return self.ask(commands.users(group, after, limit), None, timeout)

    def topics(self, pattern: Optional[str] = None, after: Optional[str] = None, limit: Optional[int] = None,
               *, timeout: Optional[float] = None) -> TopicPage:
        """The topics that fit a glob, a page by name."""
        return self.ask(commands.topics(pattern, after, limit), None, timeout)

    def stats(self, *, timeout: Optional[float] = None) -> Dict[str, Any]:
        """The server's figures."""
        return self.ask(commands.stats(), None, timeout)

    def get_quote(self, symbol: str, *, timeout: Optional[float] = None) -> Quote:
        """What a symbol stands at: last trade, best prices, day, feed."""
        return self.ask(commands.get_quote(symbol), None, timeout)

    def get_history(self, symbol: str, interval: Optional[str] = None, *, start: Optional[When] = None,
                    end: Optional[When] = None, limit: Optional[int] = None,
                    functions: Union[str, Iterable[str], None] = None,
                    fields: Union[str, Iterable[str], None] = None,
                    timeout: Optional[float] = None) -> History:
        """Trades, or bars of an `interval`, or bars with indicators (`functions`, such as "sma(30)").

        `start` is included, `end` excluded: aware datetimes, ISO 8601, or microseconds. With `start` the oldest rows
        from there on come, without it the newest; `limit` is 1 to 50,000 (500). `fields` of bars: value, vwap,
        trades, rev.
        """
        request = commands.get_history(symbol, interval, start=start, end=end, limit=limit, functions=functions,
                                       fields=fields)
        return self.ask(request, None, timeout)

    def ask(self, request: Request[T], idempotency_key: Optional[str] = None, timeout: Optional[float] = None) -> T:
        """Any request, as tickcast.commands makes them."""
        with self._lock:
            if self._closed:
                raise Closed("this client was closed")
            portal = self._portal = self._portal or Portal("tickcast")
            future = portal.submit(self._client.ask(request, idempotency_key, timeout))
        return portal.wait(future)

    def close(self) -> None:
        """Ends it. Requests under way in other threads raise Closed."""
        with self._lock:
            portal, self._portal, self._closed = self._portal, None, True
        if portal is not None:
            portal.wait(portal.submit(self._client.close()))
            portal.stop()
        elif self._client.has_pusher:
            self._client.pusher.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self) -> "aio.Client":
        return aio.Client(self._router, self._pull, **self._options)

    def _forked(self) -> None:
        # The parent's thread is not here, and its sockets are not ours to close.
        _of_parents.append((self._client, self._portal))
        self._client, self._portal, self._lock = self._make(), None, threading.Lock()


def _after_fork() -> None:
    for client in list(_clients):
        client._forked()


os.register_at_fork(after_in_child=_after_fork)
