"""Messages that follow a model: saved or deleted, told."""
from __future__ import annotations

from typing import Any, Callable, Optional

from django.db.models.signals import post_delete, post_save

from .push import push_user

To = Callable[[Any], Any]
Serializer = Callable[[Any], Any]


def push_on_save(model: Any, to: To, kind: str, data: Optional[Serializer] = None, keep: bool = True,
                 when: Optional[Callable[[Any, bool], bool]] = None) -> Callable[[], None]:
    """Pushes `kind` whenever a `model` is saved and its transaction commits. Call it in an AppConfig's `ready`.

    `to(object)` gives the user's id, several, or None for nobody; `data(object)` what is sent ({"id": its key} when
    left out); `when(object, created)` may say no. Bulk operations and fixtures send no signals, so nothing is
    pushed. Returns a function that ends it.
    """
    def saved(sender: Any, instance: Any, created: bool = False, raw: bool = False, using: Optional[str] = None,
              **_: Any) -> None:
        if not raw and (when is None or when(instance, created)):
            _push(instance, to, kind, data, keep, using)
    return _connect(post_save, saved, model)


def push_on_delete(model: Any, to: To, kind: str, data: Optional[Serializer] = None,
                   keep: bool = True) -> Callable[[], None]:
    """The same for objects that are deleted; `to` and `data` see them as they were."""
    def deleted(sender: Any, instance: Any, using: Optional[str] = None, **_: Any) -> None:
        _push(instance, to, kind, data, keep, using)
    return _connect(post_delete, deleted, model)


def _push(instance: Any, to: To, kind: str, data: Optional[Serializer], keep: bool, using: Optional[str]) -> None:
    users = to(instance)
    several = hasattr(users, "__iter__") and not isinstance(users, str)
    if several:
        users = list(users)
    if users is None or users == []:
        return
    told = {"id": instance.pk} if data is None else data(instance)
    push_user(users, kind, told, keep, using=using)


def _connect(signal: Any, receiver: Any, model: Any) -> Callable[[], None]:
    signal.connect(receiver, sender=model, weak=False)

    def disconnect() -> None:
        signal.disconnect(receiver, sender=model)
    return disconnect
