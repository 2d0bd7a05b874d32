"""Feed messages: trades, quotes and bars into the server, with every digit kept.

Prices and sizes are Decimal, int, or text; they travel as text. A float is taken as its shortest form (0.1 is 0.1).
Times are nanoseconds since 1970 UTC as int, or aware datetimes.
"""
from __future__ import annotations

import datetime
import operator
from decimal import Decimal
from typing import Any, Dict, Optional, Union

Number = Union[Decimal, int, str, float]
Time = Union[int, datetime.datetime]
Message = Dict[str, Any]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def trade(symbol: str, price: Number, size: Number, time: Time, *, side: Optional[str] = None,
          id: Union[int, str, None] = None) -> Message:
    """A trade; `side` is who took liquidity, "buy" or "sell". Trades that repeat an `id` are dropped there."""
    return _without_none({"type": "trade", "symbol": symbol, "time": nanoseconds(time), "price": digits(price),
                          "size": digits(size), "side": side, "id": id})


def trade_cancel(symbol: str, id: Union[int, str], time: Time) -> Message:
    """The trade `id` of that time does not stand."""
    return {"type": "trade_cancel", "symbol": symbol, "time": nanoseconds(time), "id": id}


def trade_correct(symbol: str, id: Union[int, str], time: Time, price: Number, size: Number) -> Message:
    """The trade `id` of that time stands so."""
    return {"type": "trade_correct", "symbol": symbol, "time": nanoseconds(time), "id": id, "price": digits(price),
            "size": digits(size)}


def quote(symbol: str, time: Time, *, bid: Optional[Number] = None, bid_size: Optional[Number] = None,
          ask: Optional[Number] = None, ask_size: Optional[Number] = None) -> Message:
    """Best bid and ask; a side that is left out has no orders."""
    return _without_none({"type": "quote", "symbol": symbol, "time": nanoseconds(time), "bid": _digits(bid),
                          "bid_size": _digits(bid_size), "ask": _digits(ask), "ask_size": _digits(ask_size)})


def bar(symbol: str, interval: str, time: Time, open: Number, high: Number, low: Number, close: Number,
        volume: Number, *, value: Optional[Number] = None, trades: Optional[int] = None, closed: bool = False,
        rev: Optional[int] = None) -> Message:
    """A bar that begins at `time`, such as ("BTCUSDT", "1m", …); `value` is price × size summed up."""
    return _without_none({"type": "bar", "symbol": symbol, "interval": interval, "time": nanoseconds(time),
                          "open": digits(open), "high": digits(high), "low": digits(low), "close": digits(close),
                          "volume": digits(volume), "value": _digits(value), "trades": trades, "closed": closed,
                          "rev": rev})


def digits(value: Number) -> str:
    """All digits, without an exponent. Raises ValueError for what is no finite number."""
    if isinstance(value, bool):
        raise ValueError("a bool is no price")
    number = Decimal(repr(value)) if isinstance(value, float) else _decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value!r} is no finite number")
    return format(number, "f")


def nanoseconds(time: Time) -> int:
    """Whole nanoseconds since 1970 UTC. Raises ValueError for a naive datetime."""
    if isinstance(time, datetime.datetime):
        return microseconds(time) * 1000
    try:
        return operator.index(time)
    except TypeError:
        raise ValueError(f"{time!r} is no time: give nanoseconds as int or an aware datetime") from None


def microseconds(time: datetime.datetime) -> int:
    """Whole microseconds since 1970 UTC. Raises ValueError for a naive datetime."""
    if time.tzinfo is None:
        raise ValueError(f"{time!r} has no time zone: write datetime(…, tzinfo=timezone.utc)")
    return (time - _EPOCH) // datetime.timedelta(microseconds=1)


def _decimal(value: Union[Decimal, int, str]) -> Decimal:
    try:
        return Decimal(value)
    except ArithmeticError:
        raise ValueError(f"{value!r} is no number") from None


def _digits(value: Optional[Number]) -> Optional[str]:
    return None if value is None else digits(value)


def _without_none(message: Message) -> Message:
    return {name: value for name, value in message.items() if value is not None}
