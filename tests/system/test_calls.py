"""Calls: what users send to backends that have claimed its type, and how the answers come back."""
import asyncio
import threading

import pytest

from harness.backend import FORMS, Backend, Worker
from harness.client import Client, Refused
from harness.tokens import secret_file, token
from harness.waiting import until


@pytest.fixture
def start(start_server, tmp_path):
    def run(**more):
        return start_server({"auth": {"jwt": {"algorithms": ["HS256"], "secret_file": secret_file(tmp_path)}}, **more})
    return run


async def sign_in(server, user="42", encoding="json", **claims):
    client = await Client.open(server.ws, encoding)
    await client.command("connect", token=token(user, **claims))
    return client


async def refusal_of(client, type, **data):
    with pytest.raises(Refused) as refusal:
        await client.command(type, **data)
    return refusal.value


@pytest.mark.parametrize("form", FORMS)
async def test_a_call_goes_to_the_worker_and_its_answer_comes_back(start, encoding, form):
    server = start()

    def place(call):
        if call["data"]["qty"] > 10:
            return {"error": {"code": 1001, "message": "not enough margin", "data": {"limit": 10}}}
        return {"data": {"order": 7, "for": call["user"], "qty": call["data"]["qty"]}}

    with Worker(server, ["order.place"], place, form) as worker:
        assert worker.claim["data"] == {"lease_ms": 5000}
        async with await sign_in(server, encoding=encoding, name="Ann", groups=["desk"]) as client:
            assert await client.command("order.place", qty=3) == {"order": 7, "for": "42", "qty": 3}
            call = worker.calls[0]["data"]
            assert (call["type"], call["user"], call["name"], call["groups"]) == ("order.place", "42", "Ann", ["desk"])
            refusal = await refusal_of(client, "order.place", qty=11)
            assert (refusal.code, refusal.message, refusal.temporary) == (1001, "not enough margin", False)
            assert [f for f in client.frames if f["type"] == "error"][0]["data"]["data"] == {"limit": 10}
            unknown = await refusal_of(client, "order.cancel")
            assert unknown.code == 104 and "order.cancel" in unknown.message
    assert server.metric("tickcast_service_calls_total") == 2


async def test_anonymous_clients_are_told_apart_and_messages_without_id_get_no_answer(start):
    server = start()
    with Worker(server, ["note"], lambda call: {"data": {"user": call.get("user"), "client": call["client"]}}) as worker:
        async with await Client.open(server.ws) as one, await Client.open(server.ws) as two:
            first, second = await one.command("note"), await two.command("note")
            assert first["user"] is None and first["client"] != second["client"]
            assert (await one.command("note"))["client"] == first["client"]
            await one.send({"type": "note", "data": [1, 2]})
            await until(lambda: len(worker.calls) == 4, "the message")
            assert "id" not in worker.calls[3] and worker.calls[3]["data"]["data"] == [1, 2]
            await one.command("ping")
            assert not [f for f in one.frames if f["type"] == "error"]


async def test_a_user_stays_with_one_worker_as_long_as_it_lives(start):
    server = start(service={"lease_ms": 500})
    workers = [Worker(server, ["who"], lambda call, n=n: {"data": n}, name=f"w{n}", renew_s=0.1) for n in range(3)]
    for worker in workers:
        worker.__enter__()
    clients = [await sign_in(server, str(n)) for n in range(24)]
    first = [await client.command("who") for client in clients]
    assert [await client.command("who") for client in clients] == first
    assert set(first) == {0, 1, 2}
    async with await sign_in(server, "5") as second_device:
        assert await second_device.command("who") == first[5]
    # One dies: its users move, nobody else's.
    workers[1].stop()
    await until(lambda: server.metric("tickcast_service_workers") == 2, "the end of its lease")
    after = [await client.command("who") for client in clients]
    assert all(now == was for now, was in zip(after, first) if was != 1)
    assert 1 not in after
    for client in clients:
        await client.close()
    workers[0].stop()
    workers[2].stop()


