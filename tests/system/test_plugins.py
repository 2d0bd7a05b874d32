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
    return {entry["name"]: entry for entry in server.rows("/api/plugins")}


async def in_state(server, name, *states, within=10):
    return await until(lambda: (entry := plugins(server).get(name, {})).get("state") in states and entry,
                       lambda: f"{name} in {states}, it is {plugins(server).get(name)}", within * SLOWED)


async def listening(server, name):
    await until(lambda: (it := plugins(server).get(name)) and it["state"] == "running" and it["handled"] > 0,
                lambda: f"{name} listens: {plugins(server).get(name)}")


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


async def test_what_cannot_be_loaded_is_down_with_a_sentence_and_the_server_runs(start_server, feed_of):
    server = start_server({"plugin": [
        plugin("other", DOCTORED), plugin("gone", "/nowhere/x.so"), plugin("binary", BINARY),
        plugin("spread", EXAMPLES / "spread_alert.so", parameters={"first": "A b", "limit": "x", "typo": "1"}),
        ill("good", "count")]})
    why = {}
    for name in ("other", "gone", "binary", "spread"):
        why[name] = (await in_state(server, name, "failed"))["last_error"]
    assert "its compiler is gcc 4.8, the engine's is gcc" in why["other"]
    assert "its build type is debug+address, the engine's is" in why["other"]
    assert "there is no library /nowhere/x.so" in why["gone"]
    for fault in ("first is \"A b\", which is no symbol", "second is missing", "limit is \"x\"", "typo is not known"):
        assert fault in why["spread"], why["spread"]
    assert plugins(server)["spread"]["restarts"] == 0
    await listening(server, "good")
    with feed_of(server) as feed:
        feed.trade("X")
        await until(lambda: plugins(server)["good"]["published"] == 1, "the good one to work")


async def test_a_plugin_that_throws_is_started_anew_until_its_budget_is_spent(start_server, feed_of):
    server = start_server({"plugin": [ill("bad", "throw", budget_restarts=2), ill("good", "count")]})
    await listening(server, "bad")
    await listening(server, "good")
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X", "signal.good")
        with feed_of(server) as feed:
            for round in range(3):
                handled = plugins(server)["bad"]["handled"]
                feed.trades("X", 10)
                await until(lambda: len(plugins(server)["bad"]["failures"]) == round + 1, "the failure")
                if round < 2:
                    await in_state(server, "bad", "running")
                    await until(lambda: plugins(server)["bad"]["handled"] > handled + 10, "it listens again")
            entry = await in_state(server, "bad", "failed")
            assert entry["restarts"] == 2 and entry["last_error"] == "the tenth trade, as asked"
            assert entry["budget"] == {"spent": 3, "intensity": 2, "period_ms": 60000}
            feed.trades("X", 10)
            await client.updates("trade.X", 40)
            await client.updates("signal.good", 40)
        for topic in ("trade.X", "signal.good"):
            assert [update["seq"] for update in client.topic(topic).updates] == list(range(1, 41))


async def test_a_stuck_handler_is_an_alarm_then_given_up_and_the_server_still_stops(start_server, feed_of):
    server = start_server({"plugin": [ill("slow", "sleep", budget_handler_ms=200, budget_stuck_ms=500,
                                          budget_restarts=1, parameters={"sleep_ms": 60000})]})
    await listening(server, "slow")
    with feed_of(server) as feed:
        feed.trade("X")
        entry = await in_state(server, "slow", "stuck")
        assert entry["handler"] == "on_trade" and entry["running_ms"] >= 200 and entry["alarms"] == 1
        await until(lambda: plugins(server)["slow"]["lingering"] == 1, "the first one is given up")
        await until(lambda: plugins(server)["slow"]["restarts"] == 1, "the restart")
        await listening(server, "slow")
        feed.trade("X")
        entry = await in_state(server, "slow", "failed")
        assert entry["lingering"] == 2 and entry["failures"][0]["retired"]
        assert "stuck in on_trade" in entry["last_error"]
    assert server.stop() == 0


