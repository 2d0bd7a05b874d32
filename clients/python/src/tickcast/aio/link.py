"""One life of a connection to ROUTER.

ZeroMQ would reconnect by itself and hide it; but requests that were under way are lost with a connection, calls end
with it, and a server that starts anew counts its calls anew. So a link lives as long as its connection, says when it
is lost, and whoever needs it opens the next one.
"""
from __future__ import annotations

import asyncio
import struct
from typing import Any, Callable, Coroutine, Dict, List, Optional

import zmq
import zmq.asyncio

from .. import wire
from ..errors import Disconnected
from ..sockets import Curve, prepare

HWM = 10_000

Receiver = Callable[[Dict[str, Any]], None]

_REFUSED = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "it does not know our CURVE key",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "it asks for CURVE keys, or is no ZeroMQ socket",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "the handshake broke off: wrong CURVE keys, or no ZeroMQ socket",
}
_LOST = {zmq.EVENT_DISCONNECTED: "the connection broke", zmq.EVENT_CLOSED: "nobody listens there"}


class Link:
    """A DEALER socket. `receive` is called for each map that comes, `lost` is done when the connection has ended."""

    def __init__(self, endpoint: str, curve: Optional[Curve], receive: Receiver) -> None:
        self.endpoint = endpoint
        self.lost: "asyncio.Future[str]" = asyncio.get_running_loop().create_future()
        self._curve, self._receive = curve, receive
        self._ready: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()
        self._tasks: List["asyncio.Task[None]"] = []
        self._socket: Any = None

    async def open(self, timeout: float) -> "Link":
        """Connects. Raises Disconnected with the reason."""
        self._socket = zmq.asyncio.Context.instance().socket(zmq.DEALER)
        try:
            prepare(self._socket, self._curve, HWM)
            self._socket.setsockopt(zmq.LINGER, 0)
            self._socket.setsockopt(zmq.RECONNECT_IVL, -1)
            monitor = self._socket.get_monitor_socket()
            self._start(self._watch(monitor))
            self._socket.connect(self.endpoint)
            await first_of(self._ready, self.lost, timeout=timeout)
        except BaseException:
            self.close("it was given up")
            raise
        if not self._ready.done():
            self.close("it does not answer")
            raise Disconnected(f"cannot reach {self.endpoint}: {self.lost.result()}")
        self._start(self._read())
        return self

    def send(self, body: bytes) -> None:
        """Hands a message to ZeroMQ, without waiting. Raises Disconnected when that cannot be."""
        if self.lost.done():
            raise Disconnected(f"no connection to {self.endpoint}: {self.lost.result()}")
        sent = self._socket.send(body, zmq.NOBLOCK)
        if sent.exception() is not None:
            raise Disconnected(f"{self.endpoint} does not read: {HWM} messages wait for it")

    def close(self, why: str = "it was closed", linger_ms: int = 0) -> None:
        """Ends it; what waits to be sent has `linger_ms` to leave. May be called twice."""
        if self.lost.done():
            return
        self.lost.set_result(why)
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            self._socket.disable_monitor()
            self._socket.close(linger_ms)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def _watch(self, monitor: Any) -> None:
        reason = ""
        while True:
            frames = await monitor.recv_multipart()
            event, _ = struct.unpack("=HI", frames[0])
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED and not self._ready.done():
                self._ready.set_result(None)
            elif event in _REFUSED:
                reason = _REFUSED[event]
            elif event in _LOST:
                self.close(reason or _LOST[event])
                return

    async def _read(self) -> None:
        while True:
            frames = await self._socket.recv_multipart()
            try:
                message = wire.decode(frames[-1])
            except ValueError:
                continue
            if isinstance(message, dict):
                self._receive(message)


async def first_of(*futures: "asyncio.Future[Any]", timeout: float) -> None:
    """Returns when one is done, or the time (s) is over; none is cancelled."""
    await asyncio.wait(set(futures), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