async def test_a_worker_that_dies_with_calls_says_so_and_none_is_done_twice(start):
    server = start(service={"lease_ms": 400})
    release = threading.Event()
    done = []

    def slow(call):
        release.wait(10)
        done.append(call["data"]["n"])

    with Worker(server, ["slow"], slow, renew_s=0.1) as ill, \
            Worker(server, ["quick"], lambda call: {"data": "ok"}, renew_s=0.1) as well:
        async with await sign_in(server) as client:
            calls = [asyncio.ensure_future(refusal_of(client, "slow", n=n)) for n in range(5)]
            await until(lambda: len(ill.calls) == 1 and server.metric("tickcast_service_open_calls") == 5, "open calls")
            assert await client.command("quick") == "ok"
            for refusal in await asyncio.gather(*calls):
                assert (refusal.code, refusal.temporary) == (113, False)
            assert (await refusal_of(client, "slow", n=9)).code == 104, "nobody claims it any more"
            assert await client.command("quick") == "ok"
            release.set()
        assert well.calls
    assert server.metric("tickcast_service_workers_lost_total") == 1


async def test_what_a_worker_does_not_answer_in_time_is_told(start):
    server = start(service={"call_ms": 300})
    with Worker(server, ["deaf"], lambda call: None) as worker:
        async with await sign_in(server) as client:
            refusal = await refusal_of(client, "deaf")
            assert refusal.code == 113 and "call_ms" in refusal.message
            assert worker.calls
    assert server.metric("tickcast_service_calls_overdue_total") == 1


async def test_too_many_open_calls_are_refused(start):
    server = start(limits={"calls_per_client": 3}, service={"call_ms": 1500, "calls": 4})
    with Worker(server, ["deaf"], lambda call: None):
        async with await sign_in(server) as client, await sign_in(server, "7") as other:
            calls = [asyncio.ensure_future(refusal_of(client, "deaf")) for _ in range(3)]
            await until(lambda: server.metric("tickcast_service_open_calls") == 3, "open calls")
            assert (await refusal_of(client, "deaf")).code == 111
            fourth = asyncio.ensure_future(refusal_of(other, "deaf"))
            await until(lambda: server.metric("tickcast_service_open_calls") == 4, "open calls")
            assert (await refusal_of(other, "deaf")).code == 111
            assert {refusal.code for refusal in await asyncio.gather(*calls, fourth)} == {113}
            assert await client.command("ping") == {}


async def test_rubbish_from_workers_harms_nobody(start):
    server = start()
    with Backend(server) as backend, Worker(server, ["echo"], lambda call: {"data": call["data"]}):
        for data in ({}, {"types": []}, {"types": ["subscribe"]}, {"types": ["a b"]}, {"types": "echo"},
                     {"types": ["x"], "name": 7}):
            answer = backend.ask("claim", **data)
            assert (answer["type"], answer["data"]["code"]) == ("error", 107), data
        for message in ({"type": "answer", "id": "c1", "data": 1}, {"type": "answer", "id": 5}, {"type": "answer"},
                        {"type": "answer", "id": "x" * 100, "error": 3}, {"type": "ping"}):
            backend.send(**message)
        assert backend.told("unclaim") == {}
        async with await sign_in(server) as client:
            assert await client.command("echo", n=2) == {"n": 2}
    assert server.metric("tickcast_service_answers_unknown_total") == 4
    assert server.metric("tickcast_service_open_questions") == 0


async def test_another_workers_call_cannot_be_answered(start):
    server = start(service={"call_ms": 800})
    with Worker(server, ["deaf"], lambda call: None) as worker, Backend(server) as thief:
        async with await sign_in(server) as client:
            call = asyncio.ensure_future(refusal_of(client, "deaf"))
            await until(lambda: worker.calls, "the call")
            thief.send(type="answer", id=worker.calls[0]["id"], data="stolen")
            assert (await call).code == 113


async def test_a_desk_that_is_killed_tells_callers_and_takes_claims_again(start):
    server = start()
    with Worker(server, ["deaf", "echo"], lambda call: {"data": 1} if call["type"] == "echo" else None) as worker:
        async with await sign_in(server) as client:
            call = asyncio.ensure_future(refusal_of(client, "deaf"))
            await until(lambda: worker.calls, "the call")
            row = server.rows("/api/actors?kind=service_desk")[0]
            assert server.act(f"/api/actors/{row['id']}/restart").status == 200
            assert (await call).code == 100
            worker.stop()
            with Worker(server, ["echo"], lambda call: {"data": 2}):
                assert await client.command("echo") == 2
