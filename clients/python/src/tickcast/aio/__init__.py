"""Tickcast for asyncio: the same methods as tickcast.Client and tickcast.Worker, as coroutines."""
from .client import Client
from .worker import Worker

__all__ = ["Client", "Worker"]
