"""The admin port answers while every shard and every worker hangs in a handler (debug.stuck)."""
import time

import pytest

from harness.client import Client
from harness.server import SLOWED, http_get
from harness.waiting import until

HANG_MS = 9000
WORKERS = 2


async def symbol_a_shard(server, feed):
    """A symbol of each shard, and as many event topics as there are workers; all of them have an actor."""
    for n in range(32):
        feed.trade(f"STUCK{n}")
    for n in range(WORKERS):
        feed.event(f"monitor.STUCK{n}", 0)
    await until(lambda: len(server.rows("/api/topics?filter=trade.STUCK*")) == 32
                and len(server.rows("/api/topics?filter=monitor.STUCK*")) == WORKERS, "the topics")
    return {row["shard"]: row["topic"].split(".", 1)[1] for row in server.rows("/api/topics?filter=trade.STUCK*")}


def in_time(server, path, within=1.5 * SLOWED):
    began = time.monotonic()
    answer = server.ask(path)
    took = time.monotonic() - began
    assert answer.status == 200 and took < within, f"{path}: {answer.status} after {took:.2f} s"
    return answer.json


async def test_the_admin_port_answers_while_every_shard_and_worker_hangs(start_server, feed_of):
    server = start_server({"debug": {"stuck": "STUCK"}, "io": {"shards": 2}, "workers": {"count": WORKERS}})
    with feed_of(server) as feed:
        symbols = await symbol_a_shard(server, feed)
        assert set(symbols) == {0, 1}
        clients = [await Client.open(server.ws) for _ in range(8)]
        for client in clients:
            await client.subscribe(*(f"trade.{symbol}" for symbol in symbols.values()))
        before = {symbol: server.topics()[f"trade.{symbol}"]["seq"] for symbol in symbols.values()}

        hung_at = time.monotonic()
        for n in range(WORKERS):
            feed.event(f"monitor.STUCK{n}", HANG_MS)
        for symbol in symbols.values():
            feed.trade(symbol, price="0", size=str(HANG_MS))

        def all_hang():
            hosts = server.ask("/api/overview").json["shards"]
            topics = server.rows("/api/actors?filter=monitor.STUCK*")
            return all(host["stuck_ms"] > 1500 for host in hosts) and len(topics) == WORKERS and \
                all(row["state"] == "running" and row["running_ms"] > 1500 for row in topics)
        await until(all_hang, "all threads hang")

        overview = in_time(server, "/api/overview")
        codes = [entry["code"] for entry in overview["attention"]]
        assert codes.count("stuck_handler") >= WORKERS + len(symbols), overview["attention"]
        assert all(entry["severity"] == "error" for entry in overview["attention"] if entry["code"] == "stuck_handler")
        actors = in_time(server, "/api/actors?sort=-running_ms&limit=500")
        assert actors["complete"] is True and actors["rows"][0]["running_ms"] > 1500
        assert in_time(server, "/api/tree")["root"]["path"] == "root"
        assert in_time(server, "/api/feeds")["complete"] is True
        for path in ("/api/connections", "/api/users", "/api/topics"):
            assert in_time(server, path)["complete"] is False
        for path in ("/api/restarts", "/api/log", "/api/audit", "/api/config", "/api/log-levels", "/api/whoami"):
            in_time(server, path)
        dispatcher = next(row for row in actors["rows"] if row["kind"] == "dispatcher" and row["state"] == "running")
        detail = in_time(server, f"/api/actors/{dispatcher['id']}")
        assert detail["complete"] is False and detail["described"] is None and detail["running_ms"] > 1500
        assert http_get(server.admin + "/metrics", timeout=2).status == 200
        kicked = server.act("/api/connections/1/kick")
        assert (kicked.status, kicked.json["error"]["code"]) == (504, "timeout")

        def not_live():
            answer = http_get(server.admin + "/live", timeout=2)
            return answer.status == 503 and set(answer.json["hosts"]) == {"shard-0", "shard-1"}
        await until(not_live, "word of both shards in /live")
        assert "stuck_host" in [entry["code"] for entry in in_time(server, "/api/overview")["attention"]]
        assert time.monotonic() - hung_at < HANG_MS / 1000, "all of this was while they hung"

        await until(lambda: http_get(server.admin + "/live").status == 200, "the end of it", HANG_MS / 1000 + 5 * SLOWED)
        for symbol in symbols.values():
            feed.trade(symbol)
        for client in clients:
            for symbol in symbols.values():
                await until(lambda: client.topic(f"trade.{symbol}").seq == before[symbol] + 2, "both trades")
                client.topic(f"trade.{symbol}").check_unbroken()
        await until(lambda: server.ask("/api/connections").json["complete"]
                    and server.ask("/api/connections").json["total"] == len(clients), "all clients again")
        for client in clients:
            await client.close()


@pytest.mark.parametrize("stuck", [None, "OTHER"])
async def test_nothing_hangs_that_was_not_asked_to(start_server, feed_of, stuck):
    server = start_server({"debug": {"stuck": stuck}} if stuck else {})
    with feed_of(server) as feed:
        feed.trade("STUCK", price="0", size="30000")
        feed.event("monitor.STUCK", 30000)
        feed.event("monitor.after", 1)
        feed.trade("AFTER")
        await until(lambda: {"trade.AFTER", "trade.STUCK", "monitor.after"} <= set(server.topics()), "what came behind")
        assert server.topics()["monitor.STUCK"]["seq"] == 1
