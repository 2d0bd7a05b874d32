"""Tickcast in a Django site: push to users when the transaction commits, answer what they send.

    INSTALLED_APPS = [..., "tickcast.django"]
    TICKCAST = {"PULL": "tcp://127.0.0.1:5560", "ROUTER": "tcp://127.0.0.1:5561"}
"""
from .conf import client, outbox, pusher
from .handlers import get_user, tickcast_handler
from .push import (broadcast, disconnect_user, publish, push_group, push_user, refresh, subscribe_user,
                   unsubscribe_user)
from .signals import push_on_delete, push_on_save

__all__ = [
    "broadcast", "client", "disconnect_user", "get_user", "outbox", "publish", "push_group", "push_on_delete",
    "push_on_save", "push_user", "pusher", "refresh", "subscribe_user", "tickcast_handler", "unsubscribe_user",
]
