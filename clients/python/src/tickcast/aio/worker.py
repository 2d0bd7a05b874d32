"""Answers calls: claims types, keeps the claim, runs handlers."""
from __future__ import annotations

import asyncio
import inspect
import itertools
import logging
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Optional, Set

from .. import calls, wire
from ..calls import Call, CallError, Handler, Handlers
from ..errors import Disconnected, TickcastError, Timeout, from_server
from ..sockets import DEFAULT_ROUTER, CurveLike, curve_of
from .link import Link, first_of

log = logging.getLogger("tickcast.worker")

CONNECT_S = 3.0
ANSWER_S = 5.0
LONGEST_DELAY_S = 5.0
CLAIM_EVERY = 3


class Worker:
    """Claims the types of its handlers and answers their calls. To be used within one event loop.

    Coroutine functions run in the loop, plain ones on `threads` threads; at most `limit` calls are open here, running
    or waiting for a thread, and further ones are answered with code 1503 at once. A handler that raises CallError
    refuses; any other exception is logged and answered with 1500, without its text. Each call is answered once. Calls
    of one user come to one worker in their order, but run side by side unless `threads` is 1.

    The lease is renewed by itself. When the connection is lost the worker connects and claims again, for ever; what a
    handler still returns of calls before that is dropped, because their callers have got error 113.
    """

    def __init__(self, router: str = DEFAULT_ROUTER, *, name: str = "python", curve: Optional[CurveLike] = None,
                 limit: int = 256, threads: int = 8, grace: float = 10.0) -> None:
        self.endpoint = router
        self.name = name
        self.handlers = Handlers()
        self.open_calls = 0
        self.answered = 0
        self.refused = 0
        self._curve = curve_of(curve)
        self._limit, self._threads, self._grace = limit, threads, grace
        self._pool: Optional[ThreadPoolExecutor] = None
        self._numbers = itertools.count(1)
        self._waiting: "Dict[Any, asyncio.Future[Any]]" = {}
        self._tasks: "Set[asyncio.Task[None]]" = set()
        self._stop: Optional[asyncio.Event] = None
        self._stop_asked = False
        self._claimed: Optional[asyncio.Event] = None

    def on(self, *types: str) -> Callable[[Handler], Handler]:
        """A decorator for a function that takes a Call and returns the answer's data."""
        return self.handlers.on(*types)

    def stop(self) -> None:
        """Lets `run` end: no new calls, those that are open have `grace` seconds. From the loop's thread."""
        self._stop_asked = True
        if self._stop is not None:
            self._stop.set()

    async def claimed(self) -> None:
        """Waits until the types are claimed."""
        self._claimed = self._claimed or asyncio.Event()
        await self._claimed.wait()

    async def run(self) -> None:
        """Works until `stop`. Raises a TickcastError when the server refuses the claim for good."""
        if not self.handlers.by_type:
            raise ValueError("the worker has no handlers: write them with @worker.on(\"order.place\")")
        self._stop, self._claimed = asyncio.Event(), self._claimed or asyncio.Event()
        if self._stop_asked:
            self._stop.set()
        self._pool = ThreadPoolExecutor(self._threads, f"tickcast-{self.name}")
        failures = 0
        try:
            while not self._stop.is_set():
                link = Link(self.endpoint, self._curve, lambda message: self._on_message(link, message))
                try:
                    await link.open(CONNECT_S)
                    lease = await self._claim(link)
                    log.info("claimed %s at %s", ", ".join(self.handlers.by_type), self.endpoint)
                    failures = 0
                    await self._keep(link, lease)
                except TickcastError as error:
                    if not error.temporary:
                        raise
                    if failures == 0:
                        log.warning("%s; trying again", error.message)
                    failures += 1
                finally:
                    self._claimed.clear()
                    link.close(linger_ms=1000)
                delay = min(LONGEST_DELAY_S, 0.05 * 2 ** min(failures, 10)) * random.uniform(0.5, 1.0)
                await self._pause(delay)
        finally:
            self._pool.shutdown(wait=False)
            self._stop = None

    async def _claim(self, link: Link) -> float:
        """The lease in seconds."""
        reply = await self._ask(link, "claim", {"types": sorted(self.handlers.by_type), "name": self.name})
        assert self._claimed is not None
        self._claimed.set()
        return max(0.1, float(reply.get("lease_ms", 5000)) / 1000)

    async def _keep(self, link: Link, lease: float) -> None:
        """Until the connection is lost or `stop`."""
        assert self._stop is not None
        clock = asyncio.get_running_loop().time
        said = claimed = clock()
        while True:
            await self._pause(lease / 3, link)
            if self._stop.is_set():
                return await self._leave(link, lease)
            if link.lost.done():
                raise Disconnected(f"{self.endpoint} went away: {link.lost.result()}")
            now = clock()
            if now - said > lease:
                log.warning("this worker was silent for %.1f s, longer than its lease; claiming again", now - said)
            if now - said > lease or now - claimed > CLAIM_EVERY * lease:
                # A server that has taken the claim away does not tell.
                lease = await self._claim(link)
                claimed = clock()
            else:
                link.send(wire.to_json({"type": "ping"}))
            said = clock()

    async def _leave(self, link: Link, lease: float) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + self._grace
        try:
            await self._ask(link, "unclaim", {})
            while self._tasks and clock() < end:
                link.send(wire.to_json({"type": "ping"}))  # a silent worker's calls are taken for lost
                await asyncio.wait(set(self._tasks), timeout=min(lease / 3, end - clock()))
        except TickcastError as error:
            log.warning("the end was not in order: %s", error.message)
        if self._tasks:
            log.warning("%d calls were left unanswered after %g s", len(self._tasks), self._grace)
            for task in set(self._tasks):
                task.cancel()

    async def _ask(self, link: Link, type: str, data: Dict[str, Any]) -> Dict[str, Any]:
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            link.send(wire.to_json({"type": type, "id": number, "src": self.name, "data": data}))
            await first_of(future, link.lost, timeout=ANSWER_S)
            if future.done():
                reply: Dict[str, Any] = future.result()
                return reply
            if link.lost.done():
                raise Disconnected(f"{self.endpoint} went away: {link.lost.result()}")
            raise Timeout(f"{self.endpoint} did not answer {type} within {ANSWER_S:g} s")
        finally:
            del self._waiting[number]

    async def _pause(self, seconds: float, link: Optional[Link] = None) -> None:
        assert self._stop is not None
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await first_of(stopped, *([link.lost] if link else []), timeout=seconds)
        finally:
            stopped.cancel()

    def _on_message(self, link: Link, message: Dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "call":
            self._take(link, message)
            return
        future = self._waiting.get(message.get("id"))
        if future is None or future.done():
            return
        if kind == "reply":
            future.set_result(message.get("data") or {})
        else:
            future.set_exception(from_server(message.get("data")))

    def _take(self, link: Link, message: Dict[str, Any]) -> None:
        try:
            call = Call.read(message)
            handler = self.handlers.by_type[call.type]
        except (KeyError, TypeError, ValueError, AttributeError):
            log.error("a call that is not for us, or is none, is left to its time limit: %.200r", message)
            return
        if self.open_calls >= self._limit:
            self.refused += 1
            error = CallError(calls.BUSY, "too many calls are open here: try again later")
            self._send(link, call, calls.refusal(call, error))
            return
        self.open_calls += 1
        task = asyncio.ensure_future(self._answer(link, call, handler))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, link: Link, call: Call, handler: Handler) -> None:
        try:
            message = calls.answer(call, await self._handle(handler, call))
        except CallError as error:
            message = calls.refusal(call, error)
        except Exception:
            log.exception("the handler of %s failed", call.type)
            message = calls.refusal(call, CallError(calls.FAILED, "the backend failed"))
        finally:
            self.open_calls -= 1
        self._send(link, call, message)

    async def _handle(self, handler: Handler, call: Call) -> Any:
        if inspect.iscoroutinefunction(handler):
            return await handler(call)
        return await asyncio.get_running_loop().run_in_executor(self._pool, handler, call)

    def _send(self, link: Link, call: Call, message: Dict[str, Any]) -> None:
        if not call.wants_answer:
            return
        try:
            body = wire.to_json(message)
        except (TypeError, ValueError) as fault:
            log.error("the answer of %s cannot be sent: %s", call.type, fault)
            body = wire.to_json(calls.refusal(call, CallError(calls.FAILED, "the backend failed")))
        try:
            link.send(body)
            self.answered += 1
        except Disconnected:
            log.warning("the answer of %s came after its connection was lost: its caller has got error 113", call.type)
