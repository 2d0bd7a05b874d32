"""A real redis-server on a free port."""
import shutil
import socket
import subprocess
import time
from pathlib import Path

from .waiting import PATIENCE_S


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """Keeps what it holds over `kill` and `start`, by its append-only file."""

    def __init__(self, directory):
        assert shutil.which("redis-server"), "redis-server is not installed"
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory),
             "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        while self.ask("PING") != b"+PONG\r\n":
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.02)

    def ask(self, line):
        """The answer's first bytes to one inline command."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(line.encode() + b"\r\n")
                return link.recv(65536)
        except OSError:
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.kill()
