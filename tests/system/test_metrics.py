"""/metrics against its handbook: promtool, docs/metrics.md, the alert rules and the dashboard."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import scene
from harness.egress import Subscriber
from harness.feed import Publisher, Sender, curve_keys
from harness.raw_client import RawClient
from harness.scene import FAULTY, FEED, Scene
from harness.server import ANY_PORT, BINARY, ROOT, http_get
from harness.waiting import until

HANDBOOK = ROOT / "docs" / "metrics.md"
RULES = ROOT / "docs" / "alerts" / "tickcast.rules.yml"
DASHBOARD = ROOT / "docs" / "grafana" / "tickcast.json"
OUR_NAMES = re.compile(r"\b((?:tickcast|process)_[a-z0-9_]+)")


def promtool(*arguments, text=None):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def documented():
    """{name: (type, labels, built)} of docs/metrics.md."""
    row = re.compile(r"^\| `(\w+)`( \[next\])? \| (counter|gauge|histogram) \|([\w ]*)\|", re.M)
    rows = row.findall(HANDBOOK.read_text())
    assert len(rows) == len({name for name, *_ in rows}), "a metric has two rows"
    return {name: (kind, frozenset(labels.split()), not later) for name, later, kind, labels in rows}


def told(text):
    """The same of a scrape."""
    from prometheus_client.parser import text_string_to_metric_families

    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)", text, re.M))
    labels = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.name if sample.name in kinds else re.sub(r"_(bucket|sum|count)$", "", sample.name)
            labels.setdefault(name, set()).update(set(sample.labels) - {"le"})
    return {name: (kind, frozenset(labels[name])) for name, kind in kinds.items()}


COUNTING_PLUGIN = {"name": "counts", "library": str(BINARY.parent / "tests/plugins/ill_plugin_1.so"),
                   "parameters": {"does": "count", "symbol": "P"}}


def lively_config(tmp_path, publisher):
    tape = tmp_path / "tape.csv"
    tape.write_text("trade_ms,symbol,trade_id,price,qty,aggressor\n" + "".join(
        f"{1723075200000 + n},T,{n},{100 + n},1,buy\n" for n in range(1, 50)))
    public, secret = curve_keys()
    return scene.config(
        simulator={"enabled": True, "symbols": 2},
        plugin=[COUNTING_PLUGIN],
        redis={"url": "redis://127.0.0.1:1", "queues": ["queue:m"]},
        feed=[{"name": FEED, "kind": "zmq-pull", "endpoint": ANY_PORT},
              {"name": "sub", "kind": "zmq-sub", "endpoint": publisher.endpoint},
              {"name": "tape", "kind": "replay", "files": [str(tape)], "speed": "max"},
              {"name": "keyed", "kind": "zmq-pull", "endpoint": ANY_PORT, "curve_public_key": public,
               "curve_secret_key": secret, "curve_client_keys": [curve_keys()[0]]}])


async def lively_text(start_server, tmp_path):
    """A scrape after a bit of everything: feeds of each kind, refusals, failures, restarts, a quarantine, hostile clients."""
    import zmq

    with Publisher() as publisher:
        async with Scene(start_server(lively_config(tmp_path, publisher))) as on:
            publisher.await_subscriber()
            await until(lambda: on.server.metric("tickcast_plugin_handled_total") > 0, "the plugin to listen")
            publisher.trade("P")
            await until(lambda: on.server.metric("tickcast_plugin_own_value") == 1, "the plugin's figures")
            with Sender(zmq.PUSH) as service:
                service.socket.connect(on.server.started["service_pull"])
                service.event("monitor.service", 1)
                await until(lambda: "monitor.service" in on.server.topics(), "the service's event")
            on.feed.send(b"rubbish")
            for _ in range(8):
                on.feed.trade(FAULTY, price="-1")
            await on.restart("egress")
            await on.restart("feed", FEED)
            await on.restart("broadcaster", parent="root/shards/shard-0")
            assert on.server.ask("/api/overview", token="wrong").status == 401
            assert http_get(on.server.http + "/nothing").status == 404
            assert http_get(on.server.http + "/api/v1/quote?symbol=NOBODY").status == 404
            with RawClient(on.server.ws) as hostile:
                hostile.send(b"GET /ws HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n\r\n")
                hostile.read_head()
            with Subscriber(on.server.started["egress"], "") as all_of_it:
                await all_of_it.heard("trade.P", None)
                await until(lambda: on.server.metric("tickcast_quarantines_total") == 1, "the quarantine")
                await on.flows(on.far)
                await until(lambda: on.server.metric("tickcast_feed_ticks_total", feed="tape") > 0, "the tape")
                return http_get(on.server.admin + "/metrics").text


async def test_the_handbook_names_every_metric_and_no_other(start_server, tmp_path):
    text = await lively_text(start_server, tmp_path)
    scrape, book = told(text), documented()
    built = {name: (kind, labels) for name, (kind, labels, is_built) in book.items() if is_built}
    assert set(scrape) == set(built), f"only in one: {set(scrape) ^ set(built)}"
    assert {name: row for name, row in scrape.items() if row != built[name]} == {}
    code, said = promtool("check", "metrics", text=text)
    assert (code, said) == (0, "")


async def test_ages_are_told_of_what_is_live_and_not_of_a_recording(start_server, tmp_path):
    import time

    async with Scene(start_server(scene.config())) as on:
        old = on.server.metric("tickcast_message_age_left_out_total")
        for _ in range(10):
            on.feed.trade(on.symbols[0], time=time.time_ns() - 50_000_000)
        await until(lambda: on.server.metric("tickcast_message_age_seconds_count") == 20, "ten ages on each shard")
        assert 20 * 0.05 <= on.server.metric("tickcast_message_age_seconds_sum") < 20 * 5
        await on.flows()
        assert on.server.metric("tickcast_message_age_left_out_total") > old, "the harness's trades are of 2024"


async def test_a_log_line_at_each_level_is_counted(start_server):
    async with Scene(start_server(scene.config())) as on:
        before = on.server.metric("tickcast_log_lines_total", level="warning")
        await on.restart("egress")
        await until(lambda: on.server.metric("tickcast_log_lines_total", level="warning") == before + 1, "its warning")


def metrics_in(expressions):
    """Names of ours in PromQL, those of histograms without their endings."""
    book = documented()
    names = {name for text in expressions for name in OUR_NAMES.findall(re.sub(r'"[^"]*"', '""', text))}
    return {name if name in book else re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def test_promtool_finds_no_fault_with_the_alert_rules():
    code, said = promtool("check", "rules", RULES)
    assert code == 0, said


def test_the_alerts_fire_when_they_should():
    code, said = promtool("test", "rules", Path(__file__).parent / "alerts_test.yml")
    assert code == 0, said


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    rules = RULES.read_text().split("- alert: ")[1:]
    for rule in rules:
        name = rule.split("\n")[0]
        assert re.search(r"severity: (page|ticket)\b", rule), name
        assert "summary:" in rule and "action:" in rule, name
    at_night = (ROOT / "docs" / "operations.md").read_text().split("## At night\n")[1].split("\n## ")[0]
    for name in re.findall(r"Tickcast\w+", at_night):
        assert any(rule.startswith(name + "\n") for rule in rules), f"there is no alert {name}"


def test_the_alerts_name_metrics_of_the_handbook():
    used = metrics_in(re.findall(r"expr: (.*)", RULES.read_text()))
    assert used and used <= set(documented()), used - set(documented())


def expressions_of_the_dashboard():
    board = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]


def test_the_dashboard_is_one_that_grafana_takes():
    board = json.loads(DASHBOARD.read_text())
    assert board["schemaVersion"] >= 38 and board["uid"] and board["title"]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    rows = [panel["title"] for panel in board["panels"] if panel["type"] == "row"]
    assert rows == ["Overview", "Feeds", "Latency", "Clients", "Topics", "Supervision", "Plugins", "Egress", "Process", "Store",
                    "HTTP and bars", "Sign-ins", "Users and backends", "Redis"]
    taken = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + dx, place["y"] + dy) for dx in range(place["w"]) for dy in range(place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "${datasource}"


def test_every_expression_of_the_dashboard_parses_and_names_metrics_of_the_handbook(tmp_path):
    expressions = expressions_of_the_dashboard()
    used = metrics_in(expressions)
    assert used <= set(documented()), used - set(documented())
    as_prometheus_sees_it = [text.replace("$__rate_interval", "1m").replace("$instance", ".*") for text in expressions]
    assert not [text for text in as_prometheus_sees_it if "$" in text]
    rules = tmp_path / "expressions.yml"
    rules.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": [
        {"record": f"panel:{n}", "expr": text} for n, text in enumerate(as_prometheus_sees_it)]}]}))
    code, said = promtool("check", "rules", rules)
    assert code == 0, said


def test_the_dashboard_shows_nearly_every_metric():
    """What is worth a row in the handbook is worth a place on the dashboard, with these exceptions."""
    shown = metrics_in(expressions_of_the_dashboard())
    missing = {name for name, (_, _, built) in documented().items() if built} - shown
    assert len(missing) <= 50, sorted(missing)
