"""Each command and question of the service bus: what is sent, and how its answer is read. No I/O."""
from __future__ import annotations

import dataclasses
import datetime
import uuid
from typing import Any, Callable, Dict, Generic, Iterable, List, Mapping, Optional, TypeVar, Union

from . import values
from .history import History
from .market import microseconds
from .values import Published, Pushed, Quote, TopicPage, TopicPresence, UserId, UserPage, UserPresence

T = TypeVar("T")
Data = Dict[str, Any]
When = Union[datetime.datetime, int, str]


@dataclasses.dataclass(frozen=True)
class Request(Generic[T]):
    """A message with its `data`, and the reader of its answer. `once`: it does something, so it is sent with an
    idempotency key. `market`: it goes as MessagePack."""

    type: str
    data: Data
    read: Callable[[Mapping[str, Any]], T]
    once: bool = False
    market: bool = False


def publish(topic: str, data: Any) -> Request[Published]:
    """A message on an event topic."""
    return Request("publish", {"topic": topic, "data": _something(data)},
                   lambda reply: Published(str(reply.get("topic", topic)), str(reply.get("epoch", "")),
                                           int(reply.get("seq", 0))), once=True)


def push_user(user: Union[UserId, Iterable[UserId]], kind: str, data: Any, keep: bool = True) -> Request[Pushed]:
    """A message to a user, or to several (up to 1000)."""
    several = _several(user)
    body: Data = {"user": user_id(user)} if several is None else {"users": several}
    body.update(kind=kind, data=_something(data))
    return _push("push_user", body, keep)


def push_group(group: str, kind: str, data: Any, keep: bool = True) -> Request[Pushed]:
    """A message to the users of a group."""
    return _push("push_group", {"group": group, "kind": kind, "data": _something(data)}, keep)


def broadcast(kind: str, data: Any) -> Request[None]:
    """A message to every connection."""
    return Request("broadcast", {"kind": kind, "data": _something(data)}, _nothing, once=True)


def subscribe_user(user: UserId, topics: Union[str, Iterable[str]]) -> Request[int]:
    """Topics to all connections of a user."""
    return Request("subscribe_user", {"user": user_id(user), "topics": _list(topics)}, _connections, once=True)


def unsubscribe_user(user: UserId, topics: Union[str, Iterable[str]]) -> Request[int]:
    """The end of subscribe_user."""
    return Request("unsubscribe_user", {"user": user_id(user), "topics": _list(topics)}, _connections, once=True)


def disconnect_user(user: UserId, code: Optional[int] = None, reason: Optional[str] = None) -> Request[int]:
    """Closes a user's connections."""
    return Request("disconnect_user", _given(user=user_id(user), code=code, reason=reason), _connections, once=True)


def refresh(user: UserId) -> Request[int]:
    """Looks at once whether a user's sign-in still stands."""
    return Request("refresh", {"user": user_id(user)}, _connections, once=True)


def presence(topic: str) -> Request[TopicPresence]:
    """Who is on a topic."""
    return Request("presence", {"topic": topic}, values.topic_presence)


def online(users: Union[UserId, Iterable[UserId]]) -> Request[Dict[str, UserPresence]]:
    """Whether users are there."""
    asked = _several(users) or [user_id(users)]
    return Request("presence", {"users": asked}, lambda reply: {
        found.user: found for found in (values.user_presence(row, False) for row in reply.get("users") or ())})


def users(group: Optional[str] = None, after: Optional[str] = None, limit: Optional[int] = None) -> Request[UserPage]:
    """Who is online."""
    def read(reply: Mapping[str, Any]) -> UserPage:
        rows = tuple(values.user_presence(row) for row in reply.get("users") or ())
        return UserPage(rows, int(reply.get("total", len(rows))), bool(reply.get("more")))
    return Request("users", _given(group=group, after=after, limit=limit), read)


def topics(pattern: Optional[str] = None, after: Optional[str] = None,
           limit: Optional[int] = None) -> Request[TopicPage]:
    """Topics by name."""
    def read(reply: Mapping[str, Any]) -> TopicPage:
        rows = tuple(values.Topic(str(row["topic"]), int(row.get("seq", 0)), int(row.get("subscribers", 0)))
                     for row in reply.get("topics") or ())
        return TopicPage(rows, bool(reply.get("more")))
    return Request("topics", _given(pattern=pattern, after=after, limit=limit), read)


def stats() -> Request[Data]:
    """The server's figures."""
    return Request("stats", {}, dict)


def get_quote(symbol: str) -> Request[Quote]:
    """What a symbol stands at."""
    return Request("get_quote", {"symbol": symbol}, Quote.read, market=True)


def get_history(symbol: str, interval: Optional[str] = None, *, start: Optional[When] = None,
                end: Optional[When] = None, limit: Optional[int] = None,
                functions: Union[str, Iterable[str], None] = None,
                fields: Union[str, Iterable[str], None] = None) -> Request[History]:
    """Trades, or bars of an interval, or bars with indicators."""
    body = _given(symbol=symbol, interval=interval, limit=limit,
                  functions=None if functions is None else _list(functions),
                  fields=None if fields is None else _list(fields))
    body.update(_given(**{"from": _when(start), "to": _when(end)}))
    return Request("get_history", body, History.read, market=True)


def user_id(user: Any) -> UserId:
    """A user's id: a whole number or a text. An object with a `pk` (a Django user) stands for its key."""
    found = getattr(user, "pk", user)
    if isinstance(found, uuid.UUID):
        return str(found)
    if isinstance(found, bool) or not isinstance(found, (int, str)) or found == "":
        raise ValueError(f"{user!r} is no user: give an id, a whole number or a text that is not empty")
    return found


def _push(type: str, body: Data, keep: bool) -> Request[Pushed]:
    if not keep:
        body["keep"] = False
    return Request(type, body, lambda reply: Pushed(int(reply.get("users", 0)), int(reply.get("connections", 0)),
                                                    reply.get("epoch"), reply.get("seq")), once=True)


def _something(data: Any) -> Any:
    if data is None:
        raise ValueError("data must not be None: send {} when there is nothing to tell")
    return data


def _several(users: Any) -> Optional[List[UserId]]:
    """The ids where `users` are several, else None."""
    if isinstance(users, (int, str)) or hasattr(users, "pk") or not hasattr(users, "__iter__"):
        return None
    return [user_id(each) for each in users]


def _list(texts: Union[str, Iterable[str]]) -> List[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def _given(**fields: Any) -> Data:
    return {name: value for name, value in fields.items() if value is not None}


def _when(time: Optional[When]) -> Union[int, str, None]:
    return microseconds(time) if isinstance(time, datetime.datetime) else time


def _connections(reply: Mapping[str, Any]) -> int:
    return int(reply.get("connections", 0))


def _nothing(_: Mapping[str, Any]) -> None:
    return None
