"""What the browser asks for over its WebSocket; `manage.py tickcast_listen` runs this."""
from tickcast import CallError
from tickcast.django import tickcast_handler

from .models import Order

ALREADY_CANCELLED = 2001


@tickcast_handler("order.cancel", user=True)
def cancel(call, user):
    """Cancels an order of the caller; all the caller's browsers see it, because it is saved."""
    order = Order.objects.get(pk=call.data["id"], user=user)
    if order.cancelled:
        raise CallError(ALREADY_CANCELLED, "this order was cancelled before")
    order.cancelled = True
    order.save()
    return {"id": order.pk}
