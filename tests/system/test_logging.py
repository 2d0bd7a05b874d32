"""The log never makes anybody wait."""
import os
import time

from harness.client import Client
from harness.server import SLOWED
from harness.waiting import until


async def latencies(server, feed, count):
    """Publish-to-receive of `count` trades, in seconds, sorted."""
    took = []
    async with await Client.open(server.ws) as client:
        feed.event("signal.t", -1)
        await until(lambda: "signal.t" in server.topics(), "the topic")
        await client.subscribe("signal.t")
        log = client.topic("signal.t")
        for n in range(count):
            sent = time.monotonic()
            feed.event("signal.t", n)
            feed.send(b"rubbish that is logged")
            await until(lambda: log.updates and log.updates[-1]["data"] == n, f"event {n}")
            took.append(time.monotonic() - sent)
    return sorted(took)


async def test_a_log_that_nobody_drains_delays_nothing(start_server, feed_of, tmp_path):
    """The log goes into a FIFO whose reader never reads; with debug messages it is full at once."""
    quiet = start_server({"log": {"level": "debug"}})
    with feed_of(quiet) as feed:
        expected = await latencies(quiet, feed, 300)

    fifo = tmp_path / "log.fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    server = start_server({"log": {"level": "debug", "file": str(fifo)}})
    with feed_of(server) as feed:
        for _ in range(20_000):
            feed.send(b"rubbish that is logged")
        await until(lambda: server.metric("tickcast_feed_refused_total", feed="pull") >= 20_000, "20,000 log lines")
        assert server.metric("tickcast_log_dropped_total") > 0
        got = await latencies(server, feed, 300)
    p99, p99_expected = got[-4], expected[-4]
    assert p99 < max(5 * p99_expected, 0.1 * SLOWED), f"p99 {p99:.4f} s, with a log that drains {p99_expected:.4f} s"
    assert server.stop() == 0
    os.close(reader)


async def test_a_log_fifo_without_any_reader_lets_the_server_start(start_server, feed_of, tmp_path):
    fifo = tmp_path / "log.fifo"
    os.mkfifo(fifo)
    server = start_server({"log": {"file": str(fifo)}})
    with feed_of(server) as feed:
        assert len(await latencies(server, feed, 20)) == 20
    assert server.stop() == 0


async def test_a_stderr_that_nobody_drains_delays_nothing(start_server, feed_of):
    reading, writing = os.pipe()
    server = start_server({"log": {"level": "debug"}}, stderr=writing)
    with feed_of(server) as feed:
        for _ in range(20_000):
            feed.send(b"rubbish that is logged")
        await until(lambda: server.metric("tickcast_feed_refused_total", feed="pull") >= 20_000, "20,000 log lines")
        got = await latencies(server, feed, 100)
        assert got[-2] < 0.1 * SLOWED
    assert server.stop() == 0
    os.close(reading)
    os.close(writing)
