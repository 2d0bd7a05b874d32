"""What operators and scrapers read: health, liveness, metrics, static files, the admin port."""
import gzip
import re

import pytest
import websockets

from harness.client import Client
from harness.feed import Pusher
from harness.raw_client import RawClient
from harness.server import ROOT, http_get
from harness.waiting import until

FILES = {"/": "text/html", "/tickcast.js": "text/javascript", "/style.css": "text/css",
         "/vendor/echarts.min.js": "text/javascript"}


def test_health_says_ok(server):
    answer = http_get(server.http + "/health")
    assert answer.status == 200 and answer.json["status"] == "ok"


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_the_admin_port_says_that_it_lives_and_is_ready(server, path):
    assert http_get(server.admin + path).status == 200


def test_the_client_port_shows_nothing_of_the_admin_port(server):
    for path in ("/metrics", "/live", "/api/topics"):
        assert http_get(server.http + path).status == 404


async def test_metrics_are_valid_and_count_what_happens(server, feed):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        feed.trades("X", 7)
        await until(lambda: client.topic("trade.X").seq == 7, "7 trades")
        assert server.metric("tickcast_feed_ticks_total", feed="pull") == 7
        assert server.metric("tickcast_clients") == 1
        text = http_get(server.admin + "/metrics").text
    names = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    assert names and all(name.startswith(("tickcast_", "process_")) for name in names)
    assert set(re.findall(r"^# HELP (\S+)", text, re.M)) == names
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)", text, re.M):
        assert (kind == "counter") == name.endswith("_total"), f"{name} is a {kind}"
    await until(lambda: server.metric("tickcast_clients") == 0, "no connection left")


async def test_the_table_of_topics_names_every_topic(server, feed):
    feed.trade("X")
    feed.event("monitor.m", 1)
    await until(lambda: {"trade.X", "monitor.m"} <= set(server.topics()), "both topics")
    entry = server.topics()["trade.X"]
    assert {"topic", "kind", "shard", "epoch", "seq", "subscribers", "feed", "state"} <= set(entry)
    assert (entry["kind"], entry["seq"], entry["subscribers"], entry["feed"]) == ("trade", 1, 0, "pull")


@pytest.mark.parametrize("path, kind", FILES.items())
def test_the_page_s_files_are_served_whole_and_compressed(server, path, kind):
    plain = http_get(server.http + path)
    assert plain.status == 200 and plain.headers["Content-Type"].startswith(kind)
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    packed = http_get(server.http + path, {"Accept-Encoding": "gzip"})
    if len(plain.body) > 1000:
        assert packed.headers["Content-Encoding"] == "gzip" and len(packed.body) < len(plain.body)
    unpacked = gzip.decompress(packed.body) if "Content-Encoding" in packed.headers else packed.body
    assert unpacked == plain.body
    head = http_get(server.http + path, method="HEAD")
    assert head.body == b"" and int(head.headers["Content-Length"]) == len(plain.body)


@pytest.mark.parametrize("path", FILES)
def test_an_unchanged_file_is_not_sent_again(server, path):
    etag = http_get(server.http + path).headers["ETag"]
    again = http_get(server.http + path, {"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")
    for other in ('"other"', etag[:-1] + 'x"'):
        assert http_get(server.http + path, {"If-None-Match": other}).status == 200


def test_the_page_loads_nothing_from_elsewhere(server):
    page = http_get(server.http + "/")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


def test_files_are_the_tree_s_own(server):
    assert http_get(server.http + "/tickcast.js").body == (ROOT / "web" / "tickcast.js").read_bytes()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(server, method):
    answer = http_get(server.http + "/", method=method)
    assert answer.status == 405
    assert answer.json


def test_many_requests_on_one_connection_are_answered_in_order(server):
    with RawClient(server.ws) as client:
        paths = ["/health", "/nothing", "/health", "/tickcast.js"]
        client.send(b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths))
        statuses = []
        for _ in paths:
            status, fields = client.read_head()
            client._take(int(fields["content-length"]))
            statuses.append(status)
        assert statuses == [200, 404, 200, 200]


async def test_echo_does_not_exist_otherwise(server):
    with pytest.raises(websockets.InvalidStatusCode) as refusal:
        await websockets.connect(server.ws.replace("/ws", "/echo"))
    assert refusal.value.status_code == 404


def test_the_start_up_line_tells_all_addresses(server):
    said = server.started
    assert said["event"] == "started"
    assert said["http"].startswith("http://127.0.0.1:") and said["ws"] == said["http"].replace("http", "ws") + "/ws"
    assert said["admin"].startswith("http://127.0.0.1:") and said["admin"] != said["http"]
    assert [feed["name"] for feed in said["feeds"]] == ["pull"]
    assert said["service_pull"].startswith("tcp://127.0.0.1:")
    assert said["egress"].startswith("tcp://127.0.0.1:")


async def test_the_simulated_market_says_so(start_server):
    server = start_server({"simulator": {"enabled": True, "symbols": 12, "seed": 7}, "feed": []})
    async with await Client.open(server.ws) as client:
        symbols = await until(lambda: len(http_get(server.http + "/api/v1/symbols").json["symbols"]) == 12
                              and http_get(server.http + "/api/v1/symbols").json["symbols"], "12 symbols")
        assert all(symbol.startswith("SIM.") for symbol in symbols)
        topics = [f"trade.{symbol}" for symbol in symbols]
        await client.subscribe(*topics)
        assert all(client.topic(topic).snapshots[0]["data"]["feed"]["simulated"] is True for topic in topics)
        await until(lambda: sum(len(client.topic(topic).updates) for topic in topics) > 50, "moving prices")


async def test_the_admin_port_answers_under_load(server):
    import asyncio

    def load(stop):
        with Pusher(server.feed_endpoint()) as feed:
            while not stop.is_set():
                feed.trades("X", 1000)

    stop = asyncio.Event()
    loading = asyncio.get_running_loop().run_in_executor(None, load, stop)
    try:
        for _ in range(20):
            assert http_get(server.admin + "/live", timeout=2).status == 200
            assert http_get(server.admin + "/metrics", timeout=2).status == 200
    finally:
        stop.set()
        await loading
