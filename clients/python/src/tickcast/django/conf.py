"""The setting TICKCAST, and the connections it describes: one Pusher and one Client a process."""
from __future__ import annotations

import collections
import dataclasses
import threading
from typing import Any, Deque, Dict, Mapping, Optional

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from ..client import Client
from ..pusher import Pusher
from ..sockets import DEFAULT_PULL, DEFAULT_ROUTER, curve_of

#: With TICKCAST["OUTBOX"] messages come here instead of leaving: dicts with type and data, the last 1000.
outbox: Deque[Dict[str, Any]] = collections.deque(maxlen=1000)


@dataclasses.dataclass(frozen=True)
class Options:
    """TICKCAST in lower case: sockets and keys of the server, and of us `source` (for its logs), `hwm` (messages that
    may wait while it is away), `timeout` (s, of the client's requests), `threads` and `limit` of tickcast_listen;
    `outbox` is for tests."""

    pull: str = DEFAULT_PULL
    router: str = DEFAULT_ROUTER
    curve: Optional[Mapping[str, Any]] = None
    source: str = "django"
    hwm: int = 10_000
    timeout: float = 10.0
    threads: int = 8
    limit: int = 256
    outbox: bool = False


_lock = threading.Lock()
_held: Dict[str, Any] = {}


def options() -> Options:
    """What TICKCAST says. Raises ImproperlyConfigured for keys that are not known, and for CURVE keys that are none."""
    given = getattr(settings, "TICKCAST", {})
    known = {field.name.upper(): field.name for field in dataclasses.fields(Options)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ImproperlyConfigured(f"TICKCAST has no {', '.join(unknown)}; it takes {', '.join(known)}")
    found = Options(**{known[name]: value for name, value in given.items()})
    try:
        curve_of(found.curve)
    except (ValueError, OSError) as fault:
        raise ImproperlyConfigured(f"TICKCAST[\"CURVE\"]: {fault}") from fault
    return found


def pusher() -> Pusher:
    """The process's Pusher."""
    with _lock:
        if "pusher" not in _held:
            told = options()
            _held["pusher"] = Pusher(told.pull, curve=told.curve, hwm=told.hwm, source=told.source)
        found: Pusher = _held["pusher"]
        return found


def client() -> Client:
    """The process's Client, for questions (who is online, quotes, history) and for commands that must be answered. It
    waits for the answer: in an async view use tickcast.aio.Client."""
    with _lock:
        if "client" not in _held:
            told = options()
            _held["client"] = Client(told.router, told.pull, curve=told.curve, source=told.source,
                                     timeout=told.timeout)
        found: Client = _held["client"]
        return found


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "TICKCAST":
        with _lock:
            held = list(_held.values())
            _held.clear()
        for each in held:
            each.close()


setting_changed.connect(_forget, dispatch_uid="tickcast")
