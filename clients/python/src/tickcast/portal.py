"""An event loop on a thread of its own, for callers that have none."""
from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any, Coroutine, TypeVar

T = TypeVar("T")


class Portal:
    """Runs coroutines of other threads. The thread is a daemon: it holds up no program's end."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begins a coroutine; not to be called once `stop` was."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def wait(self, future: "Future[T]") -> T:
        """The coroutine's result, for which the calling thread waits; an interrupt cancels it."""
        if threading.current_thread() is self._thread:
            future.cancel()
            raise RuntimeError("this thread serves the connection and cannot wait for it: use tickcast.aio here")
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Ends the loop and its thread; what still runs there has a second to end, so that nobody waits for ever."""
        self.submit(_drain()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _drain() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        _, left = await asyncio.wait(others, timeout=1)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
