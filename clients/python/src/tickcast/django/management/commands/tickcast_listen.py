"""manage.py tickcast_listen: answers what users send, until SIGTERM."""
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tickcast import TickcastError, Worker
from tickcast.django.conf import options
from tickcast.django.handlers import discover


class Command(BaseCommand):
    """Runs the handlers of all apps. Start as many as you like: users are shared out among them."""

    help = "Answers calls of Tickcast's clients with the functions in the apps' tickcast_handlers modules."

    def add_arguments(self, parser: Any) -> None:
        """Name and threads."""
        parser.add_argument("--name", default="", help="this worker's name in the server's console and logs")
        parser.add_argument("--threads", type=int, default=0, help="calls that run at the same time")
        parser.add_argument("--grace", type=float, default=10.0, help="seconds that open calls have at the end")

    def handle(self, *_: Any, **given: Any) -> None:
        """Returns after SIGTERM or SIGINT, when the open calls are answered."""
        handlers = discover()
        if not handlers:
            raise CommandError("there are no handlers: write some with @tickcast_handler(\"order.place\") in a module "
                               "tickcast_handlers of an app in INSTALLED_APPS")
        told = options()
        worker = Worker(told.router, name=given["name"] or told.source, curve=told.curve, limit=told.limit,
                        threads=given["threads"] or told.threads, grace=given["grace"])
        for each, handler in handlers.items():
            worker.on(each)(handler)
        self.stdout.write(f"answering {', '.join(sorted(handlers))} at {told.router}")
        self.stdout.flush()
        try:
            worker.run()
        except TickcastError as error:
            raise CommandError(f"the server refuses: {error}") from error
