"""The admin API as scripts and consoles use it: lists, single things, who may (docs/admin-api.md)."""
import json
import time
from pathlib import Path

import pytest

from harness.client import Client
from harness.feed import curve_keys
from harness.server import ANY_PORT, http_get, http_send
from harness.waiting import until

LISTS = {
    "/api/actors": {"id", "kind", "name", "parent", "path", "thread", "state", "running_ms", "mailbox", "oldest_ms",
                    "received", "sent", "received_per_s", "busy", "busy_ms", "p50_us", "p99_us", "restarts",
                    "last_error", "last_error_at", "started"},
    "/api/restarts": {"at", "supervisor", "child", "reason", "down_ms", "outcome"},
    "/api/feeds": {"name", "kind", "endpoint", "state", "simulated", "priority", "ticks", "events", "ticks_per_s",
                   "messages", "gaps", "gap_lost", "lost", "refused", "repeated", "not_owner", "in_flight", "paused",
                   "restarts", "stored_seq", "silent_ms"},
    "/api/topics": {"topic", "kind", "shard", "epoch", "seq", "updates_per_s", "subscribers", "feed", "state"},
    "/api/connections": {"id", "actor", "remote", "shard", "user", "encoding", "opened", "subscriptions",
                         "queue_bytes", "lag_ms", "rtt_ms", "frames", "bytes", "received", "dropped", "state"},
    "/api/users": {"user", "name", "connections", "subscriptions", "queue_bytes", "bytes"},
    "/api/log": {"seq", "at", "level", "component", "text"},
    "/api/audit": {"at", "who", "role", "remote", "action", "target", "data", "outcome"},
}
SORTED_BY = {"/api/actors": "path", "/api/restarts": "at", "/api/feeds": "name", "/api/topics": "topic",
             "/api/connections": "id", "/api/users": "connections", "/api/audit": "at"}


@pytest.fixture
def busy(start_server, feed_of):
    """A server where every list has something to show: a fault, a client, an action."""
    server = start_server({"debug": {"fault": "FAULTY"}, "io": {"shards": 2}})
    with feed_of(server) as feed:
        for n in range(30):
            feed.trade(f"S{n:02}")
        feed.trade("FAULTY")
        feed.trade("FAULTY", price="-1")
        feed.event("monitor.m", {"load": 1})
        yield server, feed


async def settled(server):
    await until(lambda: len(server.rows("/api/topics?filter=trade.*")) == 31
                and server.ask("/api/restarts").json["total"] == 1, "all topics and the restart")
    assert server.act("/api/log-level", {"component": "net", "level": "info"}).status == 200


def actor(server, path):
    found = [row for row in server.rows(f"/api/actors?filter={path}") if row["path"] == path]
    assert len(found) == 1, f"{path}: {found}"
    return found[0]


# ---- lists

