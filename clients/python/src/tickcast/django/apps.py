"""The Django app."""
from django.apps import AppConfig


class TickcastConfig(AppConfig):
    """Label `tickcast`; its settings are looked at when the site starts."""

    name = "tickcast.django"
    label = "tickcast"
    verbose_name = "Tickcast"

    def ready(self) -> None:
        """Raises ImproperlyConfigured for settings that are wrong."""
        from .conf import options
        options()
