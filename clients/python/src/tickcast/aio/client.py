"""The client of the service ROUTER for asyncio."""
from __future__ import annotations

import asyncio
import itertools
import random
import uuid
from typing import Any, Dict, Iterable, Optional, TypeVar, Union

from .. import commands, wire
from ..commands import Request, When
from ..errors import Closed, Disconnected, ProtocolError, TickcastError, Timeout, from_server
from ..history import History
from ..pusher import Pusher
from ..sockets import DEFAULT_PULL, DEFAULT_ROUTER, CurveLike, curve_of
from ..values import Published, Pushed, Quote, TopicPage, TopicPresence, UserId, UserPage, UserPresence
from .link import Link, first_of

T = TypeVar("T")
Message = Dict[str, Any]

CONNECT_S = 3.0
ANSWER_S = 3.0
FIRST_DELAY_S, LONGEST_DELAY_S = 0.05, 2.0
IN_FLIGHT = 128


class Client:
    """Commands and questions, answered. To be used within one event loop.

    A method returns the answer or raises a TickcastError. Temporary errors (no connection, no answer within 3 s, too
    many requests) are tried again, with growing delays, until `timeout` seconds are over; what does something carries
    an idempotency key, the same one each time, so that it is done once as long as the server lives. (It remembers keys
    in memory: over its restart "once" becomes "at least once".) A method's `timeout` outranks the client's.

    At most 128 requests are under way; further ones wait, within their `timeout`.
    """

    def __init__(self, router: str = DEFAULT_ROUTER, pull: str = DEFAULT_PULL, *, curve: Optional[CurveLike] = None,
                 source: str = "python", timeout: float = 10.0) -> None:
        self.endpoint = router
        self.timeout = timeout
        self.source = source
        self._pull, self._curve = pull, curve_of(curve)
        self._pusher: Optional[Pusher] = None
        self._numbers = itertools.count(1)
        self._waiting: Dict[int, "asyncio.Future[Message]"] = {}
        self._link: "Optional[asyncio.Task[Link]]" = None
        self._room: Optional[asyncio.Semaphore] = None
        self._closed = False

    @property
    def pusher(self) -> Pusher:
        """The same commands without waiting and without an answer."""
        if self._pusher is None:
            self._pusher = Pusher(self._pull, curve=self._curve, source=self.source)
        return self._pusher

    @property
    def has_pusher(self) -> bool:
        """Whether `pusher` was used."""
        return self._pusher is not None

    async def publish(self, topic: str, data: Any, *, idempotency_key: Optional[str] = None,
                      timeout: Optional[float] = None) -> Published:
        """Writes an event topic."""
        return await self.ask(commands.publish(topic, data), idempotency_key, timeout)

    async def push_user(self, user: Union[UserId, Iterable[UserId]], kind: str, data: Any, keep: bool = True, *,
                        idempotency_key: Optional[str] = None, timeout: Optional[float] = None) -> Pushed:
        """A message to a user on all devices, or to several users; kept for who is away unless `keep` is false."""
        return await self.ask(commands.push_user(user, kind, data, keep), idempotency_key, timeout)

    async def push_group(self, group: str, kind: str, data: Any, keep: bool = True, *,
                         idempotency_key: Optional[str] = None, timeout: Optional[float] = None) -> Pushed:
        """A message to the users of a group who are online or have messages kept."""
        return await self.ask(commands.push_group(group, kind, data, keep), idempotency_key, timeout)

    async def broadcast(self, kind: str, data: Any, *, idempotency_key: Optional[str] = None,
                        timeout: Optional[float] = None) -> None:
        """A message to every connection; not kept."""
        return await self.ask(commands.broadcast(kind, data), idempotency_key, timeout)

    async def subscribe_user(self, user: UserId, topics: Union[str, Iterable[str]], *,
                             timeout: Optional[float] = None) -> int:
        """Topics to all connections that the user has and will have; returns how many those are now."""
        return await self.ask(commands.subscribe_user(user, topics), None, timeout)

    async def unsubscribe_user(self, user: UserId, topics: Union[str, Iterable[str]], *,
                               timeout: Optional[float] = None) -> int:
        """The end of subscribe_user."""
        return await self.ask(commands.unsubscribe_user(user, topics), None, timeout)

    async def disconnect_user(self, user: UserId, code: Optional[int] = None, reason: Optional[str] = None, *,
                              timeout: Optional[float] = None) -> int:
        """Closes a user's connections and returns how many; clients come back by themselves from codes below 3500."""
        return await self.ask(commands.disconnect_user(user, code, reason), None, timeout)

    async def refresh(self, user: UserId, *, timeout: Optional[float] = None) -> int:
        """Looks at once whether what a user has signed in with still stands."""
        return await self.ask(commands.refresh(user), None, timeout)

    async def presence(self, topic: str, *, timeout: Optional[float] = None) -> TopicPresence:
        """Who is on a topic whose class has presence."""
        return await self.ask(commands.presence(topic), None, timeout)

    async def online(self, users: Union[UserId, Iterable[UserId]], *,
                     timeout: Optional[float] = None) -> Dict[str, UserPresence]:
        """Whether users are there, by id (as text)."""
        return await self.ask(commands.online(users), None, timeout)

    async def users(self, group: Optional[str] = None, after: Optional[str] = None, limit: Optional[int] = None, *,
                    timeout: Optional[float] = None) -> UserPage:
        """Who is online, a page by id."""
        return await self.ask(commands.users(group, after, limit), None, timeout)

    async def topics(self, pattern: Optional[str] = None, after: Optional[str] = None, limit: Optional[int] = None,
                     *, timeout: Optional[float] = None) -> TopicPage:
        """The topics that fit a glob, a page by name."""
        return await self.ask(commands.topics(pattern, after, limit), None, timeout)

    async def stats(self, *, timeout: Optional[float] = None) -> Dict[str, Any]:
        """The server's figures."""
        return await self.ask(commands.stats(), None, timeout)

    async def get_quote(self, symbol: str, *, timeout: Optional[float] = None) -> Quote:
        """What a symbol stands at: last trade, best prices, day, feed."""
        return await self.ask(commands.get_quote(symbol), None, timeout)

    async def get_history(self, symbol: str, interval: Optional[str] = None, *, start: Optional[When] = None,
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
        return await self.ask(request, None, timeout)

    async def ask(self, request: Request[T], idempotency_key: Optional[str] = None,
                  timeout: Optional[float] = None) -> T:
        """Any request, as tickcast.commands makes them."""
        message: Message = {"type": request.type, "src": self.source, "data": request.data}
        if request.once:
            message["idempotency_key"] = idempotency_key or uuid.uuid4().hex
        try:
            answer = await self._until_done(message, request.market, self.timeout if timeout is None else timeout)
        except TickcastError as error:
            error.idempotency_key = message.get("idempotency_key")
            raise
        try:
            return request.read(answer)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise ProtocolError(f"the answer to {request.type} cannot be read: {fault!r}") from fault

    async def close(self) -> None:
        """Ends it. Requests under way raise Closed."""
        self._closed = True
        if self._link is not None:
            self._link.cancel()
            if self._link.done() and not self._link.cancelled() and self._link.exception() is None:
                self._link.result().close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Closed("this client was closed"))
        if self._pusher is not None:
            self._pusher.close()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _until_done(self, message: Message, market: bool, timeout: float) -> Message:
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        self._room = self._room or asyncio.Semaphore(IN_FLIGHT)
        try:
            await asyncio.wait_for(self._room.acquire(), timeout)
        except asyncio.TimeoutError:
            raise Timeout(f"{message['type']} waited {timeout:g} s behind {IN_FLIGHT} others") from None
        try:
            for attempt in itertools.count():
                try:
                    return await self._once(message, market, max(0.01, end - clock()))
                except TickcastError as error:
                    delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(attempt, 10)) * random.uniform(0.5, 1.0)
                    if self._closed or not error.temporary or clock() + delay >= end:
                        raise
                await asyncio.sleep(delay)
            raise AssertionError("never left")
        finally:
            self._room.release()

    async def _once(self, message: Message, market: bool, left: float) -> Message:
        link = await self._linked(left)
        number = next(self._numbers)
        body = {**message, "id": number}
        future: "asyncio.Future[Message]" = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            link.send(wire.to_msgpack(body) if market else wire.to_json(body))
            await first_of(future, link.lost, timeout=min(left, ANSWER_S))
            if future.done():
                return future.result()
            if self._closed:
                raise Closed("this client was closed")
            if link.lost.done():
                raise Disconnected(f"{self.endpoint} went away before it answered {message['type']}: "
                                   f"{link.lost.result()}")
            raise Timeout(f"{self.endpoint} did not answer {message['type']} in time")
        finally:
            del self._waiting[number]

    async def _linked(self, left: float) -> Link:
        """The living link; callers share the opening of a new one."""
        if self._closed:
            raise Closed("this client was closed")
        task = self._link
        if task is None or (task.done() and not _is_good(task)):
            link = Link(self.endpoint, self._curve, self._on_message)
            task = self._link = asyncio.ensure_future(link.open(CONNECT_S))
        if task.done():
            return task.result()
        done, _ = await asyncio.wait({task}, timeout=left)
        if self._closed:
            raise Closed("this client was closed")
        if not done:
            raise Disconnected(f"cannot reach {self.endpoint} in time")
        return task.result()

    def _on_message(self, message: Message) -> None:
        future = self._waiting.get(message.get("id", 0))
        if future is None or future.done():
            return
        if message.get("type") == "reply" and isinstance(message.get("data"), dict):
            future.set_result(message["data"])
        elif message.get("type") == "error":
            future.set_exception(from_server(message.get("data")))
        else:
            future.set_exception(ProtocolError(f"{self.endpoint} does not answer as Tickcast does"))


def _is_good(opened: "asyncio.Task[Link]") -> bool:
    return not opened.cancelled() and opened.exception() is None and not opened.result().lost.done()
