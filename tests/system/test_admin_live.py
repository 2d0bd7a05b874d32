"""The console's WebSocket: views of the API while somebody watches (docs/admin-api.md, Live)."""
import asyncio
import json
import time
from pathlib import Path

import pytest
import websockets

from harness.raw_client import RawClient
from harness.server import SLOWED
from harness.waiting import PATIENCE_S, until


class Live:
    """Reads all the time; `views` by watch, `said` all but views and pings."""

    def __init__(self, ws):
        self.ws, self.views, self.said = ws, {}, []
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, server, token=None, **options):
        live = cls(await websockets.connect(server.admin.replace("http", "ws") + "/api/live", ping_interval=None,
                                            max_size=2**24, **options))
        if token is not False:
            await live.send("connect", data={"token": token or server.token})
            await until(lambda: live.said or live.ws.closed, "an answer to connect")
        return live

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.ws.close()
        await self._reader

    async def _read(self):
        try:
            async for text in self.ws:
                message = json.loads(text)
                if message["type"] == "view":
                    self.views.setdefault(message["id"], []).append(message)
                elif message["type"] != "ping":
                    self.said.append(message)
        except websockets.ConnectionClosed:
            pass

    async def send(self, kind, **fields):
        await self.ws.send(json.dumps({"type": kind, **fields}))

    async def watch(self, number, path, every_ms=250):
        await self.send("watch", id=number, data={"path": path, "every_ms": every_ms})

    async def view(self, number, fits=lambda view: True, what="a view"):
        def last():
            seen = self.views.get(number, [])
            return seen and fits(seen[-1]) and seen[-1]
        return await until(last, lambda: f"{what}; {len(self.views.get(number, []))} views, said {self.said[-2:]}",
                           PATIENCE_S * SLOWED)

    async def closed(self):
        await asyncio.wait_for(self.ws.wait_closed(), PATIENCE_S * SLOWED)
        return self.ws.close_code


async def test_connect_tells_who_one_is(server):
    async with await Live.open(server) as live:
        assert live.said == [{"type": "reply", "data": {"name": "admin", "role": "operator"}}]


async def test_a_view_comes_at_once_and_again_when_it_has_changed(server, feed):
    async with await Live.open(server) as live:
        await live.watch(1, "/api/topics?filter=trade.*")
        first = await live.view(1)
        assert first["status"] == 200 and first["data"]["rows"] == []
        feed.trades("X", 3)
        await live.view(1, lambda view: [row["seq"] for row in view["data"]["rows"]] == [3], "three trades seen")
        feed.trades("X", 2)
        await live.view(1, lambda view: [row["seq"] for row in view["data"]["rows"]] == [5], "five trades seen")


async def test_a_restart_is_seen_live(server):
    async with await Live.open(server) as live:
        await live.watch(1, "/api/restarts")
        await live.watch(2, "/api/tree")
        assert (await live.view(1))["data"]["rows"] == []
        row = next(row for row in server.rows("/api/actors") if row["path"] == "root/feeds/pull")
        server.act(f"/api/actors/{row['id']}/restart")
        view = await live.view(1, lambda view: view["data"]["rows"] and view["data"]["rows"][0]["outcome"] == "restarted",
                               "the restart")
        assert view["data"]["rows"][0]["child"] == "pull"
        await live.view(2, lambda view: '"restarts": 1' in json.dumps(view["data"]), "the restart in the tree")


async def test_what_has_not_changed_is_not_sent_again(server):
    async with await Live.open(server) as live:
        await live.watch(1, "/api/config")
        await live.watch(2, "/api/whoami")
        await live.view(1)
        began = time.monotonic()
        await live.watch(3, "/api/overview")
        await until(lambda: len(live.views.get(3, [])) >= 6, "six changing views beside")
        assert time.monotonic() - began > 1.0
        assert len(live.views[1]) == len(live.views[2]) == 1


async def test_nothing_comes_faster_than_four_times_a_second(server):
    async with await Live.open(server) as live:
        began = time.monotonic()
        await live.watch(1, "/api/overview", every_ms=1)
        await until(lambda: len(live.views.get(1, [])) >= 6, "six views")
        assert time.monotonic() - began > 1.1


async def test_an_unwatched_view_comes_no_more(server):
    async with await Live.open(server) as live:
        await live.watch(1, "/api/overview")
        await live.watch(2, "/api/overview")
        await live.view(1)
        await live.send("unwatch", id=1)
        await live.send("nonsense", id=9)
        await until(lambda: any(said.get("id") == 9 for said in live.said), "the answer behind it")
        seen, others = len(live.views[1]), len(live.views[2])
        await until(lambda: len(live.views[2]) >= others + 4, "views of the other watch")
        assert len(live.views[1]) == seen


async def test_a_socket_may_watch_16_views(server):
    async with await Live.open(server) as live:
        for number in range(1, 18):
            await live.watch(number, "/api/whoami")
        for number in range(1, 17):
            await live.view(number)
        await until(lambda: any(said["type"] == "error" for said in live.said), "a refusal")
        refusal = next(said for said in live.said if said["type"] == "error")
        assert refusal["id"] == 17 and refusal["data"]["code"] == "too_many" and 17 not in live.views
        await live.send("unwatch", id=3)
        await live.watch(17, "/api/whoami")
        await live.view(17)


