"""One model."""
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models


class Order(models.Model):
    """What somebody wants."""

    user = models.ForeignKey(get_user_model(), models.CASCADE, null=True)
    price = models.DecimalField(max_digits=20, decimal_places=8)
    at = models.DateTimeField(auto_now_add=True)
    cancelled = models.BooleanField(default=False)

    def clean(self):
        if self.price <= 0:
            raise ValidationError({"price": "a price is above 0"})
