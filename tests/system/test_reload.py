"""SIGHUP: what a running server takes over of its configuration, and what it leaves."""
import signal

import pytest
import zmq

from harness.client import Client
from harness.feed import Pusher, curve_client, curve_keys
from harness.raw_client import RawClient
from harness.server import ANY_PORT, http_get
from harness.waiting import until


async def reload(server, config=None, outcome="done"):
    """Writes a new configuration and has it read."""
    if config is not None:
        server.config_file.write_text(config)
    before = server.metric("tickcast_reloads_total", outcome=outcome)
    server.send_signal(signal.SIGHUP)
    await until(lambda: server.metric("tickcast_reloads_total", outcome=outcome) == before + 1, f"a reload {outcome}")


def upgraded(server, origin):
    with RawClient(server.ws) as client:
        status, _ = client.upgrade(Origin=origin)
        return status


async def test_origins_are_taken_over_while_clients_stay(server):
    text = server.config_file.read_text()
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        assert upgraded(server, "https://desk.example") == 403
        await reload(server, text.replace("[listen]", '[listen]\nallowed_origins = ["https://desk.example"]\n'
                                                      'cors.origins = ["https://desk.example"]'))
        await until(lambda: upgraded(server, "https://desk.example") == 101, "the origin to be let in")
        answer = http_get(server.http + "/api/v1/instruments", {"Origin": "https://desk.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"
        assert "taken over: listen.allowed_origins, listen.cors.origins" in server.log
        await client.command("subscribe", topics=["trade.Y"])


async def test_a_faulty_file_leaves_everything_as_it_was(server):
    text = server.config_file.read_text()
    await reload(server, text + '\n[listne]\nallowed_origins = ["*"]\n', outcome="refused")
    assert "listne" in server.log and "the configuration in force stays" in server.log
    assert upgraded(server, "https://desk.example") == 403


async def test_what_waits_for_the_next_start_is_named(server):
    text = server.config_file.read_text()
    await reload(server, text.replace("[simulator]", "[bars]\npush_ms = 100\n[simulator]"))
    assert "at the next start only: bars.push_ms" in server.log


async def test_lists_of_curve_keys_are_taken_over(start_server):
    public, secret = curve_keys()
    old, new = curve_keys(), curve_keys()
    feed = {"name": "pull", "kind": "zmq-pull", "endpoint": ANY_PORT, "curve_secret_key": secret}

    def listing(*keys):
        return {**feed, "curve_client_keys": [key for key, _ in keys]}

    server = start_server({"feed": [listing(old)]})
    text = server.config_file.read_text()
    with Pusher(server.feed_endpoint(), curve=curve_client(public, *new)) as pusher:
        pusher.socket.setsockopt(zmq.SNDTIMEO, 500)
        with pytest.raises(zmq.Again):
            pusher.trade("X")
    await reload(server, text.replace(old[0], new[0]))
    with Pusher(server.feed_endpoint(), curve=curve_client(public, *new)) as pusher:
        pusher.trade("X")
        await until(lambda: "trade.X" in server.topics(), "a trade of who is on the list now")
    with Pusher(server.feed_endpoint(), curve=curve_client(public, *old)) as pusher:
        pusher.socket.setsockopt(zmq.SNDTIMEO, 500)
        with pytest.raises(zmq.Again):
            pusher.trade("Y")
