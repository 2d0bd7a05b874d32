"""How a feed is, seen from outside: its topic, the snapshots of its symbols, `/api/topics`, `/api/feeds`, `tickcast topics` and `feeds`, metrics."""
import time

import pytest
import zmq

from harness.client import Client
from harness.feed import Publisher, curve_client, curve_keys, curve_server
from harness.server import ANY_PORT, SLOWED
from harness.waiting import until


def states_of(client, feed):
    """All states that the topic of a feed has told, in order."""
    frames = client.topic(f"feed.{feed}").frames
    told = [frame["data"] if frame["type"] == "update" else frame["data"].get("last") for frame in frames]
    return [data["state"] for data in told if data]


def last_told(client, feed):
    frame = client.topic(f"feed.{feed}").frames[-1]
    return frame["data"] if frame["type"] == "update" else frame["data"]["last"]


def feed_row(server, name):
    return next(row for row in server.rows("/api/feeds") if row["name"] == name)


def state_in_metrics(server, feed):
    """The one state whose gauge is 1."""
    up = [dict(labels)["state"] for (name, labels), value in server.metrics().items()
          if name == "tickcast_feed_state" and dict(labels)["feed"] == feed and value == 1]
    assert len(up) == 1, up
    return up[0]


def pull_feed(name, **options):
    return {"name": name, "kind": "zmq-pull", "endpoint": ANY_PORT, **options}


async def state(client, feed, wanted, within=10):
    await until(lambda: states_of(client, feed)[-1:] == [wanted],
                lambda: f"{feed} {wanted}: {states_of(client, feed)}", within * SLOWED)


async def live(client, feed, send):
    """Sends until the feed is live."""
    def is_live():
        send()
        return states_of(client, feed)[-1:] == ["live"]
    await until(is_live, lambda: f"{feed} live: {states_of(client, feed)}")


async def test_an_endpoint_that_goes_and_comes_back_is_down_and_live_again_for_everybody_who_looks(start_server, tickcast):
    with Publisher() as publisher:
        endpoint = publisher.endpoint
        server = start_server({"feed": [{"name": "market", "kind": "zmq-sub", "endpoint": endpoint, "stale_ms": 1500}]})
        async with await Client.open(server.ws) as client:
            await client.subscribe("feed.market", "trade.X")
            publisher.await_subscriber()
            await live(client, "market", lambda: publisher.trade("X"))
            assert server.metric("tickcast_feed_peers", feed="market") == 1
            publisher.socket.close()

            await state(client, "market", "down")
            told = last_told(client, "market")
            assert told["peers"] == 0 and endpoint in told["reason"]
            assert abs(told["since"] / 1e6 - time.time()) < 5 * SLOWED
            assert state_in_metrics(server, "market") == "down"
            assert server.metric("tickcast_feed_peers", feed="market") == 0
            assert server.topics()["trade.X"]["state"] == "down"
            access = ("--admin", server.admin, "--token-file", server.started["admin_tokens"])
            for command, row in (("topics", "trade.X"), ("feeds", "market")):
                printed = tickcast(command, *access)
                assert any(row in line and "down" in line for line in printed.stdout.splitlines()), printed
            async with await Client.open(server.ws) as later:
                await later.subscribe("trade.X")
                assert later.topic("trade.X").snapshots[0]["data"]["feed"]["state"] == "down"

            await until(lambda: server.metric("tickcast_feed_connect_retries_total", feed="market") >= 2, "retries")
            await until(lambda: server.metric("tickcast_feed_silence_seconds", feed="market") > 1.5, "silence")
            assert states_of(client, "market")[-1] == "down", "and not stale: why is known"
            with Publisher(endpoint=endpoint) as successor:
                successor.await_subscriber(10 * SLOWED)
                await live(client, "market", lambda: successor.trade("X"))
                assert server.metric("tickcast_feed_connects_total", feed="market") == 2
                assert server.metric("tickcast_feed_restarts_total", feed="market") == 0
                row = feed_row(server, "market")
                assert (row["state"], row["peers"], row["last_peer"]) == ("live", 1, endpoint)
            seqs = [frame["seq"] for frame in client.topic("trade.X").updates]
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
            told = states_of(client, "market")
            assert all(a != b for a, b in zip(told, told[1:])), told