async def test_every_list_has_the_fields_of_its_page(busy):
    server, _ = busy
    await settled(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.S00")
        for path, fields in LISTS.items():
            answer = server.ask(path)
            assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
            assert answer.headers["Cache-Control"] == "no-store"
            body = answer.json
            assert {"at", "total", "matched", "offset", "complete", "rows"} <= set(body) and body["complete"] is True
            assert body["rows"], f"{path} is empty"
            for row in body["rows"]:
                assert fields <= set(row), f"{path} lacks {fields - set(row)}"


async def test_lists_are_paged_without_a_row_twice_or_missing(busy):
    server, _ = busy
    await settled(server)
    for path, by in (("/api/actors", "path"), ("/api/topics", "topic")):
        whole = server.rows(f"{path}?sort={by}")
        assert len(whole) > 40
        paged = []
        while len(paged) < len(whole):
            page = server.ask(f"{path}?sort={by}&offset={len(paged)}&limit=7").json
            assert page["offset"] == len(paged) and page["total"] == page["matched"] == len(whole)
            assert len(page["rows"]) == min(7, len(whole) - len(paged))
            paged += page["rows"]
        assert [row[by] for row in paged] == [row[by] for row in whole] == sorted(row[by] for row in whole)
        behind = server.ask(f"{path}?offset=100000").json
        assert behind["rows"] == [] and behind["matched"] == len(whole)


async def test_a_page_has_50_rows_unless_another_number_is_asked_for(busy):
    server, _ = busy
    await settled(server)
    assert len(server.ask("/api/topics").json["rows"]) == 50
    assert len(server.ask("/api/topics?limit=500").json["rows"]) > 60
    assert server.ask("/api/topics?limit=0").json["rows"] == []


async def test_lists_are_sorted_by_any_field_both_ways(busy):
    server, _ = busy
    await settled(server)
    for field in ("sent", "started", "kind", "received", "id"):
        def key(row):
            value = row[field]
            return (value is not None, value)
        up = server.rows(f"/api/actors?sort={field}")
        down = server.rows(f"/api/actors?sort=-{field}")
        assert [key(row) for row in up] == sorted(key(row) for row in up), field
        assert [key(row) for row in down] == sorted((key(row) for row in down), reverse=True), field


async def test_unknown_values_come_first_going_up_and_last_going_down(busy):
    server, _ = busy
    await settled(server)
    shards = [row["shard"] for row in server.rows("/api/topics?sort=shard")]
    assert shards[0] is None and shards[-1] is not None
    assert [row["shard"] for row in server.rows("/api/topics?sort=-shard")][-1] is None


async def test_a_filter_is_part_of_a_name_in_any_case_or_a_glob(busy):
    server, _ = busy
    await settled(server)
    for text, count in (("trade.s0", 10), ("TRADE.S1", 10), ("trade.*", 31), ("trade.S?0", 3), ("*.FAULTY", 4),
                        ("faulty", 4), ("nothing at all", 0), ("trade.S*9", 3)):
        answer = server.ask(f"/api/topics?limit=500&filter={text.replace(' ', '%20')}").json
        assert answer["matched"] == len(answer["rows"]) == count, text
        assert answer["total"] > 60
    assert all(row["kind"] == "trade" for row in server.rows("/api/topics?kind=trade"))
    assert {row["kind"] for row in server.rows("/api/actors?kind=event%20topic")} == {"event topic"}


@pytest.mark.parametrize("path", SORTED_BY)
async def test_wrong_questions_are_refused_with_a_sentence(busy, path):
    server, _ = busy
    for question, word in (("limit=501", "500"), ("limit=-1", "limit"), ("limit=many", "limit"), ("offset=-1", "offset"),
                           ("offset=1.5", "offset"), ("sort=nonsense", "nonsense")):
        answer = server.ask(f"{path}?{question}")
        assert answer.status == 400, f"{path}?{question}: {answer.text}"
        error = answer.json["error"]
        assert (error["status"], error["code"]) == (400, "bad_request") and word in error["message"]


async def test_rates_are_means_since_the_last_look(busy):
    server, feed = busy
    await settled(server)

    def rates():
        feed.trades("S00", 20)
        row = server.ask("/api/topics?filter=trade.S00").json["rows"][0]
        actors = server.ask("/api/actors?sort=-received_per_s&limit=1").json["rows"][0]
        feeds = server.ask("/api/feeds?filter=pull").json["rows"][0]
        return (row["updates_per_s"] or 0) > 0 and (actors["received_per_s"] or 0) > 0 and (feeds["ticks_per_s"] or 0) > 0
    assert server.ask("/api/topics?filter=trade.S00").json["rows"][0]["updates_per_s"] is None
    await until(rates, "rates of all three")


async def test_who_looks_at_one_kind_of_topic_does_not_disturb_who_looks_at_another(busy):
    server, feed = busy
    await settled(server)
    began = time.monotonic()

    def quotes_seen_for_a_while():
        feed.trades("S00", 5)
        server.ask("/api/topics?kind=quote")
        return time.monotonic() - began > 3
    await until(quotes_seen_for_a_while, "three seconds of somebody else's looks")
    row = server.ask("/api/topics?kind=trade&filter=trade.S00").json["rows"][0]
    assert row["updates_per_s"] > 0


# ---- single things

async def test_an_actor_tells_its_own_state_and_its_times(busy):
    server, _ = busy
    await settled(server)
    row = actor(server, "root/topics/directory")
    answer = server.ask("/api/actors/" + row["id"]).json
    assert answer["complete"] is True and answer["described"]["event_topics"] >= 3
    assert answer["supervision"] == {"supervisor": "root/topics", "child": "directory", "strategy": "one_for_one",
                                     "restart": "permanent"}
    assert len(answer["histogram"]["bounds_us"]) == len(answer["histogram"]["counts"])
    assert sum(answer["histogram"]["counts"]) > 0 and answer["p99_us"] >= answer["p50_us"] > 0
    assert LISTS["/api/actors"] <= set(answer)


@pytest.mark.parametrize("kind", ["supervisor", "dispatcher", "broadcaster", "directory", "feed", "quote topic",
                                  "event topic", "connection"])
async def test_each_kind_of_actor_describes_itself(busy, kind):
    server, _ = busy
    await settled(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.S00")
        row = server.rows(f"/api/actors?kind={kind.replace(' ', '%20')}")[0]
        answer = server.ask("/api/actors/" + row["id"]).json
        assert answer["complete"] is True and isinstance(answer["described"], dict)
        if kind not in ("supervisor", "feed"):
            assert answer["described"], "it has nothing to say"


@pytest.mark.parametrize("what", ["999999", "0", "x", "1x4", "-4", "4%20"])
def test_an_actor_that_is_none_is_not_found(server, what):
    answer = server.ask(f"/api/actors/{what}")
    assert answer.status == 404 and answer.json["error"]["code"] == "not_found"


async def test_a_restarted_actor_has_its_restarts_in_its_detail(busy):
    server, _ = busy
    await settled(server)
    row = next(row for row in server.rows("/api/actors?kind=quote%20topic") if row["name"] == "FAULTY")
    assert row["restarts"] == 1
    answer = server.ask("/api/actors/" + row["id"]).json
    assert [each["child"] for each in answer["restarts_list"]] == ["FAULTY"]


async def test_a_failure_stands_in_the_history_with_its_reason(busy):
    server, _ = busy
    await settled(server)
    (row,) = server.ask("/api/restarts").json["rows"]
    assert row["child"] == "FAULTY" and row["supervisor"].endswith("/dispatcher") and row["outcome"] == "restarted"
    assert "negative price" in row["reason"] and row["down_ms"] is not None and row["at"] > 10**15


def nodes(node):
    yield node
    for child in node["children"]:
        yield from nodes(child)


async def test_the_tree_is_the_architecture_s(busy):
    server, _ = busy
    await settled(server)
    root = server.ask("/api/tree").json["root"]
    by_path = {node["path"]: node for node in nodes(root)}
    assert root["path"] == "root" and root["strategy"] == "one_for_one"
    assert {"root/topics", "root/topics/directory", "root/shards", "root/shards/shard-0/dispatcher",
            "root/shards/shard-1/broadcaster", "root/feeds", "root/feeds/pull"} <= set(by_path)
    assert [child["name"] for child in root["children"]][-1] == "feeds", "feeds start last"
    for path, node in by_path.items():
        if node["kind"] == "supervisor":
            assert {"strategy", "intensity", "period_ms", "spent", "each_its_own"} <= set(node)
        if path != "root":
            assert {"name", "kind", "id", "state", "restart", "restarts", "due_ms", "last_reason"} <= set(node)
            assert node["state"] == "running" and node["id"] is not None
    quote_topics = [each for shard in (0, 1) for each in by_path[f"root/shards/shard-{shard}/dispatcher"]["many"]]
    assert sum(each["count"] for each in quote_topics if each["kind"] == "quote topic") == 31


async def test_the_overview_counts_what_happens(busy):
    server, feed = busy
    await settled(server)
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.S00")

        def measured():
            feed.trades("S00", 10)
            answer = server.ask("/api/overview").json
            return answer["rates"]["ticks_per_s"] and answer["rates"]["frames_per_s"] and \
                answer["latency"]["p99_us"] is not None and answer
        answer = await until(measured, "rates and a latency")
    assert answer["state"] == "serving" and answer["pid"] == server.process.pid and answer["uptime_ms"] > 0
    assert answer["totals"]["connections"] == 1 and answer["totals"]["actors"] == len(server.rows("/api/actors")) + 1
    assert answer["totals"]["restarts"] == 1 and answer["memory"]["rss_bytes"] > 10**6
    assert [shard["name"] for shard in answer["shards"]] == ["shard-0", "shard-1"]
    assert len(answer["latency"]["counts"]) == len(answer["latency"]["bounds_us"]) + 1
    assert answer["latency"]["p99_us"] >= answer["latency"]["p50_us"] > 0


async def test_attention_names_a_quarantined_symbol(busy):
    server, feed = busy

    def quarantined():
        feed.trade("FAULTY", price="-1")
        return [each for each in server.ask("/api/overview").json["attention"] if each["code"] == "quarantine"]
    (entry,) = await until(quarantined, "attention for the quarantine")
    assert entry["severity"] == "error" and "FAULTY" in entry["what"] and entry["page"] == "topics"


def test_the_configuration_in_force_hides_secrets(start_server):
    public, secret = curve_keys()
    server = start_server({"feed": [{"name": "pull", "kind": "zmq-pull", "endpoint": ANY_PORT,
                                     "curve_secret_key": secret, "curve_public_key": public,
                                     "curve_client_keys": [curve_keys()[0]]}], "limits": {"topics": 77}})
    answer = server.ask("/api/config")
    assert secret not in answer.text and public in answer.text
    keys = {(section["name"], key["key"]): key for section in answer.json["sections"] for key in section["keys"]}
    topics = keys[("limits", "topics")]
    assert topics["value"] == "77" and topics["changed"] is True and topics["meaning"]
    assert keys[("listen", "backlog")]["changed"] is False
    assert "•••" in {key["value"].strip('"') for (_, name), key in keys.items() if name.endswith("curve_secret_key")}


# ---- log and audit

async def test_a_level_set_at_run_time_is_seen_in_the_log(server):
    def texts():
        return server.ask("/api/log?component=admin&limit=500").json["rows"]
    before = texts()[-1]["seq"]
    assert server.act("/api/log-level", {"component": "admin", "level": "error"}).status == 200
    levels = {row["component"]: row["level"] for row in server.ask("/api/log-levels").json["components"]}
    assert levels.pop("admin") == "error" and set(levels.values()) == {"info"}
    assert server.act("/api/undrain").status == 409, "an action that would be logged"
    assert server.act("/api/log-level", {"component": "admin", "level": "info"}).status == 200
    fresh = [row for row in texts() if row["seq"] > before]
    assert not any("undrain" in row["text"] for row in fresh), fresh
    assert server.act("/api/undrain").status == 409
    await until(lambda: any("undrain" in row["text"] for row in texts()), "the action in the log")
    assert server.act("/api/log-level", {"component": "*", "level": "warning"}).status == 200
    assert {row["level"] for row in server.ask("/api/log-levels").json["components"]} == {"warning"}


@pytest.mark.parametrize("body, status", [({"component": "nobody", "level": "info"}, 404),
                                          ({"component": "feeds", "level": "loud"}, 400), ({"level": "info"}, 404),
                                          ({}, 400), ({"component": 7, "level": "info"}, 404)])
def test_a_wrong_level_changes_nothing(server, body, status):
    before = server.ask("/api/log-levels").json
    assert server.act("/api/log-level", body).status == status
    assert server.ask("/api/log-levels").json == before


def test_the_log_is_read_by_level_component_text_and_number(server):
    rows = server.ask("/api/log").json["rows"]
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)
    assert server.ask("/api/log?filter=first%20token").json["matched"] == 1
    assert {row["component"] for row in server.ask("/api/log?component=admin").json["rows"]} == {"admin"}
    assert server.ask("/api/log?level=error").json["rows"] == []
    last = rows[-1]["seq"]
    assert [row for row in server.ask(f"/api/log?after={last}").json["rows"] if row["seq"] <= last] == []
    assert len(server.ask("/api/log?limit=1").json["rows"]) == 1
    for wrong in ("level=loud", "after=x", "after=-1", "limit=501"):
        assert server.ask(f"/api/log?{wrong}").status == 400


def test_every_action_is_audited_with_who_what_and_outcome(start_server):
    server = start_server()
    add_token(server, "vic viewer viewer-token-000001")
    assert server.act("/api/log-level", {"component": "net", "level": "debug"}).status == 200
    assert server.act("/api/connections/4711/kick", {"reason": "test"}).status == 404
    assert server.act("/api/undrain", token="viewer-token-000001").status == 403
    rows = server.ask("/api/audit").json["rows"]
    assert [(row["who"], row["action"]) for row in rows] == [("vic", "undrain"), ("admin", "kick"), ("admin", "log-level")]
    assert rows[0]["role"] == "viewer" and "operator" in rows[0]["outcome"]
    assert rows[1]["target"] == "4711" and "4711" in rows[1]["outcome"] and json.loads(rows[1]["data"]) == {"reason": "test"}
    assert rows[2]["outcome"] == "done" and rows[2]["remote"].startswith("127.0.0.1")
    file = Path(server.started["admin_tokens"]).parent / "audit.jsonl"
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [entry["action"] for entry in kept] == ["log-level", "kick", "undrain"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert server.token not in file.read_text() and server.token not in server.log


def test_the_audit_log_outlives_the_server(start_server):
    first = start_server()
    first.act("/api/undrain")
    assert first.stop() == 0
    first.start()
    assert [row["action"] for row in first.ask("/api/audit").json["rows"]] == ["undrain"]


# ---- who may

def add_token(server, line):
    file = Path(server.started["admin_tokens"])
    with file.open("a") as tokens:
        tokens.write(line + "\n")


def test_the_first_token_is_made_with_mode_0600(server):
    file = Path(server.started["admin_tokens"])
    assert file.stat().st_mode & 0o777 == 0o600
    assert server.ask("/api/whoami").json == {"name": "admin", "role": "operator"}


def test_a_viewer_reads_and_does_not_act(server):
    add_token(server, "vic viewer viewer-token-000001")
    token = "viewer-token-000001"
    assert server.ask("/api/whoami", token=token).json == {"name": "vic", "role": "viewer"}
    for path in LISTS:
        assert server.ask(path, token=token).status == 200
    for path in ("/api/drain", "/api/undrain", "/api/log-level", "/api/actors/4/restart", "/api/actors/4/stop",
                 "/api/actors/4/trace", "/api/children/start", "/api/connections/1/kick"):
        answer = server.act(path, token=token)
        assert (answer.status, answer.json["error"]["code"]) == (403, "role"), path
    assert http_get(server.admin + "/ready").status == 200, "nothing was drained"


def test_nobody_without_a_token_reads_anything(server):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {server.token}"},
                    {"Authorization": server.token}, {"Cookie": f"token={server.token}"}):
        for path in ("/api/actors", "/api/config"):
            answer = http_get(server.admin + path, headers)
            if answer.status != 429:
                assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
            assert server.token not in answer.text
    assert http_get(server.admin + f"/api/actors?token={server.token}").status in (401, 429)


def test_guessing_tokens_is_slowed_down_and_the_right_one_still_works(server):
    statuses = [server.ask("/api/actors", token=f"guess-{n:016}").status for n in range(15)]
    assert statuses[:10] == [401] * 10 and statuses[10:] == [429] * 5
    assert server.ask("/api/actors").status == 200


def test_a_removed_token_is_refused_at_once_and_a_new_one_taken(server):
    add_token(server, "eve operator eve-token-00000001")
    assert server.ask("/api/whoami", token="eve-token-00000001").json["name"] == "eve"
    file = Path(server.started["admin_tokens"])
    file.write_text("".join(line for line in file.read_text().splitlines(True) if "eve" not in line))
    assert server.ask("/api/whoami", token="eve-token-00000001").status == 401
    assert server.ask("/api/whoami").status == 200


def test_a_token_file_that_others_may_read_admits_nobody(server):
    file = Path(server.started["admin_tokens"])
    token = server.token
    file.chmod(0o644)
    assert server.ask("/api/whoami", token=token).status == 401
    file.chmod(0o600)
    assert server.ask("/api/whoami", token=token).status == 200


def test_foreign_pages_cannot_act(server):
    token = {"Authorization": f"Bearer {server.token}"}
    kind = {"Content-Type": "application/json"}
    body, where = b"{}", server.admin + "/api/undrain"
    own = http_send(where, body, {**token, **kind, "Origin": server.admin})
    assert own.status == 409, "its own page may ask"
    for headers, status, code in (({**kind, "Origin": "http://evil.example"}, 403, "origin"),
                                  ({**kind, "Origin": "null"}, 403, "origin"),
                                  ({**kind, "Host": "evil.example"}, 403, "host"),
                                  ({**kind, "Host": "evil.example:9190", "Origin": "http://evil.example:9190"}, 403, "host"),
                                  ({"Content-Type": "text/plain"}, 400, "bad_request"),
                                  ({"Content-Type": "application/x-www-form-urlencoded"}, 400, "bad_request")):
        answer = http_send(where, body, {**token, **headers})
        assert (answer.status, answer.json["error"]["code"]) == (status, code), headers
    assert http_get(server.admin + "/api/actors", {**token, "Origin": "http://evil.example"}).status == 403
    assert http_get(server.admin + "/api/actors", {**token, "Host": "rebound.example"}).status == 403
    preflight = http_get(server.admin + "/api/undrain", {"Origin": "http://evil.example",
                                                         "Access-Control-Request-Method": "POST"}, method="OPTIONS")
    assert preflight.status in (403, 405) and "Access-Control-Allow-Origin" not in preflight.headers


def test_methods_are_kept_apart(server):
    assert server.ask("/api/drain").status == 405
    assert server.act("/api/actors").status == 405
    assert server.ask("/api/nothing").status == 404 and server.act("/api/nothing").status == 404
    assert http_get(server.admin + "/ready").status == 200


def test_a_body_that_is_too_long_or_no_json_is_refused(server):
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    assert http_send(server.admin + "/api/drain", b"x" * 70_000, headers).status == 413
    for body in (b"{", b"[]", b"7", b"\xff\xfe"):
        for path in ("/api/drain", "/api/log-level", "/api/connections/1/kick", "/api/actors/4/trace"):
            assert http_send(server.admin + path, body, headers).status == 400, (path, body)
    assert http_get(server.admin + "/ready").status == 200
