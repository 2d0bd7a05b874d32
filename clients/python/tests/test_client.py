"""Errors, second tries, time-outs, reconnecting, threads: the same over the sync client and asyncio's."""
import asyncio
import os
import threading
import time

import pytest
import zmq

import tickcast
from fake_server import FakeServer, Refusal, until
from tickcast import aio


def refusing(*refusals, then=None):
    """An answer that refuses once each, then gives `then`."""
    left = list(refusals)

    def answer(_):
        if left:
            raise left.pop(0)
        return then or {}
    return answer


@pytest.mark.parametrize("code, kind", [
    (101, tickcast.Unauthorized), (102, tickcast.UnknownTopic), (103, tickcast.PermissionDenied),
    (104, tickcast.NotAvailable), (106, tickcast.LimitExceeded), (107, tickcast.BadRequest),
    (108, tickcast.NotAvailable), (112, tickcast.Conflict), (113, tickcast.NoAnswer), (999, tickcast.TickcastError)])
def test_a_refusal_is_an_exception_of_its_kind_and_is_not_tried_again(fake, code, kind):
    fake.answers["publish"] = refusing(Refusal(code, "say it otherwise"))
    with tickcast.Client(fake.endpoint) as client, pytest.raises(kind) as caught:
        client.publish("a.b", {})
    assert (caught.value.code, caught.value.message, caught.value.temporary) == (code, "say it otherwise", False)
    assert len(fake.messages) == 1


def test_a_temporary_error_is_tried_again_with_the_same_key(fake):
    fake.answers["push_user"] = refusing(Refusal(111, temporary=True), Refusal(100, temporary=True), then={"users": 1})
    with tickcast.Client(fake.endpoint) as client:
        assert client.push_user(42, "fill", {}).users == 1
    assert len(fake.messages) == 3
    assert len({message["idempotency_key"] for message in fake.messages}) == 1
    assert len({message["id"] for message in fake.messages}) == 3


def test_two_commands_have_two_keys_and_a_given_key_is_kept(fake):
    fake.answers["broadcast"] = lambda message: {}
    with tickcast.Client(fake.endpoint) as client:
        client.broadcast("a", 1)
        client.broadcast("a", 1)
        client.broadcast("a", 1, idempotency_key="mine")
    keys = [message["idempotency_key"] for message in fake.messages]
    assert len(set(keys)) == 3 and keys[2] == "mine"


def test_a_temporary_error_that_stays_is_raised_with_the_key_in_time(fake):
    fake.answers["publish"] = refusing(*[Refusal(111, "busy", True)] * 1000)
    started = time.monotonic()
    with tickcast.Client(fake.endpoint, timeout=0.5) as client, pytest.raises(tickcast.TooManyRequests) as caught:
        client.publish("a.b", {})
    assert time.monotonic() - started < 2
    assert caught.value.idempotency_key == fake.messages[0]["idempotency_key"]


def test_a_server_that_does_not_answer_is_a_time_out(fake):
    with tickcast.Client(fake.endpoint) as client, pytest.raises(tickcast.Timeout) as caught:
        client.publish("a.b", {}, timeout=0.2)
    assert isinstance(caught.value, TimeoutError) and caught.value.temporary


def test_a_server_that_is_not_there_says_so_in_time():
    with tickcast.Client("tcp://127.0.0.1:1") as client, pytest.raises(tickcast.Disconnected, match="nobody listens"):
        client.get_quote("B", timeout=0.3)


def test_an_answer_lost_with_the_connection_is_asked_for_again_at_once(fake):
    with tickcast.Client(fake.endpoint, timeout=8) as client:
        results = []
        thread = threading.Thread(target=lambda: results.append(client.push_user(42, "fill", {})))
        thread.start()
        until(lambda: fake.of("push_user"), "the command is there")
        fake.stop()
        fake.answers["push_user"] = lambda message: {"users": 1, "connections": 1}
        broke = time.monotonic()
        fake.start()
        thread.join(8)
        assert time.monotonic() - broke < 2
    assert results and results[0].users == 1
    assert len(fake.messages) == 2 and len({message["idempotency_key"] for message in fake.messages}) == 1