async def test_a_feed_that_connects_to_nobody_is_down(start_server):
    server = start_server({"feed": [{"name": "market", "kind": "zmq-sub", "endpoint": "tcp://127.0.0.1:1"}]})
    async with await Client.open(server.ws) as client:
        await client.subscribe("feed.market")
        await state(client, "market", "down")


async def test_a_pull_feed_whose_senders_all_left_is_down_and_one_that_never_had_any_is_not(start_server, feed_of):
    server = start_server({"feed": [pull_feed("pull"), pull_feed("other")]})
    async with await Client.open(server.ws) as client:
        await client.subscribe("feed.pull", "feed.other")
        with feed_of(server) as one:
            await live(client, "pull", lambda: one.trade("X"))
            with feed_of(server) as two:
                two.trade("X")
                await until(lambda: server.metric("tickcast_feed_peers", feed="pull") == 2, "both senders")
            await until(lambda: server.metric("tickcast_feed_peers", feed="pull") == 1, "one sender")
            await live(client, "pull", lambda: one.trade("X"))
        await state(client, "pull", "down")
        assert states_of(client, "other") == ["none"]


async def test_backends_that_come_and_go_leave_the_service_as_it_was(server, tickcast):
    assert tickcast("publish", "monitor.m", "1", "--to", server.started["service_pull"]).returncode == 0
    await until(lambda: server.metric("tickcast_feed_disconnects_total", feed="service") >= 1, "the backend's leave")
    async with await Client.open(server.ws) as client:
        await client.subscribe("feed.service")
        await state(client, "service", "live")


async def test_with_curve_a_peer_without_the_right_key_is_none(start_server):
    server_public, server_secret = curve_keys()
    public, secret = curve_keys()
    with Publisher(curve=curve_server(server_secret)) as publisher:
        def feed(key):
            return {"name": "market", "kind": "zmq-sub", "endpoint": publisher.endpoint, "curve_server_key": key,
                    "curve_secret_key": secret}
        wrong = start_server({"feed": [feed(public)]})
        right = start_server({"feed": [feed(server_public)]})
        async with await Client.open(wrong.ws) as refused, await Client.open(right.ws) as taken:
            await refused.subscribe("feed.market")
            await taken.subscribe("feed.market")
            await live(taken, "market", lambda: publisher.trade("X"))
            await state(refused, "market", "down")
            assert wrong.metric("tickcast_feed_peers", feed="market") == 0


async def test_outside_its_hours_a_silent_feed_is_not_stale(start_server, feed_of):
    closed = time.strftime("%a", time.gmtime(time.time() + 3 * 86400))
    server = start_server({"feed": [pull_feed("pull", stale_ms=300),
                                    pull_feed("closed", stale_ms=300, sessions=f"{closed} 0000-0001 UTC")]})
    with feed_of(server) as pull, feed_of(server, "closed") as other:
        async with await Client.open(server.ws) as client:
            await client.subscribe("feed.pull", "feed.closed")
            pull.trade("X")
            other.trade("Y")
            await state(client, "pull", "stale")
            await state(client, "closed", "live")
            assert server.metric("tickcast_feed_in_session", feed="closed") == 0
            assert "stale" not in states_of(client, "closed")


def test_hours_that_cannot_be_read_are_a_fault_with_a_sentence(tickcast, tmp_path):
    file = tmp_path / "tickcast.toml"
    for hours, sentence in (("0930-1600 America/Springfield", "no time zone"), ("0930-16:00 UTC", "0930-1600")):
        file.write_text(f'[[feed]]\nname = "a"\nkind = "zmq-pull"\nendpoint = "tcp://127.0.0.1:0"\nsessions = "{hours}"\n')
        checked = tickcast("check", "--config", file)
        assert checked.returncode != 0 and sentence in checked.stderr, checked.stderr


async def test_a_silent_symbol_of_a_live_feed_is_stale_until_it_speaks(start_server, feed_of):
    server = start_server({"feed": [pull_feed("pull", symbol_stale_ms=1000)]})
    with feed_of(server) as feed:
        async with await Client.open(server.ws) as client:
            feed.trade("X")
            await client.subscribe("trade.X", "trade.Y")

            def is_stale(topic):
                feed.trade("Y")
                return client.topic(topic).snapshots[-1]["data"].get("feed", {}).get("symbol_stale", False)
            await until(lambda: is_stale("trade.X"), "X stale")
            assert not is_stale("trade.Y")
            assert server.topics()["trade.X"]["state"] == "stale"
            assert server.metric("tickcast_feed_stale_symbols", feed="pull") == 1
            feed.trade("X")
            await until(lambda: not is_stale("trade.X"), "X heard again")
            assert client.topic("trade.X").seq == 2


