"""What users may send."""
from django.core.exceptions import PermissionDenied
from django.db import connection

import tickcast
from tickcast.django import push_user, tickcast_handler

from .models import Order


@tickcast_handler("order.place", user=True)
def place(call, user):
    order = Order(user=user, price=call.data["price"])
    order.full_clean()
    order.save()
    push_user(user, "order.placed", {"id": order.pk})
    return {"id": order.pk, "by": user.get_username()}


@tickcast_handler("order.cancel", user=True)
def cancel(call, user):
    order = Order.objects.get(pk=call.data["id"])
    if order.user != user:
        raise PermissionDenied("this order is somebody else's")
    if order.cancelled:
        raise tickcast.CallError(2001, "it is cancelled already")
    order.cancelled = True
    order.save()


@tickcast_handler("shop.hours")
def hours(call):
    return {"open": "always", "connection": connection.connection is not None}
