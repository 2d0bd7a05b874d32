"""Stops single threads of a running program, as a debugger does: what a thread that hangs looks like from outside."""
import contextlib
import ctypes
import os
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000  # waitpid(2): threads too

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class NotAllowed(Exception):
    """This machine does not let one program stop threads of another."""


def threads_of(pid):
    """(thread id, name as `top -H` shows it) of all."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append((int(task.name), (task / "comm").read_text().strip()))
    return found


def _ptrace(request, tid):
    if _libc.ptrace(request, tid, None, None) != 0:
        raise NotAllowed(f"ptrace of thread {tid}: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def hanging(pid, name):
    """All threads of that name stand still inside the block, and go on behind it."""
    wanted = [tid for tid, its in threads_of(pid) if its == name]
    assert wanted, f"no thread is called {name}: {sorted(its for _, its in threads_of(pid))}"
    seized = []
    try:
        for tid in wanted:
            _ptrace(SEIZE, tid)
            seized.append(tid)
            _ptrace(INTERRUPT, tid)
            os.waitpid(tid, WALL)
        yield
    finally:
        for tid in seized:
            _libc.ptrace(DETACH, tid, None, None)
