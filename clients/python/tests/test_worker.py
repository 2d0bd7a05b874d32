"""Workers: claims, leases, answers, bounds, ends."""
import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import tickcast
from fake_server import FakeServer, Refusal, until
from tickcast import aio


@pytest.fixture
def worker(fake):
    """A worker with a few handlers that runs in the background."""
    found = tickcast.Worker(fake.endpoint, name="orders-1", threads=4, limit=8, grace=2)
    found.gate = threading.Event()

    @found.on("order.place")
    def place(call):
        return {"user": call.user, "name": call.name, "groups": list(call.groups), "client": call.client,
                "data": call.data}

    @found.on("order.refuse")
    def refuse(call):
        raise tickcast.CallError(1001, "not enough margin", {"missing": 5})

    @found.on("order.fail")
    def fail(call):
        raise RuntimeError("a secret")

    @found.on("order.wait")
    def wait(call):
        found.gate.wait(10)
        return {"waited": True}

    @found.on("order.odd")
    def odd(call):
        return {"this": object()}

    @found.on("order.quick", "order.quicker")
    async def quick(call):
        await asyncio.sleep(0)
        return call.type

    with found:
        yield found
        found.gate.set()


def test_it_claims_its_types_and_answers(fake, worker):
    assert fake.of("claim")[0]["data"] == {"name": "orders-1", "types": sorted([
        "order.place", "order.refuse", "order.fail", "order.wait", "order.odd", "order.quick", "order.quicker"])}
    fake.call("order.place", "c1", user="42", name="Ann", groups=["desk"], client="k3f", data={"n": 1})
    assert fake.answer_of("c1") == {"type": "answer", "id": "c1", "data": {
        "user": "42", "name": "Ann", "groups": ["desk"], "client": "k3f", "data": {"n": 1}}}
    fake.call("order.place", "c2", client="k4", data=None)
    assert fake.answer_of("c2")["data"] == {"user": None, "name": "", "groups": [], "client": "k4", "data": None}


def test_a_refusal_and_a_failure_are_told_apart_and_no_secret_leaves(fake, worker, caplog):
    fake.call("order.refuse", "c1", client="k")
    assert fake.answer_of("c1") == {"type": "answer", "id": "c1", "error": {
        "code": 1001, "message": "not enough margin", "data": {"missing": 5}}}
    fake.call("order.fail", "c2", client="k")
    assert fake.answer_of("c2")["error"] == {"code": 1500, "message": "the backend failed"}
    fake.call("order.odd", "c3", client="k")
    assert fake.answer_of("c3")["error"]["code"] == 1500
    assert "a secret" in caplog.text


def test_coroutines_are_handlers_too(fake, worker):
    fake.call("order.quicker", "c1", client="k")
    assert fake.answer_of("c1")["data"] == "order.quicker"


def test_a_call_without_id_is_done_and_not_answered(fake, worker):
    fake.call("order.place", client="k", data={})
    fake.call("order.place", "c2", client="k", data={})
    fake.answer_of("c2")
    assert len(fake.of("answer")) == 1


def test_calls_beyond_the_limit_are_refused_at_once(fake, worker):
    for n in range(8):
        fake.call("order.wait", f"c{n}", client="k")
    fake.call("order.wait", "late", client="k")
    assert fake.answer_of("late")["error"]["code"] == 1503
    assert worker.refused == 1
    worker.gate.set()
    for n in range(8):
        assert fake.answer_of(f"c{n}")["data"] == {"waited": True}
    assert len(fake.of("answer")) == 9 == worker.answered


def test_what_is_no_call_disturbs_nobody(fake, worker):
    fake.call("order.place", "c1", client="k")
    fake.answer_of("c1")
    peer, encode = fake.claims["order.place"]
    for rubbish in ({"type": "call", "id": "x"}, {"type": "call", "id": "y", "data": {"type": "order.unknown"}},
                    {"type": "call", "data": []}, {"type": "reply", "id": 999}, {"odd": 1}, [], 7):
        fake._outgoing.append([peer, encode(rubbish)])
    fake._outgoing.append([peer, b"rubbish"])
    fake.call("order.place", "c2", client="k")
    assert fake.answer_of("c2")["data"]["client"] == "k"
    assert len(fake.of("answer")) == 2


def test_the_lease_is_renewed():
    with FakeServer(lease_ms=150) as fake:
        worker = tickcast.Worker(fake.endpoint)
        worker.on("a.b")(lambda call: {})
        with worker:
            started = time.monotonic()
            until(lambda: len(fake.of("ping")) >= 6, "pings come")
            assert time.monotonic() - started < 2
            until(lambda: len(fake.of("claim")) >= 2, "the claim is said again, in case the server has lost it")


