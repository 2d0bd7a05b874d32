"""Orders."""
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models


class Order(models.Model):
    """What a user has asked for."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    symbol = models.CharField(max_length=20)
    quantity = models.DecimalField(max_digits=18, decimal_places=4, validators=[MinValueValidator(0)])
    cancelled = models.BooleanField(default=False)

    def as_data(self):
        """What the browser shows."""
        return {"id": self.pk, "symbol": self.symbol, "quantity": self.quantity, "cancelled": self.cancelled}
