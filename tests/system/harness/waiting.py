"""Waiting for a condition, with a deadline: the only way these tests wait."""
import asyncio
import inspect
import time

PATIENCE_S = 10.0


async def until(condition, what, within=PATIENCE_S):
    """Returns the first true value of `condition()`; fails with `what` when there is none in time."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {within} s in vain: {what() if callable(what) else what}")
        await asyncio.sleep(0.01)


def until_now(condition, what, within=PATIENCE_S):
    """The same outside a coroutine."""
    return asyncio.run(until(condition, what, within))
