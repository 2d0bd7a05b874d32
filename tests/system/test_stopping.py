"""Stopping: clients are told, deaf ones do not hold it up, and no second server gets in the way."""
import asyncio
import signal
import socket
import subprocess
import time

import pytest

from harness.client import Client
from harness.raw_client import RawClient, subscribed_raw
from harness.server import BINARY, SLOWED, STOP_S, Server
from harness.waiting import until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_closes_clients_with_3001_and_ends_with_0(server, feed, number):
    clients = [await Client.open(server.ws) for _ in range(20)]
    for client in clients:
        await client.subscribe("trade.X")
    feed.trades("X", 10)
    server.send_signal(number)
    assert [await client.closed() for client in clients] == [3001] * 20
    assert server.wait() == 0


async def test_what_was_queued_is_flushed_before_the_close(server, feed):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        feed.trades("X", 5000)
        await until(lambda: server.topics().get("trade.X", {}).get("seq") == 5000, "all trades in")
        server.send_signal(signal.SIGTERM)
        assert await client.closed() == 3001
        assert client.topic("trade.X").seq == 5000
        assert server.wait() == 0


async def test_deaf_clients_do_not_hold_up_the_end(server, feed):
    deaf = [subscribed_raw(server, "monitor.big", receive_buffer=4096) for _ in range(50)]
    half_open = RawClient(server.ws)
    half_open.send(b"GET /ws HTTP/1.1\r\n")
    await until(lambda: server.topics().get("monitor.big", {}).get("subscribers", 0) == 50
                or server.metric("tickcast_subscriptions") == 50, "50 subscribers")
    for _ in range(300):
        feed.event("monitor.big", {"padding": "x" * 4000})
    await until(lambda: server.topics()["monitor.big"]["seq"] == 300, "all events in")
    started = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait() == 0
    assert time.monotonic() - started < STOP_S
    for client in (*deaf, half_open):
        client.close()


async def test_a_server_under_full_load_stops_in_time(server, feed_of):
    clients = [await Client.open(server.ws) for _ in range(20)]
    for client in clients:
        await client.command("subscribe", topics=[f"trade.S{n}" for n in range(100)])
    stop = asyncio.Event()

    def load():
        with feed_of(server) as feed:
            feed.socket.sndtimeo = 200
            try:
                while not stop.is_set():
                    for n in range(100):
                        feed.trade(f"S{n}")
            except Exception:
                return

    loading = asyncio.get_running_loop().run_in_executor(None, load)
    await until(lambda: server.topics().get("trade.S99", {}).get("seq", 0) > 50, "the load")
    server.send_signal(signal.SIGTERM)
    code = await asyncio.get_running_loop().run_in_executor(None, server.wait)
    stop.set()
    await loading
    assert code == 0
    codes = {await client.closed() for client in clients}
    # The time a client has to take what is queued for it does not grow with a sanitizer's slowness.
    assert codes == {3001} or (SLOWED > 1 and codes <= {3001, 1006})


def refusal_of(server_to_be):
    """Starts a server that must not start: (exit code, what it says)."""
    server_to_be.launch()
    code = server_to_be.wait(within=10 * SLOWED)
    return code, server_to_be.log


def test_a_second_server_on_the_same_port_is_refused(server, tmp_path):
    second = Server(tmp_path / "second", {"listen": {"port": server.port}})
    code, log = refusal_of(second)
    assert code == 1
    assert str(server.port) in log and "in use" in log
    assert server.running


def test_a_port_that_another_program_holds_is_refused(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        code, log = refusal_of(Server(tmp_path / "second", {"listen": {"port": port}}))
    assert code == 1 and str(port) in log


def test_a_second_server_on_the_same_data_directory_is_refused(server, tmp_path):
    directory = str(server.directory / "data")
    code, log = refusal_of(Server(tmp_path / "second", {"store": {"directory": directory}}))
    assert code == 1 and directory in log
    assert server.running


def test_a_feed_endpoint_that_is_taken_is_named(server, tmp_path):
    endpoint = server.feed_endpoint()
    second = Server(tmp_path / "second", {"feed": [{"name": "pull", "kind": "zmq-pull", "endpoint": endpoint}]})
    second.launch()
    try:
        asyncio.run(until(lambda: endpoint in second.log, f"a word about {endpoint}"))
    finally:
        second.kill()
    assert server.running


async def test_a_server_killed_hard_leaves_its_port_and_directory_free(start_server):
    first = start_server()
    port = first.port
    async with await Client.open(first.ws) as client:
        await client.command("ping")
        first.kill()
    second = start_server({"listen": {"port": port}, "store": {"directory": str(first.directory / "data")}})
    async with await Client.open(second.ws) as client:
        await client.command("ping")


def test_a_configuration_with_faults_is_refused_with_2_and_all_faults(tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text("[listen]\nport = 99999\nadress = '127.0.0.1'\n[bars]\npush_ms = 'fast'\n")
    done = subprocess.run([BINARY, "serve", "--config", file], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    for line, word in ((2, "99999"), (3, "address"), (5, "push_ms")):
        assert f"bad.toml:{line}" in done.stderr and word in done.stderr
    assert done.stdout == ""
