"""The store behind a server: trades in from ZeroMQ and on to disk while bars are asked for, and a restart over what lies there."""

import json
import shutil
import time
import urllib.error

from lib import http_peers
from lib.http_schedule import Schedule
from lib.load import Scenario, start_publisher
from lib.processes import Failed
from lib.tickcast import Tickcast

ASKED_A_SECOND = 200


def start(place, data):
    return Tickcast(place, [f"store.directory={data}"])


def stored(server):
    """Trades that the store has taken, waiting ones not among them."""
    return int(server.metrics()['tickcast_store_rows_total{kind="trade"}'])


def lost(server):
    return server.total("tickcast_store_dropped_rows_total") + server.total("tickcast_store_lost_rows_total")


def wait_until_stored(server, trades, patience_s=10):
    last, since = -1, time.monotonic()
    while (now := stored(server)) < trades:
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > patience_s:
            raise Failed(f"only {now:,} of {trades:,} trades were stored: {server.ticks():,} were taken, "
                         f"{lost(server):,.0f} lost, {server.refused():,} refused")
        time.sleep(0.1)


class Writing:
    """A server that takes trades of so many symbols at a rate; `done` of them until now."""

    def __init__(self, place, server, symbols):
        self.server = server
        self.publisher = start_publisher(place, server, Scenario("store", "", rate=0, topics=symbols))
        self.done = stored(server)
        # The first round makes every symbol's quote topic.
        self.write(max(100_000, symbols), 0)

    def write(self, trades, rate, beside=None):
        """Returns trades a second until the last was stored, and the publisher's report."""
        begin = time.monotonic()
        published = self.publisher.ask(f"run {trades} {rate}", 600)
        self.done += trades
        if beside:
            beside.join()  # looking at the metrics would hold its thread up
        wait_until_stored(self.server, self.done)
        return trades / (time.monotonic() - begin), published

    def stop(self):
        self.publisher.stop()


def measure_writing(place, options, symbols):
    """Trades a second to disk, each of them, while 500 bars are asked for on a schedule."""
    data = place.scratch / "served"
    server = start(place, data)
    try:
        http_peers.fill(server)
        writing = Writing(place, server, symbols)
        try:
            before, cpu = server.total("tickcast_store_writer_cpu_seconds_total"), server.process.cpu_s()
            asked = Schedule(server.port, http_peers.PATHS["bars"], ASKED_A_SECOND, options.seconds)
            asked.start()
            trades = options.rate * options.seconds
            rate, published = writing.write(trades, options.rate, beside=asked)
            return {"trades_per_s": rate, "lost": lost(server),
                    "cpu_us": (server.process.cpu_s() - cpu) / trades * 1e6,
                    "writer_us": (server.total("tickcast_store_writer_cpu_seconds_total") - before) / trades * 1e6,
                    "publisher_us": published["cpu_s"] / trades * 1e6,
                    "longest_flush_ms": server.total("tickcast_store_longest_flush_seconds") * 1000,
                    "bars_p50_ms": asked.percentile_us(0.5) / 1000, "bars_p99_ms": asked.percentile_us(0.99) / 1000,
                    "refused": server.refused() + asked.failed}
        finally:
            writing.stop()
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)


def time_to_serve(place, data, last):
    """Seconds from the start of the process until it gives the last trade of a symbol over HTTP."""
    begin = time.monotonic()
    server = Tickcast(place, [f"store.directory={data}"])
    listening = time.monotonic() - begin
    try:
        while True:
            try:
                answer = json.loads(http_peers.body(f"http://127.0.0.1:{server.port}{last['path']}"))
            except urllib.error.HTTPError as refused:
                answer = {"refused": refused.code}
            if answer.get("trade") == last["trade"]:
                return listening, time.monotonic() - begin, server
            if time.monotonic() - begin > 60:
                raise Failed(f"after a minute the server still says {answer}")
            time.sleep(0.02)
    except BaseException:
        server.stop()
        raise


def measure_restart(place, options, symbols=1000):
    """Fills a directory through a server, kills it, starts it, ends it in order, starts it again."""
    data = place.scratch / "restarted"
    server = start(place, data)
    try:
        writing = Writing(place, server, symbols)
        try:
            rate, _ = writing.write(options.stored, options.fill_rate)
        finally:
            writing.stop()
        name = "SYMBOL-00000.BENCHMARK-TRADING-VENUE"
        path = f"/api/v1/quote?symbol={name}"
        last = {"path": path,
                "trade": json.loads(http_peers.body(f"http://127.0.0.1:{server.port}{path}"))["trade"]}
        time.sleep(1)
        server.process.kill()
        server.stop()
        found = {"filled_per_s": rate}
        for ended in ("killed", "closed"):
            listening, serving, server = time_to_serve(place, data, last)
            found[ended] = {"listening_s": listening, "serving_s": serving}
            begin = time.monotonic()
            server.stop()
            found[ended]["stopped_s"] = time.monotonic() - begin
        found["disk_bytes"] = sum(each.stat().st_size for each in data.rglob("*") if each.is_file()) / options.stored
        return found
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)