async def test_a_watch_may_be_turned_to_another_path(server):
    async with await Live.open(server) as live:
        await live.watch(1, "/api/whoami")
        await live.view(1, lambda view: "role" in view["data"])
        await live.watch(1, "/api/log-levels")
        await live.view(1, lambda view: "components" in view["data"])


async def test_a_path_that_is_none_does_not_use_up_watches(server):
    async with await Live.open(server) as live:
        for number, path in enumerate(["no path", "", "/api/%zz", 7, None] * 4):
            await live.watch(number, path)
        await until(lambda: len(live.said) >= 21, lambda: f"20 refusals, came {live.said}")
        assert {said["data"]["code"] for said in live.said[1:]} == {"bad_request"}
        await live.watch(99, "/api/whoami")
        assert (await live.view(99))["status"] == 200


async def test_the_view_of_an_actor_that_has_died_is_a_404(server):
    async with await Live.open(server) as live:
        row = next(row for row in server.rows("/api/actors") if row["path"] == "root/feeds/pull")
        await live.watch(1, f"/api/actors/{row['id']}")
        assert (await live.view(1))["data"]["path"] == "root/feeds/pull"
        server.act(f"/api/actors/{row['id']}/restart")
        view = await live.view(1, lambda view: view["status"] == 404, "the 404")
        assert view["data"]["error"]["code"] == "not_found"


async def test_actions_and_unknown_paths_cannot_be_watched(server):
    async with await Live.open(server) as live:
        await live.watch(1, "/api/drain")
        await live.watch(2, "/api/nothing")
        await live.watch(3, "/api/topics?sort=nonsense")
        assert [(await live.view(number))["status"] for number in (1, 2, 3)] == [405, 404, 400]


# ---- tokens

@pytest.mark.parametrize("message", [{"type": "connect", "data": {"token": "wrong"}}, {"type": "connect", "data": {}},
                                     {"type": "connect"}, {"type": "watch", "id": 1, "data": {"path": "/api/actors"}}])
async def test_without_a_token_the_socket_is_closed_with_3500(server, message):
    live = await Live.open(server, token=False)
    await live.ws.send(json.dumps(message))
    assert await live.closed() == 3500 and not live.views


@pytest.mark.parametrize("text", ["{", "[]", "7", '"x"'])
async def test_what_is_no_object_closes_the_socket_with_3501(server, text):
    live = await Live.open(server)
    await live.ws.send(text)
    assert await live.closed() == 3501


async def test_a_token_that_is_removed_closes_what_it_opened(server):
    file = Path(server.started["admin_tokens"])
    text = file.read_text()
    file.write_text(text + "eve viewer eve-token-00000001\n")
    async with await Live.open(server) as stays, await Live.open(server, "eve-token-00000001") as goes:
        await stays.watch(1, "/api/overview")
        await goes.watch(1, "/api/overview")
        await goes.view(1)
        file.write_text(text)
        assert await goes.closed() == 3500
        seen = len(stays.views[1])
        await until(lambda: len(stays.views[1]) > seen, "a view for who may still look")


async def test_a_page_of_another_origin_cannot_open_it(server):
    with pytest.raises(websockets.InvalidStatusCode) as refusal:
        await websockets.connect(server.admin.replace("http", "ws") + "/api/live", origin="http://evil.example")
    assert refusal.value.status_code == 403


# ---- slowness

async def test_who_does_not_read_is_skipped_and_no_other_waits(server, feed):
    """Views for a socket that takes nothing are left out; memory stays, and others see theirs in time."""
    for n in range(400):
        feed.trade(f"S{n:03}")
    await until(lambda: len(server.rows("/api/topics?kind=trade")) == 400, "400 topics")
    deaf = RawClient(server.admin.replace("http", "ws") + "/api/live", receive_buffer=4096)
    status, _ = deaf.upgrade()
    assert status == 101
    deaf.send_text(json.dumps({"type": "connect", "data": {"token": server.token}}))
    for number in range(16):
        deaf.send_text(json.dumps({"type": "watch", "id": number,
                                   "data": {"path": f"/api/actors?limit=500&offset={number}", "every_ms": 250}}))
    async with await Live.open(server) as live:
        await live.watch(1, "/api/overview")
        await live.view(1)
        before = server.rss_bytes()
        seen = len(live.views[1])
        await until(lambda: len(live.views[1]) >= seen + 12, "three seconds of views")
        assert server.rss_bytes() - before < 20_000_000
    deaf.close()
    await until(lambda: server.metric("tickcast_admin_live_sockets") == 0, "no socket left")


async def test_a_viewer_that_goes_takes_its_watches_along(server):
    for _ in range(5):
        async with await Live.open(server) as live:
            await live.watch(1, "/api/overview")
            await live.view(1)
    await until(lambda: server.metric("tickcast_admin_live_sockets") == 0, "no socket left")


async def test_32_consoles_may_be_open(server):
    consoles = [await Live.open(server) for _ in range(32)]
    try:
        with pytest.raises(websockets.InvalidStatusCode) as refusal:
            await websockets.connect(server.admin.replace("http", "ws") + "/api/live")
        assert refusal.value.status_code == 429
        assert server.ask("/api/whoami").status == 200
    finally:
        for console in consoles:
            await console.ws.close()
