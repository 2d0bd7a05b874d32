"""Sending without waiting: what arrives at a PULL, and what becomes of what does not."""
import datetime
import logging
import os
import socket
import time
from decimal import Decimal

import pytest
import zmq

import tickcast
from fake_server import decoded
from tickcast import market

NOON = datetime.datetime(2024, 8, 8, 12, 0, 0, 123456, tzinfo=datetime.timezone.utc)
NOON_NS = 1_723_118_400_123_456_000


class Pull:
    """A PULL that gives the messages one by one."""

    def __init__(self):
        self.socket = zmq.Context.instance().socket(zmq.PULL)
        self.socket.setsockopt(zmq.RCVTIMEO, 5000)
        self.endpoint = f"tcp://127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"

    def next(self):
        return decoded(self.socket.recv())[0]


@pytest.fixture
def pull():
    found = Pull()
    yield found
    found.socket.close(0)


@pytest.fixture
def pusher(pull):
    with tickcast.Pusher(pull.endpoint) as found:
        yield found


@pytest.mark.parametrize("action, type, data", [
    (lambda p: p.publish("a.b", 1), "publish", {"topic": "a.b", "data": 1}),
    (lambda p: p.push_user([1, "2"], "k", {}, keep=False), "push_user",
     {"users": [1, "2"], "kind": "k", "data": {}, "keep": False}),
    (lambda p: p.push_group("g", "k", {}), "push_group", {"group": "g", "kind": "k", "data": {}}),
    (lambda p: p.broadcast("k", {}), "broadcast", {"kind": "k", "data": {}}),
    (lambda p: p.subscribe_user(1, "a.b"), "subscribe_user", {"user": 1, "topics": ["a.b"]}),
    (lambda p: p.unsubscribe_user(1, ["a.b"]), "unsubscribe_user", {"user": 1, "topics": ["a.b"]}),
    (lambda p: p.disconnect_user(1, reason="bye"), "disconnect_user", {"user": 1, "reason": "bye"}),
    (lambda p: p.refresh(1), "refresh", {"user": 1})])
def test_a_command_arrives_as_it_was_meant(pull, pusher, action, type, data):
    assert action(pusher) is True
    assert pull.next() == {"type": type, "src": "python", "data": data}


def test_feed_messages_keep_every_digit_and_time(pull, pusher):
    pusher.trade("B", Decimal("0.100000000000000001"), 3, NOON, side="buy", id=7)
    assert pull.next() == {"type": "trade", "symbol": "B", "time": NOON_NS, "price": "0.100000000000000001",
                           "size": "3", "side": "buy", "id": 7}
    pusher.quote("B", NOON_NS + 1, bid="1.50", bid_size=Decimal("1E+3"))
    assert pull.next() == {"type": "quote", "symbol": "B", "time": NOON_NS + 1, "bid": "1.50", "bid_size": "1000"}
    pusher.bar("B", "1m", NOON, 1, 2, 0.1, "1.5", 9, trades=4, closed=True)
    assert pull.next() == {"type": "bar", "symbol": "B", "interval": "1m", "time": NOON_NS, "open": "1", "high": "2",
                           "low": "0.1", "close": "1.5", "volume": "9", "trades": 4, "closed": True}


def test_many_feed_messages_are_one_message(pull, pusher):
    assert pusher.feed(*(market.trade("B", n, 1, n) for n in range(1, 4)))
    assert [message["price"] for message in pull.next()] == ["1", "2", "3"]
    pusher.feed(market.trade_cancel("B", 7, NOON_NS), market.trade_correct("B", 8, NOON_NS, "1.5", 2))
    assert [(each["type"], each.get("price")) for each in pull.next()] == [("trade_cancel", None),
                                                                           ("trade_correct", "1.5")]


@pytest.mark.parametrize("wrong", [
    lambda: market.trade("B", "abc", 1, 1), lambda: market.trade("B", Decimal("NaN"), 1, 1),
    lambda: market.trade("B", float("inf"), 1, 1), lambda: market.trade("B", 1, 1, 1.5),
    lambda: market.trade("B", True, 1, 1), lambda: market.trade("B", 1, 1, datetime.datetime(2024, 8, 8))])
def test_what_is_no_number_or_no_time_is_refused(wrong):
    with pytest.raises(ValueError):
        wrong()


def test_a_server_that_is_away_holds_nobody_up_and_drops_are_counted_and_told(caplog):
    with tickcast.Pusher("tcp://127.0.0.1:1", hwm=5, linger_ms=0) as pusher, caplog.at_level(logging.WARNING):
        started = time.monotonic()
        taken = [pusher.push_user(n, "k", {}) for n in range(1000)]
        assert time.monotonic() - started < 1
    assert taken == [True] * 5 + [False] * 995
    assert (pusher.sent, pusher.dropped) == (5, 995)
    assert len(caplog.records) == 1 and "127.0.0.1:1" in caplog.text


def test_what_waits_while_the_server_is_away_arrives_when_it_comes():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    with tickcast.Pusher(endpoint) as pusher:
        assert pusher.publish("a.b", 1)
        late = zmq.Context.instance().socket(zmq.PULL)
        late.setsockopt(zmq.RCVTIMEO, 5000)
        late.bind(endpoint)
        assert decoded(late.recv())[0]["type"] == "publish"
        late.close(0)


def test_a_child_of_a_fork_sends_by_itself(pull, pusher):
    pusher.publish("a.parent", 1)
    assert pull.next()["data"]["topic"] == "a.parent"
    child = os.fork()
    if child == 0:
        pusher.publish("a.child", 1)
        pusher.close()
        zmq.Context.instance().term()
        os._exit(0)
    assert pull.next()["data"]["topic"] == "a.child"
    assert os.waitpid(child, 0)[1] == 0
    pusher.publish("a.parent", 2)
    assert pull.next()["data"]["topic"] == "a.parent"


def test_a_closed_pusher_drops_and_says_so(pusher):
    pusher.close()
    assert pusher.publish("a.b", 1) is False and pusher.dropped == 1


def test_no_bound_is_refused():
    with pytest.raises(ValueError, match="bound"):
        tickcast.Pusher(hwm=0)