async def test_an_operator_suspends_a_feed_over_its_restarts_and_resumes_it(start_server, feed_of):
    server = start_server({"debug": {"fault": "X"}, "feed": [pull_feed("pull")]})
    with feed_of(server) as feed:
        async with await Client.open(server.ws) as client:
            await client.subscribe("feed.pull", "trade.Y")
            await live(client, "pull", lambda: feed.trade("Y"))
            assert server.act("/api/feeds/pull/suspend").status == 200
            await state(client, "pull", "down")
            assert last_told(client, "pull")["reason"].startswith("suspended by ")
            assert server.metric("tickcast_feed_suspended", feed="pull") == 1
            actor = next(row["id"] for row in server.rows("/api/actors?kind=feed") if row["name"] == "pull")
            assert server.act(f"/api/actors/{actor}/restart").status == 200
            await until(lambda: server.metric("tickcast_feed_restarts_total", feed="pull") == 1, "the restart")
            await state(client, "pull", "down")
            last = feed.trades("Y", 3)[-1]["id"]
            assert feed_row(server, "pull")["suspended"] is True
            assert client.topic("trade.Y").updates[-1]["data"]["id"] < last
            assert server.act("/api/feeds/pull/resume").status == 200
            await until(lambda: client.topic("trade.Y").updates[-1]["data"]["id"] == last, "what was sent meanwhile")
            await state(client, "pull", "live")
            assert server.act("/api/feeds/nobody/suspend").status == 404


STRATEGIES = [(strategy, killed) for strategy in ("one_for_all", "rest_for_one", "one_for_one")
              for killed in ("a", "b", "c")]


@pytest.mark.parametrize(("strategy", "killed"), STRATEGIES, ids=lambda value: value)
async def test_a_group_restarts_its_feeds_by_its_strategy(start_server, feed_of, strategy, killed):
    server = start_server({"debug": {"fault": "X"}, "feed_group": [{"name": "desk", "strategy": strategy}],
                           "feed": [pull_feed(name, group="desk") for name in "abc"] + [pull_feed("pull")]})
    restarted = {"one_for_all": "abc", "rest_for_one": "abc"["abc".index(killed):], "one_for_one": killed}[strategy]
    senders = {name: feed_of(server, name) for name in ("a", "b", "c", "pull")}
    async with await Client.open(server.ws) as client:
        await client.subscribe(*(f"feed.{name}" for name in senders))
        for name, sender in senders.items():
            await live(client, name, lambda: sender.trade(name.upper()))
        heard = {name: len(states_of(client, name)) for name in senders}
        senders[killed].trade("X", price="0")
        for name in restarted:
            await until(lambda: server.metric("tickcast_feed_restarts_total", feed=name) == 1, f"{name} restarted")
            await live(client, name, lambda: senders[name].trade(name.upper()))
        for name in senders:
            told = states_of(client, name)[heard[name]:]
            expected = ["down", "restarting", "live"] if name in restarted else []
            assert told == expected, name
            assert server.metric("tickcast_feed_restarts_total", feed=name) == (name in restarted)
    for sender in senders.values():
        sender.socket.close()


async def test_a_group_that_keeps_failing_is_started_again_and_disturbs_no_other_feed(start_server, feed_of):
    server = start_server({"debug": {"fault": "X"}, "feed_group": [{"name": "desk", "strategy": "one_for_all"}],
                           "feed": [pull_feed("a", group="desk"), pull_feed("b", group="desk"), pull_feed("pull")]})
    with feed_of(server, "a") as bad, feed_of(server) as good:
        async with await Client.open(server.ws) as client:
            await client.subscribe("feed.a", "feed.pull")
            await live(client, "pull", lambda: good.trade("Y"))
            bad.trades("X", 4, price="0")
            await until(lambda: server.metric("tickcast_feed_restarts_total", feed="a") >= 4, "four restarts", 30)
            await live(client, "a", lambda: bad.trade("A"))
            assert server.metric("tickcast_feed_restarts_total", feed="pull") == 0
