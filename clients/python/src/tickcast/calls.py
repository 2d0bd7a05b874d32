"""Calls: what users send to backends, and how it is answered. No I/O."""
from __future__ import annotations

import dataclasses
import re
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

FAILED = 1500
BUSY = 1503

_TYPE = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclasses.dataclass(frozen=True)
class Call:
    """What a client has sent with a `type` that we claimed.

    `user`, `name` and `groups` are those of its sign-in; `user` is None for anonymous clients. `client` names the
    connection. `wants_answer` is false where the client sent no id: what the handler returns is then dropped.
    """

    type: str
    data: Any
    user: Optional[str]
    name: str
    groups: Tuple[str, ...]
    client: str
    id: Any = None

    @property
    def wants_answer(self) -> bool:
        """Whether the client waits for what the handler returns."""
        return self.id is not None

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Call":
        """From a frame `call`. Raises KeyError, TypeError or ValueError for what is none."""
        data = message["data"]
        user = data.get("user")
        return cls(str(data["type"]), data.get("data"), None if user is None else str(user),
                   str(data.get("name") or ""), tuple(data.get("groups") or ()), str(data.get("client") or ""),
                   message.get("id"))


class CallError(Exception):
    """Raised by a handler: the caller gets `code` (1000 to 65535, the backend's own), `message` and `data`.

    Codes that this package uses itself are 1000 and the HTTP status that means the same: 1500 the handler failed,
    1503 the worker is busy.
    """

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        if not 1000 <= code <= 65535:
            raise ValueError(f"{code} is no code of a backend: those are 1000 to 65535")
        self.code, self.message, self.data = code, message, data

    def __str__(self) -> str:
        return f"{self.message} (code {self.code})"


Handler = Callable[[Call], Any]


class Handlers:
    """Handlers by the type they answer."""

    def __init__(self) -> None:
        self.by_type: Dict[str, Handler] = {}

    def on(self, *types: str) -> Callable[[Handler], Handler]:
        """A decorator: the function answers calls of these types. Raises ValueError for a type that is none, or that
        has a handler."""
        for each in types:
            if not _TYPE.fullmatch(each):
                raise ValueError(f"{each!r} is no type: 1 to 64 letters, digits, dots, _ and -")
            if each in self.by_type:
                raise ValueError(f"{each!r} has a handler already")
        if not types:
            raise ValueError("name the types that the function answers: @worker.on(\"order.place\")")

        def register(handler: Handler) -> Handler:
            self.by_type.update((each, handler) for each in types)
            return handler
        return register


def answer(call: Call, data: Any) -> Dict[str, Any]:
    """The answer of a handler that returned."""
    return {"type": "answer", "id": call.id, "data": {} if data is None else data}


def refusal(call: Call, error: CallError) -> Dict[str, Any]:
    """The answer of a handler that refused."""
    told: Dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = error.data
    return {"type": "answer", "id": call.id, "error": told}