def test_a_connection_that_breaks_is_no_time_out():
    server = FakeServer()
    threading.Thread(target=lambda: until(lambda: server.messages, "the question") and server.stop()).start()
    with tickcast.Client(server.endpoint) as client, pytest.raises(tickcast.Disconnected):
        client.stats(timeout=1)


def test_what_is_no_answer_is_told(fake):
    fake.answers["users"] = lambda message: {"users": 7}
    with tickcast.Client(fake.endpoint) as client, pytest.raises(tickcast.ProtocolError, match="users"):
        client.users()


def test_threads_share_a_connection_and_get_their_own_answers(fake):
    fake.answers["publish"] = lambda message: {"topic": message["data"]["topic"], "epoch": "k", "seq": 1}
    wrong = []
    with tickcast.Client(fake.endpoint) as client:
        def work(name):
            for _ in range(50):
                if client.publish(f"a.{name}", {}).topic != f"a.{name}":
                    wrong.append(name)
        threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(fake.messages) == 400 and not wrong


async def test_answers_of_many_at_once_find_their_askers(fake):
    fake.answers["publish"] = lambda message: {"topic": message["data"]["topic"]}
    async with aio.Client(fake.endpoint) as client:
        found = await asyncio.gather(*(client.publish(f"a.{n}", {}) for n in range(500)))
    assert [each.topic for each in found] == [f"a.{n}" for n in range(500)]


async def test_no_more_than_128_are_under_way(fake):
    async with aio.Client(fake.endpoint, timeout=0.5) as client:
        results = await asyncio.gather(*(client.stats() for _ in range(200)), return_exceptions=True)
    assert len(fake.messages) == 128
    assert all(isinstance(each, tickcast.Timeout) for each in results)


async def test_a_request_that_is_cancelled_leaves_nothing_behind(fake):
    async with aio.Client(fake.endpoint) as client:
        task = asyncio.ensure_future(client.stats())
        while not fake.messages:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not client._waiting
        fake.answers["stats"] = lambda message: {"n": 1}
        assert await client.stats() == {"n": 1}


def test_closing_ends_what_is_under_way(fake):
    client = tickcast.Client(fake.endpoint)
    caught = []

    def ask():
        try:
            client.stats()
        except tickcast.TickcastError as error:
            caught.append(error)
    threads = [threading.Thread(target=ask, daemon=True) for _ in range(20)]
    for thread in threads:
        thread.start()
    until(lambda: len(fake.messages) == 20, "the questions are there")
    client.close()
    for thread in threads:
        thread.join(5)
    assert [type(error) for error in caught] == [tickcast.Closed] * 20
    with pytest.raises(tickcast.Closed):
        client.stats()


def test_a_child_of_a_fork_asks_over_a_connection_of_its_own(fake):
    fake.answers["stats"] = lambda message: {"pid": message["src"]}
    with tickcast.Client(fake.endpoint, source="parent") as client:
        assert client.stats() == {"pid": "parent"}
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if client.stats(timeout=5) == {"pid": "parent"} else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert client.stats() == {"pid": "parent"}


def test_curve_lets_in_and_a_wrong_key_is_told():
    public, secret = zmq.curve_keypair()
    mine, my_secret = tickcast.Curve.make_pair()
    with FakeServer(curve_secret=secret.decode()) as fake:
        fake.answers["stats"] = lambda message: {"n": 1}
        with tickcast.Client(fake.endpoint, curve={"server_key": public.decode(), "secret_key": my_secret}) as client:
            assert client.stats() == {"n": 1}
        wrong = tickcast.Curve(mine, mine, my_secret)
        with tickcast.Client(fake.endpoint, curve=wrong) as client, pytest.raises(tickcast.Disconnected):
            client.stats(timeout=1)


@pytest.mark.parametrize("curve, word", [({"server_key": "x"}, "secret_key"), ({"colour": 1}, "colour")])
def test_curve_that_is_incomplete_is_refused(curve, word):
    with pytest.raises(ValueError, match=word):
        tickcast.Client(curve=curve)
