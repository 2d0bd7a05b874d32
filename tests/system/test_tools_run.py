"""tools/run as somebody types it: everything is built already, so it starts the server and stops it."""
import asyncio
import json
import os
import signal
import subprocess

import pytest

from harness.client import Client
from harness.server import ANY_PORT, BINARY, ROOT, http_get
from harness.waiting import until

FREE_PORTS = [argument for setting in ("listen.port=0", "admin.port=0", f"feed.pull.endpoint={ANY_PORT}",
                                       f"service.pull={ANY_PORT}", f"service.router={ANY_PORT}",
                                       f"egress.endpoint={ANY_PORT}") for argument in ("--set", setting)]


@pytest.fixture
def tools_run(tmp_path):
    if BINARY != ROOT / "build" / "release" / "tickcast":
        pytest.skip(f"tools/run starts the release build, the one under test is {BINARY}")
    started = []

    def start(*arguments):
        process = subprocess.Popen([ROOT / "tools" / "run", *arguments], cwd=tmp_path, start_new_session=True,
                                   stdout=subprocess.PIPE, stderr=open(tmp_path / "stderr", "wb"), text=True)
        started.append(process)
        return process, lambda: (tmp_path / "stderr").read_text()

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def test_it_starts_a_simulated_market_tells_the_page_s_address_and_ctrl_c_stops_it(tools_run):
    process, stderr = tools_run(*FREE_PORTS)
    line = await asyncio.get_running_loop().run_in_executor(None, process.stdout.readline)
    started = json.loads(line)
    await until(lambda: f"chart page: {started['http']}/" in stderr(), "the address of the page")
    assert http_get(started["http"] + "/").status == 200
    await until(lambda: len(http_get(started["http"] + "/api/v1/symbols").json["symbols"]) == 12, "12 symbols")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does on Ctrl-C
    assert process.wait(timeout=10) == 0, stderr()


async def test_it_plays_a_recording_instead(tools_run, tmp_path):
    (tmp_path / "my trades.csv").write_text("trade_ms,symbol,trade_id,price,qty,aggressor\n"
                                            "1723075200000,X,1,100,1,buy\n1723075200100,X,2,101,1,sell\n")
    process, stderr = tools_run("--replay", "my trades.csv", *FREE_PORTS)
    line = await asyncio.get_running_loop().run_in_executor(None, process.stdout.readline)
    started = json.loads(line)
    async with await Client.open(started["ws"]) as client:
        await client.subscribe("trade.X")
        await until(lambda: client.topic("trade.X").seq == 2, "both trades")
        assert http_get(started["http"] + "/api/v1/symbols").json["symbols"] == ["X"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0, stderr()


def test_a_recording_that_is_not_there_is_named(tools_run):
    process, stderr = tools_run("--replay", "nowhere.csv")
    assert process.wait(timeout=20) == 2
    assert "nowhere.csv" in stderr()
