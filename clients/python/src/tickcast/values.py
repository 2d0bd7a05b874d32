"""What the server answers, as values."""
from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any, Iterator, List, Mapping, Optional, Tuple, Union

UserId = Union[int, str]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def exact(value: Any) -> Optional[Decimal]:
    """A price or size as it came, without a digit lost: a double that comes is its shortest form."""
    if value is None:
        return None
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def time_of(microseconds: Optional[int]) -> Optional[datetime.datetime]:
    """An aware time in UTC."""
    return None if microseconds is None else _EPOCH + datetime.timedelta(microseconds=microseconds)


@dataclasses.dataclass(frozen=True)
class Published:
    """Where an update stands in its topic."""

    topic: str
    epoch: str
    seq: int


@dataclasses.dataclass(frozen=True)
class Pushed:
    """How many users a message went to, and how many connections of them are open. `epoch` and `seq` are set where
    the message went to one user and is kept."""

    users: int
    connections: int
    epoch: Optional[str] = None
    seq: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class OnTopic:
    """A user who is on a topic."""

    user: str
    name: str
    connections: int


@dataclasses.dataclass(frozen=True)
class TopicPresence:
    """Who is on a topic at `epoch`, `seq` of its presence topic; `anonymous` counts connections without a user."""

    topic: str
    epoch: str
    seq: int
    connections: int
    anonymous: int
    users: Tuple[OnTopic, ...]


@dataclasses.dataclass(frozen=True)
class UserPresence:
    """Whether a user is there. `name`, `groups` and `since` are known of those who are."""

    user: str
    online: bool
    connections: int = 0
    name: str = ""
    groups: Tuple[str, ...] = ()
    since: Optional[datetime.datetime] = None


@dataclasses.dataclass(frozen=True)
class UserPage:
    """A page of who is online, by id. `total` counts all that fit; where there is `more`, ask `after` the last id."""

    users: Tuple[UserPresence, ...]
    total: int
    more: bool

    def __iter__(self) -> Iterator[UserPresence]:
        return iter(self.users)

    def __len__(self) -> int:
        return len(self.users)


@dataclasses.dataclass(frozen=True)
class Topic:
    """A topic, its position and how many listen."""

    topic: str
    seq: int
    subscribers: int


@dataclasses.dataclass(frozen=True)
class TopicPage:
    """A page of topics, by name; where there is `more`, ask `after` the last name."""

    topics: Tuple[Topic, ...]
    more: bool

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.topics)

    def __len__(self) -> int:
        return len(self.topics)


@dataclasses.dataclass(frozen=True)
class Trade:
    """One trade. `side` is who took liquidity, "buy" or "sell"."""

    time: datetime.datetime
    price: Decimal
    size: Decimal
    side: Optional[str] = None
    id: Union[int, str, None] = None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Trade":
        """From a row of the wire."""
        return cls(_needed(time_of(row["time"])), _needed(exact(row["price"])), _needed(exact(row["size"])),
                   row.get("side"), row.get("id"))


@dataclasses.dataclass(frozen=True)
class BestPrices:
    """Best bid and ask. A side without orders has price and size 0; a size of 0 beside a price: not told."""

    time: datetime.datetime
    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "BestPrices":
        """From a row of the wire."""
        return cls(_needed(time_of(row["time"])), *(exact(row.get(name)) or Decimal(0)
                                                    for name in ("bid", "bid_size", "ask", "ask_size")))


@dataclasses.dataclass(frozen=True)
class Day:
    """The trading day so far."""

    open: Optional[Decimal]
    high: Optional[Decimal]
    low: Optional[Decimal]
    volume: Optional[Decimal]
    trades: int
    previous_close: Optional[Decimal] = None


@dataclasses.dataclass(frozen=True)
class Quote:
    """What a symbol stands at; None for what has not come yet. `state` is its feed's: call a price current only
    while it is "live"."""

    symbol: str
    trade: Optional[Trade]
    quote: Optional[BestPrices]
    day: Optional[Day]
    feed: Optional[str]
    state: Optional[str]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Quote":
        """From an answer to get_quote."""
        trade, quote, day, feed = (data.get(name) for name in ("trade", "quote", "day", "feed"))
        feed = feed or {}
        return cls(data["symbol"], Trade.read(trade) if trade else None, BestPrices.read(quote) if quote else None,
                   _day(day) if day else None, feed.get("name"), feed.get("state"))


@dataclasses.dataclass(frozen=True)
class Bar:
    """One bar, which begins at `time`. The last of a history may be forming: then `closed` is false."""

    time: datetime.datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    closed: bool


def _day(day: Mapping[str, Any]) -> Day:
    return Day(exact(day.get("open")), exact(day.get("high")), exact(day.get("low")), exact(day.get("volume")),
               int(day.get("trades", 0)), exact(day.get("previous_close")))


def _needed(value: Any) -> Any:
    if value is None:
        raise ValueError("a row of the server lacks a value")
    return value


def user_presence(row: Mapping[str, Any], online: bool = True) -> UserPresence:
    """From a row of `users`, or of `presence` of users, which says itself who is online."""
    return UserPresence(str(row["user"]), bool(row.get("online", online)), int(row.get("connections", 0)),
                        str(row.get("name") or ""), tuple(row.get("groups") or ()), time_of(row.get("since")))


def topic_presence(data: Mapping[str, Any]) -> TopicPresence:
    """From an answer to `presence` of a topic."""
    users: List[OnTopic] = [OnTopic(str(row["user"]), str(row.get("name") or ""), int(row.get("connections", 0)))
                            for row in data.get("users") or ()]
    return TopicPresence(str(data["topic"]), str(data.get("epoch") or ""), int(data.get("seq", 0)),
                         int(data.get("connections", 0)), int(data.get("anonymous", 0)), tuple(users))
