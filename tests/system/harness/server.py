"""A real `tickcast serve`, started on free ports and stopped as an operator would stop it."""
import json
import os
import queue
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from .toml import to_toml

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("TICKCAST_BINARY", ROOT / "build" / "release" / "tickcast"))
ANY_PORT = "tcp://127.0.0.1:0"
SLOWED = 5 if "asan" in str(BINARY) or "tsan" in str(BINARY) else 1
START_S = 10.0 * SLOWED
STOP_S = 5.0 * SLOWED


def default_config(directory):
    return {
        "listen": {"port": 0},
        "admin": {"port": 0},
        "simulator": {"enabled": False},
        "feed": [{"name": "pull", "kind": "zmq-pull", "endpoint": ANY_PORT}],
        "service": {"pull": ANY_PORT, "router": ANY_PORT},
        "egress": {"endpoint": ANY_PORT},
        "store": {"directory": str(directory / "data")},
    }


def merged(base, changes):
    """Tables are merged key by key; everything else, lists too, is replaced."""
    result = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


def http_get(url, headers=None, method="GET", timeout=5, context=None):
    """`context`: how https:// addresses are trusted."""
    request = urllib.request.Request(url, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=context) as reply:
            return Answer(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, refusal.headers, refusal.read())


def http_send(url, body, headers, context=None):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as reply:
            return Answer(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, refusal.headers, refusal.read())


class Server:
    """`started` is the start-up line; `log` all that went to stderr."""

    def __init__(self, directory, config=None, arguments=(), stderr=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config_file = self.directory / "tickcast.toml"
        self.config_file.write_text(to_toml(merged(default_config(self.directory), config or {})))
        self.command = [str(BINARY), "serve", "--config", str(self.config_file), *arguments]
        self.log_file = self.directory / "log"
        self.stderr = stderr
        self.process = None
        self.started = None
        self.trusted = None  # for an admin port that speaks TLS: the context its certificate is trusted by

    def start(self):
        self.launch()
        self.await_start()
        return self

    def launch(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log if self.stderr is None else self.stderr)
        self._lines = queue.Queue()
        threading.Thread(target=self._read_lines, args=(self.process.stdout, self._lines), daemon=True).start()

    @staticmethod
    def _read_lines(stream, lines):
        for line in stream:
            lines.put(line)
        lines.put(None)

    def await_start(self):
        end = time.monotonic() + START_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no start-up line within {START_S} s") from None
            if line is None:
                raise AssertionError(f"the server ended with {self.process.wait()} before it had started")
            try:
                said = json.loads(line)
            except ValueError:
                raise AssertionError(f"stdout carries more than JSON lines: {line!r}") from None
            if said.get("event") == "started":
                self.started = said
                return


    @property
    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def http(self):
        return self.started["http"]

    @property
    def ws(self):
        return self.started["ws"]

    @property
    def admin(self):
        return self.started["admin"]

    @property
    def port(self):
        return int(self.http.rsplit(":", 1)[1])

    def feed_endpoint(self, name="pull"):
        return next(feed["endpoint"] for feed in self.started["feeds"] if feed["name"] == name)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def rss_bytes(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the server has no VmRSS")

    def metrics(self):
        """All samples of /metrics: {(name, frozenset of labels): value}."""
        return parse_metrics(http_get(self.admin + "/metrics", context=self.trusted).text)

    def metric(self, name, **labels):
        """The sum of the samples of that name that carry these labels."""
        wanted = set(labels.items())
        return sum(value for (sample, its), value in self.metrics().items() if sample == name and wanted <= its)

    @property
    def token(self):
        """The operator's token that the server made at its first start."""
        lines = Path(self.started["admin_tokens"]).read_text().splitlines()
        return next(line.split()[2] for line in lines if line and not line.startswith("#"))

    def ask(self, path, token=None):
        """GET of the admin API."""
        return http_get(self.admin + path, {"Authorization": f"Bearer {token or self.token}"}, context=self.trusted)

    def act(self, path, body=None, token=None, headers=None):
        """POST of the admin API."""
        return http_send(self.admin + path, json.dumps(body or {}).encode(), {
            "Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json", **(headers or {})},
                         context=self.trusted)

    def rows(self, path):
        """All rows of a list of the admin API, page by page."""
        rows = []
        while True:
            answer = self.ask(f"{path}{'&' if '?' in path else '?'}limit=500&offset={len(rows)}").json
            rows += answer["rows"]
            if not answer["rows"] or len(rows) >= answer["matched"]:
                return rows

    def topics(self):
        return {entry["topic"]: entry for entry in self.rows("/api/topics?sort=topic")}

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """SIGTERM and the exit code."""
        if self.running:
            self.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, within=STOP_S):
        try:
            return self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server had not ended {within} s after it was told to") from None

    def kill(self):
        if self.running:
            self.process.kill()
        self.process.wait()


def parse_metrics(text):
    from prometheus_client.parser import text_string_to_metric_families

    return {(sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}
