"""Processes that are measured: start, talk by JSON lines, read CPU and memory, stop."""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import time


class Failed(Exception):
    """A process did not do what was asked; the message says which one and why."""


def cpu_seconds(pid):
    """CPU time of all threads of a process since its start, dead ones included, to the nanosecond."""
    # The kernel's clock id of a foreign process: Linux, include/linux/posix-timers.h, CPUCLOCK_SCHED.
    return time.clock_gettime((~pid << 3) | 2)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def status_kilobytes(pid, file, field):
    with open(f"/proc/{pid}/{file}") as lines:
        for line in lines:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def die_with_parent():
    """No server outlives a benchmark that was killed."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One child process. Its stderr goes to a log file; `name` stands in messages."""

    def __init__(self, name, arguments, log):
        self.name = name
        self.log = log
        self._rest = b""
        with open(log, "ab") as errors:
            self._popen = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                           preexec_fn=die_with_parent)
        self.pid = self._popen.pid
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._popen.stdout, selectors.EVENT_READ)

    def read(self, timeout_s):
        """The next JSON line of its stdout."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            if not self._selector.select(max(0, deadline - time.monotonic())):
                raise Failed(f"{self.name} said nothing for {timeout_s} s{self._last_words()}")
            chunk = os.read(self._popen.stdout.fileno(), 65536)
            if not chunk:
                raise Failed(f"{self.name} ended with {self._popen.wait()}{self._last_words()}")
            self._rest += chunk
        line, self._rest = self._rest.split(b"\n", 1)
        return json.loads(line)

    def send(self, command):
        """A command whose answer is not waited for."""
        self._popen.stdin.write(command.encode() + b"\n")
        self._popen.stdin.flush()

    def ask(self, command, timeout_s):
        try:
            self._popen.stdin.write(command.encode() + b"\n")
            self._popen.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self.name} is gone{self._last_words()}") from None
        answer = self.read(timeout_s)
        if answer.get("event") == "error":
            raise Failed(f"{self.name}: {answer['message']}")
        return answer

    def pids(self):
        return [self.pid, *children(self.pid)]

    def cpu_s(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def rss_kb(self):
        """Resident memory; of several processes the proportional one, which counts shared pages once."""
        pids = self.pids()
        if len(pids) == 1:
            return status_kilobytes(self.pid, "status", "VmRSS")
        return sum(status_kilobytes(pid, "smaps_rollup", "Pss") for pid in pids)

    def is_alive(self):
        return self._popen.poll() is None

    def kill(self):
        self._popen.kill()
        self._popen.wait()

    def stop(self, patience_s=5):
        """Asks to end, then kills. Returns the signal that ended it when it was another than asked for, else ""."""
        if self.is_alive():
            self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        self._selector.close()
        status = self._popen.returncode
        return signal.Signals(-status).name if status < 0 and status != -signal.SIGTERM else ""

    def _last_words(self):
        with open(self.log, errors="replace") as file:
            words = file.read().strip().splitlines()[-3:]
        return ": " + " | ".join(words) if words else ""
