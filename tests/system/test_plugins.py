"""Plugins in the real server: what they publish reaches clients, and what they do wrong reaches nobody else."""
import os
from pathlib import Path

from harness.client import Client
from harness.server import BINARY, SLOWED, http_get
from harness.waiting import until

BUILD = BINARY.parent
ILL = [BUILD / "tests" / "plugins" / f"ill_plugin_{version}.so" for version in (1, 2)]
DOCTORED = BUILD / "tests" / "plugins" / "doctored_plugin.so"
EXAMPLES = BUILD / "plugins" / "examples"


def plugin(name, library=ILL[0], **keys):
    return {"name": name, "library": str(library), **keys}


def ill(name, does, isolation="thread", **keys):
    parameters = {"does": does, **{key: str(value) for key, value in keys.pop("parameters", {}).items()}}
    return plugin(name, parameters=parameters, isolation=isolation, **keys)


def plugins(server):
    return {entry["name"]: entry for entry in http_get(server.admin + "/api/plugins").json["plugins"]}


async def in_state(server, name, *states, within=10):
    return await until(lambda: (entry := plugins(server)[name])["state"] in states and entry,
                       lambda: f"{name} in {states}, it is {plugins(server)[name]}", within * SLOWED)


async def listening(server, name):
    await until(lambda: (it := plugins(server)[name])["state"] == "running" and it["handled"] > 0,
                lambda: f"{name} listens: {plugins(server)[name]}")


async def test_an_example_publishes_a_signal_that_a_client_sees(start_server, feed_of):
    server = start_server({"plugin": [plugin("spread", EXAMPLES / "spread_alert.so",
                                             parameters={"first": "A", "second": "B", "limit": "2"})]})
    await in_state(server, "spread", "running")
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.spread")
        with feed_of(server) as feed:
            feed.trade("A", price="100")
            feed.trade("B", price="99")
            feed.trade("B", price="95.5")
            (alert,) = await client.updates("signal.spread", 1)
            assert alert["data"]["wide"] is True and float(alert["data"]["spread"]) == 4.5
            feed.trade("B", price="99.5")
            alert = (await client.updates("signal.spread", 2))[1]
            assert alert["data"]["wide"] is False
    entry = plugins(server)["spread"]
    assert entry["version"] == "1.0" and entry["counters"]["alerts"] == 2 and entry["published"] == 2
    assert entry["subscriptions"] == ["trade.A", "trade.B"]
    assert server.metric("tickcast_plugin_published_total", plugin="spread") == 2
    assert server.metric("tickcast_feed_events_total", feed="plugin:spread") == 2
