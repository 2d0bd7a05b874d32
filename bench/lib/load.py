"""One measured run: a server, the load client and the publisher."""

import dataclasses
import os
import time

from lib.processes import Failed, Process


@dataclasses.dataclass(frozen=True)
class Scenario:
    """`rate`: updates a second over all topics. `event_bytes`: 0 for trades."""

    name: str
    title: str
    rate: float
    topics: int = 1
    topics_per_client: int = 1
    event_bytes: int = 0
    churn_percent: float = 0

    def updates_a_topic(self, seconds):
        return max(1, round(self.rate * seconds / self.topics))

    def shape(self):
        return [f"--topics={self.topics}", f"--event-bytes={self.event_bytes}"]


def start_clients(place, server, scenario, clients):
    process = Process("ws_load", [
        place.tool("ws_load"), f"--port={server.port}", f"--dialect={server.dialect}", f"--clients={clients}",
        f"--topics-per-client={scenario.topics_per_client}", *scenario.shape()], place.log("ws_load"))
    return process, process.read(60)


def start_publisher(place, server, scenario):
    process = Process("publisher", [place.tool("publisher"), *server.publish, *scenario.shape()],
                      place.log("publisher"))
    process.read(10)
    return process


class Drive:
    """The clients and the publisher of one run, in step with each other."""

    def __init__(self, clients, publisher, scenario):
        self.clients = clients
        self.publisher = publisher
        self.scenario = scenario
        self.next_seq = 1

    def burst(self, seconds, patience_s):
        """Publishes for so long and waits for the rest. Returns the publisher's and the clients' report."""
        updates = self.scenario.updates_a_topic(seconds)
        self.clients.ask(f"expect {updates} {self.next_seq}", 10)
        self.next_seq += updates
        if self.scenario.churn_percent:
            self.clients.ask(f"churn {self.scenario.churn_percent}", 10)
        published = self.publisher.ask(f"run {updates * self.scenario.topics} {self.scenario.rate}", 180)
        return published, self.clients.ask(f"report {patience_s}", 180)


def measure(place, server, scenario, clients, seconds):
    """Warms up, measures, and looks for leftovers. A dict of figures; times in seconds and microseconds."""
    load = publisher = None
    try:
        load, ready = start_clients(place, server, scenario, clients)
        publisher = start_publisher(place, server, scenario)
        # Subscriptions of nchan and the publisher's ZeroMQ handshake have no answer to wait for.
        time.sleep(0.3)
        drive = Drive(load, publisher, scenario)
        drive.burst(1, 2)
        before = [process.cpu_s() for process in (server.process, load, publisher)]
        start = time.monotonic()
        published, got = drive.burst(seconds, 2)
        elapsed_s = max(got["last_after_s"], published["elapsed_s"])
        cpu = [process.cpu_s() - was for process, was in zip((server.process, load, publisher), before)]
        if got["delivered"] == 0:
            raise Failed(f"nothing was delivered; first refusal: {got['first_refusal'] or 'none'}")
        figures = {
            "cpu_us": cpu[0] / got["delivered"] * 1e6,
            "p50_us": got["p50_us"], "p99_us": got["p99_us"], "max_us": got["max_us"],
            "delivered": got["delivered"], "expected": got["expected"], "bytes": got["bytes"],
            "steady_clients": got["steady_clients"], "complete_clients": got["complete_clients"],
            "refusals": got["refusals"], "first_refusal": got["first_refusal"],
            "lost_connections": got["lost_connections"], "churn_steps": got["churn_steps"],
            "rss_kb": server.process.rss_kb(), "connect_s": ready["connect_s"],
            "server_cores": cpu[0] / elapsed_s, "client_cores": cpu[1] / elapsed_s,
            "publisher_cores": cpu[2] / elapsed_s, "publisher_late_ms": published["late_ms"],
            "behind_s": got["last_after_s"] - drive.scenario.updates_a_topic(seconds) * scenario.topics / scenario.rate,
            "wall_s": time.monotonic() - start,
        }
        if scenario.churn_percent:
            load.ask("churn 0", 30)
        check_held(server, scenario, clients)
        load.stop()
        load = None
        figures["leftovers"] = server.leftovers()
        return figures
    finally:
        for process in (load, publisher):
            if process:
                process.stop()


def check_held(server, scenario, clients, patience_s=5):
    """While all clients are there, the server must say so; else "nothing left over" would mean nothing."""
    expected = (clients, clients * scenario.topics_per_client)
    deadline = time.monotonic() + patience_s
    while (held := server.held()) is not None:
        if (held["tickcast_clients"], held["tickcast_subscriptions"]) == expected:
            return
        if time.monotonic() > deadline:
            raise Failed(f"{clients} clients with {expected[1]} subscriptions are there, /metrics says {held}")
        time.sleep(0.1)


def who_is_saturated(figures):
    """Whether the server kept up, and if not, what was at its limit."""
    if figures["client_cores"] > 0.9:
        return "client full"
    if figures["behind_s"] < 0.2:
        return "keeps up"
    used = figures["server_cores"] + figures["client_cores"] + figures["publisher_cores"]
    return "machine full" if used > 0.9 * os.cpu_count() else "server full"
