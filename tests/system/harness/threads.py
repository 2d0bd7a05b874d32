"""Stops single threads of a running program, as a debugger does: what a thread that hangs looks like from outside."""
import contextlib
import ctypes
import os
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
STOPPED_S = 0.0

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class NotAllowed(Exception):
    """This machine does not let one program stop threads of another."""


def threads_of(pid, name):
    """Thread ids by the name that `top -H` shows."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if (task / "comm").read_text().strip() == name:
                found.append(int(task.name))
    return found


def _ptrace(request, tid):
    if _libc.ptrace(request, tid, None, None) != 0:
        number = ctypes.get_errno()
        raise NotAllowed(f"ptrace of {tid}: {os.strerror(number)}")


@contextlib.contextmanager
def hanging(pid, name):
    """All threads of that name stand still inside the block, and go on behind it."""
    tids = threads_of(pid, name)
    assert tids, f"no thread of {pid} is called {name}: {sorted(p.read_text().strip() for p in Path(f'/proc/{pid}/task').glob('*/comm'))}"
    seized = []
    try:
        for tid in tids:
            _ptrace(SEIZE, tid)
            seized.append(tid)
            _ptrace(INTERRUPT, tid)
            os.waitpid(tid, 0x40000000)  # __WALL
        yield
    finally:
        for tid in seized:
            _libc.ptrace(DETACH, tid, None, None)
