"""Tickcast for Python backends.

    import tickcast

    with tickcast.Client() as client:
        client.push_user(42, "order.filled", {"order": 31})
        frame = client.get_history("BTCUSDT", "1m", limit=500).to_pandas()

`Client` asks and is answered, `Pusher` sends and never waits, `Worker` answers what users send; tickcast.aio has Client
and Worker for asyncio, tickcast.django all of it for Django. docs/python.md tells the rest.
"""
from . import aio, market
from .calls import Call, CallError
from .client import Client
from .errors import (BadRequest, Closed, Conflict, Disconnected, LimitExceeded, NoAnswer, NotAvailable,
                     PermissionDenied, ProtocolError, ServerError, TickcastError, Timeout, TooManyRequests,
                     Unauthorized, UnknownTopic)
from .history import History
from .pusher import Pusher
from .sockets import Curve
from .values import (Bar, BestPrices, Day, OnTopic, Published, Pushed, Quote, Topic, TopicPage, TopicPresence, Trade,
                     UserPage, UserPresence)
from .worker import Worker

__version__ = "0.1.0"

__all__ = [
    "BadRequest", "Bar", "BestPrices", "Call", "CallError", "Client", "Closed", "Conflict", "Curve", "Day",
    "Disconnected", "History", "LimitExceeded", "NoAnswer", "NotAvailable", "OnTopic", "PermissionDenied",
    "ProtocolError", "Published", "Pushed", "Pusher", "Quote", "ServerError", "TickcastError", "Timeout",
    "TooManyRequests", "Topic", "TopicPage", "TopicPresence", "Trade", "Unauthorized", "UnknownTopic", "UserPage",
    "UserPresence", "Worker", "aio", "market",
]