async def test_a_flood_is_refused_counted_and_ended(start_server, feed_of):
    server = start_server({"plugin": [ill("flood", "flood", budget_restarts=0, budget_publishes_per_s=1000)]})
    async with await Client.open(server.ws) as client:
        await client.subscribe("monitor.flood", "trade.X")
        await until(lambda: plugins(server)["flood"]["over_budget"] > 50_000, "refusals")
        with feed_of(server) as feed:
            feed.trades("X", 10)
            await client.updates("trade.X", 10)
        entry = await in_state(server, "flood", "failed")
        assert entry["last_error"] == "published more than 1000 messages a second for 3 s"
        assert entry["published"] <= 6000
        # Of its trades it speaks on another topic. Nothing that was told `sent` is missing.
        topics = server.topics()
        sent = {topic: topics[topic]["seq"] for topic in ("monitor.flood", "signal.flood") if topic in topics}
        assert sum(sent.values()) == entry["published"]
        await until(lambda: client.topic("monitor.flood").seq == sent["monitor.flood"], "the last that was published")


async def test_more_sleepers_than_workers_hold_nobody_up(start_server, feed_of):
    server = start_server({"workers": {"count": 2},
                           "plugin": [ill(f"sleeper{n}", "sleep", budget_stuck_ms=60000) for n in range(3)]})
    for n in range(3):
        await listening(server, f"sleeper{n}")
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X", "monitor.m")
        with feed_of(server) as feed:
            feed.trade("X")
            for n in range(3):
                await in_state(server, f"sleeper{n}", "stuck")
            feed.trades("X", 200)
            feed.event("monitor.m", 1)
            await client.updates("trade.X", 201, within=2)
            await client.updates("monitor.m", 1, within=2)
        assert http_get(server.admin + "/live").status == 200
        assert http_get(server.admin + "/ready").status == 200
    assert server.stop() == 0


async def test_a_slow_plugin_loses_the_oldest_updates_and_is_told(start_server, feed_of):
    server = start_server({"plugin": [ill("slow", "sleep", budget_mailbox=100, parameters={"sleep_ms": 20})]})
    await listening(server, "slow")
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.slow")
        with feed_of(server) as feed:
            feed.trades("X", 1000)
            await until(lambda: plugins(server)["slow"]["dropped"] > 700, "drops")
            await until(lambda: plugins(server)["slow"]["mailbox"] == 0, "it has caught up", 30)
            entry = plugins(server)["slow"]
            assert entry["counters"]["lost"] == entry["dropped"]
            assert entry["counters"]["trades"] + entry["dropped"] == 1000
            assert server.metric("tickcast_feed_in_flight", feed="pull") == 0
        assert client.topic("signal.slow").updates[-1]["data"]["seq"] == 1000


async def test_a_segmentation_fault_in_a_process_is_a_restart(start_server, feed_of):
    server = start_server({"plugin": [ill("crash", "segfault", "process", budget_restarts=1), ill("good", "count")]})
    await listening(server, "crash")
    await listening(server, "good")
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.crash", "trade.X")
        with feed_of(server) as feed:
            feed.trades("X", 9)
            await client.updates("signal.crash", 9)
            feed.trade("X")
            await until(lambda: plugins(server)["crash"]["restarts"] == 1, "the restart")
            assert "signal 11 (Segmentation fault)" in plugins(server)["crash"]["failures"][0]["why"]
            await in_state(server, "crash", "running")
            await until(lambda: plugins(server)["crash"]["subscriptions"], "it listens again")
            feed.trades("X", 10)
            entry = await in_state(server, "crash", "failed")
            assert "its 1 restarts are spent" not in entry["last_error"] and "signal 11" in entry["last_error"]
            await client.updates("trade.X", 20)
    assert plugins(server)["good"]["published"] == 20
    assert server.running


