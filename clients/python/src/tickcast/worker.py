"""Answers calls in programs with threads."""
from __future__ import annotations

import asyncio
import signal
import threading
from typing import Callable, Optional

from . import aio
from .calls import Handler
from .sockets import DEFAULT_ROUTER, CurveLike


class Worker:
    """A tickcast.aio.Worker for who has no event loop; handlers run on its `threads`.

        worker = Worker(name="orders-1")

        @worker.on("order.place")
        def place(call):
            return {"order": save(call.user, call.data)}

        worker.run()
    """

    def __init__(self, router: str = DEFAULT_ROUTER, *, name: str = "python", curve: Optional[CurveLike] = None,
                 limit: int = 256, threads: int = 8, grace: float = 10.0) -> None:
        self._worker = aio.Worker(router, name=name, curve=curve, limit=limit, threads=threads, grace=grace)
        self._lock = threading.Lock()
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._thread: Optional[threading.Thread] = None
        self._begun = threading.Event()
        self._fault: Optional[BaseException] = None
        self._stopped = False

    @property
    def answered(self) -> int:
        """Calls that were answered so far."""
        return self._worker.answered

    @property
    def refused(self) -> int:
        """Calls that were refused because too many were open."""
        return self._worker.refused

    def on(self, *types: str) -> Callable[[Handler], Handler]:
        """A decorator for a function that takes a Call and returns the answer's data, or raises CallError."""
        return self._worker.on(*types)

    def run(self, signals: bool = True) -> None:
        """Works until `stop`, or, in the main thread with `signals`, until SIGINT or SIGTERM. Raises a TickcastError
        when the server refuses the claim for good."""
        asyncio.run(self._run(signals and threading.current_thread() is threading.main_thread()))

    def start(self, timeout: float = 10.0) -> None:
        """Works in the background; returns when the types are claimed. Raises TimeoutError when that takes longer than
        `timeout` seconds, or the TickcastError with which the server refuses."""
        if self._thread is not None:
            raise RuntimeError("the worker was started already")
        self._thread = threading.Thread(target=self._in_background, name="tickcast-worker", daemon=True)
        self._thread.start()
        if not self._begun.wait(timeout):
            self.stop()
            raise TimeoutError(f"the types were not claimed within {timeout:g} s: is the server there?")
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Ends `run`, or what `start` began, and waits for the latter: no new calls, those that are open have `grace`
        seconds. From any thread."""
        with self._lock:
            self._stopped = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._worker.stop)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None

    def __enter__(self) -> "Worker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _run(self, signals: bool) -> None:
        loop = asyncio.get_running_loop()
        if signals:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._worker.stop)
        with self._lock:
            self._loop = loop
            if self._stopped:
                self._worker.stop()
        told = asyncio.ensure_future(self._tell_when_claimed())
        try:
            await self._worker.run()
        finally:
            told.cancel()
            with self._lock:
                self._loop = None

    async def _tell_when_claimed(self) -> None:
        await self._worker.claimed()
        self._begun.set()

    def _in_background(self) -> None:
        try:
            asyncio.run(self._run(False))
        except BaseException as fault:
            self._fault = fault
        self._begun.set()