def test_it_claims_again_after_a_restart_and_drops_old_answers(fake, worker, caplog):
    fake.call("order.wait", "c1", client="k")
    fake.call("order.place", "c0", client="k")
    fake.answer_of("c0")
    with caplog.at_level(logging.WARNING):
        fake.stop()
        fake.start()
        until(lambda: len(fake.of("claim")) == 2, "it has claimed again")
        worker.gate.set()
        fake.call("order.place", "c2", client="k")
        fake.answer_of("c2")
        until(lambda: "error 113" in caplog.text, "the old answer is told to be late")
    assert [message["id"] for message in fake.of("answer")] == ["c0", "c2"]


def test_a_server_that_comes_late_is_waited_for():
    with FakeServer() as fake:
        pass
    worker = tickcast.Worker(fake.endpoint)
    worker.on("a.b")(lambda call: {"done": 1})
    thread = threading.Thread(target=lambda: worker.run(signals=False))
    thread.start()
    time.sleep(0.2)
    with fake:
        fake.start()
        fake.call("a.b", "c1", client="k")
        assert fake.answer_of("c1")["data"] == {"done": 1}
        worker.stop()
        thread.join(5)
        assert not thread.is_alive()


def test_a_claim_that_is_refused_for_good_is_raised(fake):
    def refuse(message):
        raise Refusal(103, "a plugin has it")
    fake.answers["claim"] = refuse
    worker = tickcast.Worker(fake.endpoint)
    worker.on("a.b")(lambda call: {})
    with pytest.raises(tickcast.PermissionDenied, match="a plugin has it"):
        worker.start()
    with pytest.raises(tickcast.PermissionDenied):
        tickcast.Worker.run(_one(fake), signals=False)


def _one(fake):
    worker = tickcast.Worker(fake.endpoint)
    worker.on("a.b")(lambda call: {})
    return worker


def test_a_worker_that_ends_keeps_its_lease_until_the_last_answer():
    with FakeServer(lease_ms=150) as fake:
        worker, gate = tickcast.Worker(fake.endpoint), threading.Event()
        worker.on("a.b")(lambda call: gate.wait(10))
        worker.start()
        fake.call("a.b", "c1", client="k")
        until(lambda: worker._worker.open_calls == 1, "the call is open")
        ending = threading.Thread(target=worker.stop)
        ending.start()
        until(lambda: fake.of("unclaim"), "the types are given back")
        before = len(fake.of("ping"))
        until(lambda: len(fake.of("ping")) >= before + 4, "it still says that it lives")
        gate.set()
        assert fake.answer_of("c1")["data"] is True
        ending.join()


def test_at_the_end_it_gives_back_its_types_and_finishes_what_is_open(fake, worker):
    fake.call("order.wait", "c1", client="k")
    until(lambda: worker._worker.open_calls == 1, "the call is open")
    threading.Timer(0.3, worker.gate.set).start()
    worker.stop()
    assert fake.of("unclaim")[0]["data"] == {}
    assert fake.answer_of("c1")["data"] == {"waited": True}
    order = [message["type"] for message in fake.messages if message["type"] in ("unclaim", "answer")]
    assert order == ["unclaim", "answer"]


async def test_asyncio_worker_answers_many_at_once(fake):
    worker = aio.Worker(fake.endpoint, limit=100)

    @worker.on("a.b")
    async def slow(call):
        await asyncio.sleep(0.2)
        return {"n": call.data}
    running = asyncio.ensure_future(worker.run())
    await worker.claimed()
    started = time.monotonic()
    for n in range(50):
        fake.call("a.b", f"c{n}", client="k", data=n)
    while len(fake.of("answer")) < 50:
        await asyncio.sleep(0.01)
    assert time.monotonic() - started < 2
    assert {message["id"]: message["data"]["n"] for message in fake.of("answer")} == {f"c{n}": n for n in range(50)}
    worker.stop()
    await running


@pytest.mark.parametrize("type", ["", "a b", "x" * 65, "a/b"])
def test_what_is_no_type_is_refused(type):
    with pytest.raises(ValueError, match="is no type"):
        tickcast.Worker().on(type)


def test_two_handlers_of_a_type_and_none_at_all_are_refused():
    worker = tickcast.Worker()
    worker.on("a.b")(lambda call: {})
    with pytest.raises(ValueError, match="already"):
        worker.on("a.b")
    with pytest.raises(ValueError, match="no handlers"):
        tickcast.Worker().run(signals=False)
    with pytest.raises(ValueError, match="1000 to 65535"):
        tickcast.CallError(999, "x")


def test_sigterm_ends_a_program_in_order(fake):
    program = ("import sys, tickcast\nw = tickcast.Worker(sys.argv[1])\n"
               "w.on('a.b')(lambda call: {})\nw.run()\nprint('ended')\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(tickcast.__file__).parents[1])}
    with subprocess.Popen([sys.executable, "-c", program, fake.endpoint], env=environment, stdout=subprocess.PIPE,
                          text=True) as process:
        fake.call("a.b", "c1", client="k")
        fake.answer_of("c1")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[0] == "ended\n" and process.returncode == 0
    assert fake.of("unclaim")