async def test_a_process_is_the_same_plugin_seen_the_same_way(start_server, feed_of):
    server = start_server({"plugin": [ill("away", "count", "process"), ill("slow", "sleep", "process",
                           budget_handler_ms=200, budget_stuck_ms=400, budget_restarts=0)]})
    await listening(server, "away")
    await listening(server, "slow")
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.away")
        with feed_of(server) as feed:
            feed.trades("X", 500)
            updates = await client.updates("signal.away", 500)
            assert [update["data"]["seq"] for update in updates] == list(range(1, 501))
        entry = await until(lambda: (it := plugins(server)["away"])["counters"].get("trades") == 500 and it, "its counters")
        assert entry["isolation"] == "process" and entry["p99_us"] > 0 and entry["subscriptions"] == ["trade.X"]
        await until(lambda: plugins(server)["away"]["mailbox"] == 0, "nothing waits")
        entry = await in_state(server, "slow", "failed")
        assert "stuck in on_trade" in entry["last_error"] and entry["lingering"] == 0
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    assert server.stop() == 0
    assert not children.exists()


async def test_no_process_outlives_a_killed_server(start_server):
    server = start_server({"plugin": [ill("away", "count", "process")]})
    await in_state(server, "away", "running")
    hosts = [pid for pid in os.listdir("/proc") if pid.isdigit() and parent_of(pid) == server.process.pid]
    assert len(hosts) == 1
    server.kill()
    await until(lambda: parent_of(hosts[0]) is None, "the end of the process")


