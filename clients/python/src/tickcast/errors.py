"""What can go wrong, as one exception a remedy. The codes are those of the client protocol (docs/protocol.md)."""
from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Type


class TickcastError(Exception):
    """A refusal of the server, or of the way to it.

    `code` is the server's (100 and above) or one of ours below 100; `message` is a sentence for people; `temporary`
    says that the same request may succeed later. `idempotency_key` is the key the request was sent with, if any: by
    giving it again a caller may try on without the danger of doing it twice.
    """

    default_code = 100
    default_temporary = False

    def __init__(self, message: str, *, code: Optional[int] = None, temporary: Optional[bool] = None,
                 data: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = self.default_code if code is None else code
        self.temporary = self.default_temporary if temporary is None else temporary
        self.data = data
        self.idempotency_key: Optional[str] = None

    def __str__(self) -> str:
        return f"{self.message} (code {self.code})"


class Disconnected(TickcastError, ConnectionError):
    """There is no connection to the server, or it broke before the answer came: the request may have been done."""

    default_code, default_temporary = 1, True


class Timeout(TickcastError, TimeoutError):
    """The server is connected and did not answer in time: the request may have been done."""

    default_code, default_temporary = 2, True


class ProtocolError(TickcastError):
    """The other side sent what is no answer of Tickcast."""

    default_code = 3


class Closed(TickcastError):
    """This client was closed."""

    default_code = 5


class ServerError(TickcastError):
    """Something broke on the server's side."""

    default_code, default_temporary = 100, True


class Unauthorized(TickcastError):
    """What was shown is wrong, or something must be shown."""

    default_code = 101


class UnknownTopic(TickcastError):
    """The topic breaks the grammar, or nobody knows the symbol."""

    default_code = 102


class PermissionDenied(TickcastError):
    """The rules do not allow it."""

    default_code = 103


class NotAvailable(TickcastError):
    """This server does not have it: not built, not switched on, or no command at all."""

    default_code = 108


class LimitExceeded(TickcastError):
    """More than one command or one user may have."""

    default_code = 106


class BadRequest(TickcastError):
    """The request is wrong; the message says what to change."""

    default_code = 107


class TooManyRequests(TickcastError):
    """More than can be served now."""

    default_code, default_temporary = 111, True


class Conflict(TickcastError):
    """The idempotency key was used for something else."""

    default_code = 112


class NoAnswer(TickcastError):
    """It may have been done: who had it to do was lost before answering."""

    default_code = 113


_BY_CODE: Dict[int, Type[TickcastError]] = {
    100: ServerError, 101: Unauthorized, 102: UnknownTopic, 103: PermissionDenied, 104: NotAvailable,
    106: LimitExceeded, 107: BadRequest, 108: NotAvailable, 109: Unauthorized, 111: TooManyRequests,
    112: Conflict, 113: NoAnswer,
}


def from_server(told: Any) -> TickcastError:
    """The exception for the `data` of an error frame."""
    if not isinstance(told, Mapping) or not isinstance(told.get("code"), int):
        return ProtocolError("the server answered with an error that has no code")
    code = told["code"]
    return _BY_CODE.get(code, TickcastError)(str(told.get("message", "")), code=code,
                                             temporary=bool(told.get("temporary")), data=told.get("data"))
