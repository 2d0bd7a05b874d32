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

    def __init__(self, directory, port=None, password=None):
        assert shutil.which("redis-server"), "redis-server is not installed"
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.password = password
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory),
             "--appendonly", "yes", "--appendfsync", "always", "--save", "",
             *(["--requirepass", self.password] if self.password else [])],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        while (self.ask("PING") or b"").split(b" ")[0] not in (b"+PONG\r\n", b"-NOAUTH"):
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

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def link(self):
        return RedisLink(self.port, self.password)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.kill()


class RedisLink:
    """A connection that speaks Redis' protocol (RESP2): command(), and several at once by pipeline()."""

    def __init__(self, port, password=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.stream = self.socket.makefile("rb")
        if password:
            self.command("AUTH", password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def command(self, *words):
        return self.pipeline([words])[0]

    def pipeline(self, commands):
        self.socket.sendall(b"".join(self._encode(words) for words in commands))
        return [self._read() for _ in commands]

    def texts(self, name):
        """What a list holds."""
        return self.command("LRANGE", name, 0, -1)

    @staticmethod
    def _encode(words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        return b"".join([b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)])

    def _read(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2]
        assert kind == b"*", line
        return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
