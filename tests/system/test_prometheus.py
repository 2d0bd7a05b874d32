"""A real Prometheus scrapes a real server: its targets, its rules, and every panel of the dashboard."""
import json
import shutil
import socket
import subprocess
import urllib.parse

import pytest

from harness import scene
from harness.redis_server import RedisServer
from harness.scene import FEED, Scene
from harness.server import ROOT, http_get
from harness.waiting import until
from test_metrics import COUNTING_PLUGIN, documented, expressions_of_the_dashboard, metrics_in

RULES = ROOT / "docs" / "alerts" / "tickcast.rules.yml"
RANGE_S = 5


class Prometheus:
    def __init__(self, directory, target):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        directory.mkdir()
        config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)],
                  "scrape_configs": [{"job_name": "tickcast", "static_configs": [{"targets": [target]}]}]}
        (directory / "prometheus.yml").write_text(json.dumps(config))
        self.log = open(directory / "log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={directory / 'prometheus.yml'}", f"--storage.tsdb.path={directory / 'data'}",
             f"--web.listen-address={self.url[7:]}"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def ask(self, path, **parameters):
        return http_get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}").json

    def value(self, expression):
        answer = self.ask("query", query=expression)
        assert answer["status"] == "success", f"{expression}: {answer}"
        return answer["data"]["result"]

    def up(self):
        try:
            return [sample["value"][1] for sample in self.value("up")] == ["1"]
        except (OSError, ValueError):  # not there yet, or still reading its files
            return False

    async def scraped(self, times, meanwhile):
        """Until it has been there so many more times, with `meanwhile()` going on."""
        def count():
            return int(self.value("count_over_time(up[5m])")[0]["value"][1])

        async def enough():
            await meanwhile()
            return count() >= goal
        goal = count() + times
        await until(enough, f"{times} scrapes", within=60)

    def firing(self):
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["data"]["alerts"]
                if alert["state"] == "firing"}


@pytest.fixture
def prometheus(tmp_path):
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed")
    return lambda server: Prometheus(tmp_path / "prometheus", server.admin.removeprefix("http://"))


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path / "redis")
    yield server
    server.stop()


async def test_every_panel_shows_something_and_no_alert_fires_on_a_healthy_server(start_server, prometheus, redis):
    more = {"redis": {"url": redis.url, "queues": ["queue:q"], "claims": {"order.place": "queue:orders"}}}
    async with Scene(start_server(scene.config(plugin=[COUNTING_PLUGIN], **more))) as on:
        with prometheus(on.server) as watching:
            await until(watching.up, "the first scrape", within=30)
            assert on.server.ask("/api/overview", token="wrong").status == 401
            async def traffic():
                await on.flows()
                assert http_get(on.server.http + "/api/v1/instruments").status == 200
            await watching.scraped(RANGE_S + 3, traffic)
            built = {name for name, (_, _, is_built) in documented().items() if is_built}
            empty = []
            for expression in expressions_of_the_dashboard():
                here = expression.replace("$__rate_interval", f"{RANGE_S}s").replace("$instance", ".*")
                quiet = expression.rstrip().endswith("> 0")
                if not watching.value(here) and metrics_in([expression]) <= built and not quiet:
                    empty.append(expression)
            assert not empty, "\n".join(empty)
            rules = [rule for group in watching.ask("rules")["data"]["groups"] for rule in group["rules"]]
            assert len(rules) == RULES.read_text().count("- alert:")
            assert {rule["name"] for rule in rules if rule["health"] != "ok"} == set()
            assert watching.firing() == set()


async def test_alerts_fire_on_a_server_that_suffers(start_server, prometheus):
    async with Scene(start_server(scene.config())) as on:
        with prometheus(on.server) as watching:
            await until(watching.up, "the first scrape", within=30)
            await watching.scraped(2, on.flows)
            for _ in range(3):
                on.feed.trade(on.symbols[0], feed_seq=10)
                on.feed.trade(on.symbols[0], feed_seq=20)
            for _ in range(8):
                on.feed.trade(scene.FAULTY, price="-1")
            for _ in range(2):
                await on.restart("supervisor", "topics")
            await until(lambda: {"TickcastQuarantine", "TickcastBudgetHalfSpent", "TickcastFeedGap",
                                 "TickcastRestarts"} <= watching.firing(),
                        lambda: f"the alerts; firing {watching.firing()}", within=30)
            assert on.server.metric("tickcast_feed_gaps_total", feed=FEED) >= 1
