"""Programs that print JSON lines, read while they run: Node clients, `tickcast replay`, `tickcast subscribe`."""
import json
import subprocess
import threading
from decimal import Decimal

from .server import SLOWED
from .waiting import until


class Program:
    """`lines` holds what it has printed so far, decoded; numbers behind a point are Decimal."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, **options)
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line, parse_float=Decimal))

    def of(self, kind, topic=None):
        return [line for line in list(self.lines) if line.get("type") == kind and topic in (None, line.get("topic"))]

    async def heard(self, condition, what, within=15):
        await until(lambda: condition(self), lambda: f"{what}; last lines {self.lines[-3:]}", within * SLOWED)

    def end(self, within=15):
        """Closes its input, waits until it has ended and all it printed is in `lines`; its exit code."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.process.args[:3]} did not end") from None
        self._reader.join(within)
        assert not self._reader.is_alive(), f"{self.process.args[:3]} has ended and its output has not"
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
