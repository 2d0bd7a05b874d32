"""Pushing from views, models and tasks: when the transaction commits, without waiting.

Data is taken as it is now and must be what DjangoJSONEncoder takes; what is not raises here. A transaction that is
rolled back sends nothing. Messages go by PUSH: a server that is away holds nobody up, and what it then misses is
counted by `pusher().dropped`. `using` names the database whose transaction is meant.
"""
from __future__ import annotations

import json
from typing import Any, Iterable, Optional, Union

from django.core.exceptions import SynchronousOnlyOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from .. import commands
from ..commands import Request
from ..values import UserId
from . import conf

_default = DjangoJSONEncoder().default

User = Any  # an id, or an object with a `pk`


def push_user(user: Union[User, Iterable[User]], kind: str, data: Any, keep: bool = True, *,
              using: Optional[str] = None) -> None:
    """A message to a user (an id or a Django user) on all devices, or to several; kept for who is away unless `keep` is
    false."""
    _send(commands.push_user(user, kind, data, keep), using)


def push_group(group: str, kind: str, data: Any, keep: bool = True, *, using: Optional[str] = None) -> None:
    """A message to the users of a group who are online or have messages kept."""
    _send(commands.push_group(group, kind, data, keep), using)


def broadcast(kind: str, data: Any, *, using: Optional[str] = None) -> None:
    """A message to every connection; not kept."""
    _send(commands.broadcast(kind, data), using)


def publish(topic: str, data: Any, *, using: Optional[str] = None) -> None:
    """A message on an event topic."""
    _send(commands.publish(topic, data), using)


def subscribe_user(user: User, topics: Union[str, Iterable[str]], *, using: Optional[str] = None) -> None:
    """Topics to all connections of a user, now and later."""
    _send(commands.subscribe_user(user, topics), using)


def unsubscribe_user(user: User, topics: Union[str, Iterable[str]], *, using: Optional[str] = None) -> None:
    """The end of subscribe_user."""
    _send(commands.unsubscribe_user(user, topics), using)


def disconnect_user(user: User, code: Optional[int] = None, reason: Optional[str] = None, *,
                    using: Optional[str] = None) -> None:
    """Closes a user's connections; clients come back by themselves from codes below 3500."""
    _send(commands.disconnect_user(user, code, reason), using)


def refresh(user: UserId, *, using: Optional[str] = None) -> None:
    """Looks at once whether a user's session still stands: call it where you end sessions."""
    _send(commands.refresh(user), using)


def _send(request: Request[Any], using: Optional[str]) -> None:
    body = conf.pusher().encode(request, _default)
    outbox = conf.options().outbox

    def leave() -> None:
        if outbox:
            conf.outbox.append(json.loads(body))
        else:
            conf.pusher().send_bytes(body)
    try:
        transaction.on_commit(leave, using)
    except SynchronousOnlyOperation:  # in a coroutine, where Django has no transactions
        leave()
