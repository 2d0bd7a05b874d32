"""The engine under measurement: start-up line, metrics, leftovers."""

import pathlib
import re
import shutil
import time
import urllib.parse
import urllib.request

from lib.place import free_ports
from lib.processes import Failed, Process


class Tickcast:
    """`tickcast serve` with one ZeroMQ PULL feed, nothing simulated, everything else at its default. It begins with an
    empty data directory, unless `settings` name another: with an old one its topics would count on."""

    dialect = "tickcast"

    def __init__(self, place, settings=()):
        feed, sub, pull, router, egress = (f"tcp://127.0.0.1:{port}" for port in free_ports(5))
        shutil.rmtree(place.scratch / "data", ignore_errors=True)
        values = [
            "listen.port=0", "admin.port=0", "simulator.enabled=false", "log.level=warning",
            f"feed.pull.endpoint={feed}", f"feed.sub.endpoint={sub}", f"service.pull={pull}", f"service.router={router}",
            f"egress.endpoint={egress}", f"store.directory={place.scratch / 'data'}", *settings]
        arguments = [place.tickcast(), "serve"]
        for value in values:
            arguments += ["--set", value]
        self.process = Process("tickcast", arguments, place.log("tickcast"))
        line = self.process.read(15)
        self.port = urllib.parse.urlparse(line["ws"]).port
        self.admin = line["admin"]
        self.token_file = line.get("admin_tokens")
        feeds = {feed["name"]: feed["endpoint"] for feed in line["feeds"]}
        self.publish = ["--to=zmq", f"--endpoint={feeds['pull']}"]

    @property
    def token(self):
        """The operator's token."""
        lines = pathlib.Path(self.token_file).read_text().splitlines()
        return next(line.split()[2] for line in lines if line and not line.startswith("#"))

    def metrics(self):
        """All samples of /metrics: name with labels -> value."""
        with urllib.request.urlopen(self.admin + "/metrics", timeout=10) as answer:
            text = answer.read().decode()
        samples = {}
        for line in text.splitlines():
            match = re.match(r"([a-zA-Z_:][\w:]*(?:\{.*\})?)\s+(\S+)", line)
            if match:
                samples[match[1]] = float(match[2])
        return samples

    def total(self, name):
        """A metric's sum over all its labels."""
        values = [value for sample, value in self.metrics().items() if sample.split("{")[0] == name]
        if not values:
            raise Failed(f"/metrics has no {name}")
        return sum(values)

    def ticks(self):
        """Ticks that have gone through their quote topics."""
        return int(self.total("tickcast_dispatcher_ticks_total"))

    def refused(self):
        """Ticks that came in and were not taken."""
        return int(self.total("tickcast_feed_refused_total") + self.total("tickcast_feed_repeated_total"))

    def held(self):
        """What it says it keeps for clients."""
        return {name: self.total(name) for name in HELD}

    def leftovers(self, patience_s=5):
        """What is still held after all clients went; {} when nothing is left."""
        deadline = time.monotonic() + patience_s
        while True:
            left = {name: value for name, value in self.held().items() if value > 0}
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.1)

    def stop(self):
        return self.process.stop()


HELD = ("tickcast_clients", "tickcast_subscriptions", "tickcast_unwritten_topics",
        "tickcast_dispatcher_waiting_topics", "tickcast_directory_waiting_topics")
