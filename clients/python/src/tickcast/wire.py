"""Messages as bytes.

What carries data of the caller's goes as JSON, because there a NaN, bytes or a key that is no text is an error here,
at the caller's line, and not a refusal there. Market data goes as MessagePack. Which one a message is, its first
byte tells; the server answers in the encoding it was asked in.
"""
from __future__ import annotations

import dataclasses
import datetime
import decimal
import json
import uuid
from typing import Any, Callable

import msgpack

Default = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """What JSON has no form for: decimals and UUIDs become text, times ISO 8601, dataclasses maps."""
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} cannot be sent: make it a text, a number, a list or a dict")


def to_json(message: Any, default: Default = plain) -> bytes:
    """JSON in UTF-8. Raises TypeError or ValueError for what has no form there (NaN, bytes, loops)."""
    return json.dumps(message, default=default, ensure_ascii=False, allow_nan=False,
                      separators=(",", ":")).encode()


def to_msgpack(message: Any) -> bytes:
    """MessagePack; decimals and times become text."""
    body: bytes = msgpack.packb(message, default=plain)
    return body


def decode(body: bytes) -> Any:
    """Either encoding. Raises ValueError for what is neither."""
    if body[:1] in (b"{", b"["):
        return json.loads(body)
    try:
        return msgpack.unpackb(body)
    except ValueError:
        raise
    except Exception as fault:  # msgpack's own exceptions share no base
        raise ValueError(f"neither JSON nor MessagePack: {fault}") from fault
