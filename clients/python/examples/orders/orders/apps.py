"""Whoever saves an order, here or in the shell: its user's browsers show it."""
from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The app."""

    name = "orders"

    def ready(self):
        """Pushes each saved order to its user when the transaction commits."""
        from tickcast.django import push_on_save

        from .models import Order
        push_on_save(Order, to=lambda order: order.user_id, kind="order.saved", data=Order.as_data)