def parent_of(pid):
    """None: it has ended, whether or not somebody has taken note of it."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
        return None if state == "Z" else int(parent)
    except (OSError, ValueError):
        return None


async def test_a_plugin_can_be_a_feed(start_server, feed_of):
    """Market data from a plugin: allowed to the one that a [[feed]] names, refused to others."""
    feeds = [{"name": "pull", "kind": "zmq-pull", "endpoint": "tcp://127.0.0.1:0"},
             {"name": "synthetic", "kind": "plugin", "plugin": "maker", "prefix": "SYN:"}]
    server = start_server({"feed": feeds, "plugin": [ill("maker", "echo"), ill("other", "echo")]})
    await listening(server, "maker")
    await listening(server, "other")
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.SYN:Y", "trade.Y")
        with feed_of(server) as feed:
            sent = feed.trade("X")
            (update,) = await client.updates("trade.SYN:Y", 1)
        assert update["data"]["time"] == sent["time"] // 1000 and str(update["data"]["price"]) == sent["price"]
        assert not client.topic("trade.Y").updates
    assert plugins(server)["other"]["refused"] == 1
    assert server.metric("tickcast_feed_ticks_total", feed="synthetic") == 1


async def test_a_plugin_that_is_a_feed_is_told_of_like_any_other(start_server, feed_of):
    """Its silence makes it stale, its end takes it down, and whoever subscribed to feed.<name> hears of it."""
    feeds = [{"name": "pull", "kind": "zmq-pull", "endpoint": "tcp://127.0.0.1:0"},
             {"name": "synthetic", "kind": "plugin", "plugin": "maker", "prefix": "SYN:", "stale_ms": 300}]
    server = start_server({"feed": feeds, "plugin": [ill("maker", "echo")]})
    await listening(server, "maker")
    async with await Client.open(server.ws) as client:
        await client.subscribe("feed.synthetic", "trade.SYN:Y")

        def told():
            frames = client.topic("feed.synthetic").frames
            said = [frame["data"] if frame["type"] == "update" else frame["data"].get("last") or {} for frame in frames]
            return [each["state"] for each in said if each]

        with feed_of(server) as feed:
            feed.trade("X")
            await until(lambda: told()[-2:] == ["live", "stale"], lambda: f"live, then stale: {told()}", 5 * SLOWED)
            feed.trade("X")
            await until(lambda: "live" in told()[-2:], lambda: f"live again: {told()}", 5 * SLOWED)
        assert server.act("/api/plugins/maker/unload", {}).status == 200
        await until(lambda: told()[-1] == "down", lambda: f"down: {told()}", 5 * SLOWED)
    assert next(each for each in server.rows("/api/feeds") if each["name"] == "synthetic")["reason"] == "its plugin was stopped"


async def test_plugins_ask_each_other(start_server, feed_of):
    server = start_server({"plugin": [ill("asker", "ask", parameters={"whom": "teller"}), ill("teller", "count", "process"),
                                      ill("lonely", "ask", parameters={"whom": "nobody"})]})
    for name in ("asker", "teller", "lonely"):
        await listening(server, name)
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.asker", "signal.lonely")
        with feed_of(server) as feed:
            feed.trade("X")
            (told,) = await client.updates("signal.asker", 1)
            assert told["data"]["value"]["to"] == "asker" and told["data"]["value"]["question"] == {"seq": 1}
            (told,) = await client.updates("signal.lonely", 1)
            assert told["data"]["error"] == "there is no plugin nobody that runs"


async def test_a_python_process_makes_a_signal_of_the_egress(start_server, feed_of):
    import subprocess
    import sys
    from harness.server import ROOT

    server = start_server({"egress": {"endpoint": "tcp://127.0.0.1:0"}})
    program = subprocess.Popen([sys.executable, str(ROOT / "plugins/examples/python/momentum.py"), "X", "--window", "2",
                                "--egress", server.started["egress"], "--service", server.started["service_pull"]])
    try:
        async with await Client.open(server.ws) as client:
            await client.subscribe("signal.momentum.X")
            await until(lambda: server.metric("tickcast_egress_subscriptions") == 1, "its subscription")
            with feed_of(server) as feed:
                for price in ("100", "101", "102", "101"):
                    feed.trade("X", price=price)
                first, second = await client.updates("signal.momentum.X", 2)
            assert abs(float(first["data"]["momentum"]) - 0.02) < 1e-12 and float(second["data"]["momentum"]) == 0
            assert program.poll() is None
    finally:
        program.kill()
        program.wait()


async def test_new_plugin_writes_one_that_builds_passes_and_runs(start_server, feed_of, tmp_path):
    """From nothing to a running signal, out of the tree: install the package, write a plugin, test it, load it."""
    import subprocess
    from harness.server import ROOT

    def run(*command):
        done = subprocess.run([str(word) for word in command], cwd=tmp_path, capture_output=True, text=True, timeout=110)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    run("cmake", "--install", BUILD, "--component", "plugins", "--prefix", tmp_path / "installed")
    run(tmp_path / "installed/bin/tickcast-new-plugin", "large_trades", tmp_path / "mine")
    run("cmake", "-S", "mine", "-B", "out", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={tmp_path / 'installed'}")
    run("cmake", "--build", "out")
    assert "100% tests passed" in run("ctest", "--test-dir", "out")
    server = start_server({"plugin": [plugin("mine", tmp_path / "out/large_trades.so",
                                             parameters={"symbol": "X", "size": "10"})]})
    entry = await in_state(server, "mine", "running", "failed")
    assert entry["state"] == "running", entry["last_error"]
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.large_trades")
        with feed_of(server) as feed:
            feed.trade("X", size="10.5")
            (signal,) = await client.updates("signal.large_trades", 1)
    assert float(signal["data"]["size"]) == 10.5


async def test_a_caf_behavior_is_a_plugin_too_and_fails_like_one(start_server, feed_of):
    library = BUILD / "tests" / "plugins" / "caf_sum_plugin.so"
    server = start_server({"plugin": [plugin("sum", library, budget_restarts=1),
                                      plugin("away", library, isolation="process", budget_restarts=0)]})
    assert "only on a thread of the server" in (await in_state(server, "away", "failed"))["last_error"]
    await listening(server, "sum")
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.sum")
        with feed_of(server) as feed:
            feed.trades("X", 50)
            updates = await client.updates("signal.sum", 50)
            assert [update["data"]["total"] for update in updates] == list(range(1, 51))
            feed.trade("X", price="13")
            await until(lambda: plugins(server)["sum"]["restarts"] == 1, "the restart")
            assert plugins(server)["sum"]["last_error"] == "a price of 13"
            await in_state(server, "sum", "running")
            await until(lambda: plugins(server)["sum"]["subscriptions"], "it listens again")
            await until(lambda: plugins(server)["sum"]["handled"] >= 53, "its history")
            feed.trade("X")
            assert (await client.updates("signal.sum", 51))[50]["data"]["total"] == 1
    assert server.stop() == 0


async def test_plugins_are_loaded_reloaded_with_their_state_and_unloaded_while_the_server_runs(start_server, feed_of):
    server = start_server()
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.late")
        with feed_of(server) as feed:
            answer = server.act("/api/plugins/load", {"name": "late", "library": str(ILL[0]), "parameters": {"nth": 3}})
            assert answer.status == 200, answer.text
            await listening(server, "late")
            feed.trades("X", 20)
            await client.updates("signal.late", 20)
            refusal = server.act("/api/plugins/late/reload", {"library": str(DOCTORED)})
            assert refusal.status == 409 and "its compiler is gcc 4.8" in refusal.json["error"]["message"]
            for number in range(10):  # trades go on while the versions change, and none is lost or seen twice
                feed.trade("X")
                if number == 5:
                    assert server.act("/api/plugins/late/reload", {"library": str(ILL[1])}).status == 200
            updates = await client.updates("signal.late", 30)
            assert [update["data"]["seen"] for update in updates] == list(range(1, 31))
            assert [update["data"]["seq"] for update in updates] == list(range(1, 31))
            assert {update["data"]["version"] for update in updates} == {"1", "2"}
            entry = plugins(server)["late"]
            assert entry["version"] == "2" and entry["library"] == str(ILL[1]) and entry["restarts"] == 0
            assert entry["subscriptions"] == ["trade.X"]
            assert server.act("/api/plugins/late/unload").status == 200
            assert plugins(server) == {}
            assert server.act("/api/plugins/late/unload").status == 409
            feed.trade("X")
            assert server.act("/api/plugins/load", {"name": "late", "library": str(ILL[0])}).status == 200
    assert server.act("/api/plugins/load", {"name": "a b", "library": "x"}).status == 400
    assert server.act("/api/plugins/load", {"name": "c"}).status == 400
    refusal = server.act("/api/plugins/load", {"name": "c", "library": "/nowhere.so"})
    assert refusal.status == 409 and "there is no library" in refusal.json["error"]["message"]
    actions = [(row["action"], row["target"]) for row in server.rows("/api/audit")]
    assert any(action == "load" for action, _ in actions) and any(action == "reload" for action, _ in actions)


async def test_the_overview_names_the_plugins_that_need_a_person(start_server, feed_of):
    server = start_server({"plugin": [plugin("gone", "/nowhere.so"), ill("slow", "sleep", budget_stuck_ms=60000)]})
    await in_state(server, "gone", "failed")
    await listening(server, "slow")
    with feed_of(server) as feed:
        feed.trade("X")
        await in_state(server, "slow", "stuck")
        codes = {entry["code"]: entry["target"] for entry in server.ask("/api/overview").json["attention"]}
        assert codes["plugin_failed"] == "gone" and codes["plugin_stuck"] == "slow"


async def test_a_process_hands_its_state_over_too(start_server, feed_of):
    server = start_server({"plugin": [ill("away", "count", "process")]})
    await listening(server, "away")
    async with await Client.open(server.ws) as client:
        await client.subscribe("signal.away")
        with feed_of(server) as feed:
            for number in range(300):
                feed.trade("X")
                if number == 150:
                    assert server.act("/api/plugins/away/reload", {"library": str(ILL[1])}).status == 200
            updates = await client.updates("signal.away", 300)
    assert [update["data"]["seen"] for update in updates] == list(range(1, 301))
    assert updates[-1]["data"]["version"] == "2"
