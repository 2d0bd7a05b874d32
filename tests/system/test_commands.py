"""The program's commands as a person or a script uses them: what they print and how they end."""
import json
import signal
import socket

import pytest

from harness.client import Client
from harness.server import ROOT, SLOWED
from harness.waiting import until

OPERATORS = ["actors", "topics", "connections", "feeds", "users", "plugins", "restarts", "audit", "tree", "top", "trace",
             "log", "log-level", "restart", "stop", "start", "suspend", "resume", "kick", "drain", "undrain",
             "load-plugin", "reload-plugin", "unload-plugin"]
COMMANDS = ["serve", "check", "replay", "subscribe", "publish", *OPERATORS]
OK, FAILED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_help_names_every_command_and_the_exit_codes(tickcast):
    done = tickcast("--help")
    assert done.returncode == OK
    assert all(command in done.stdout for command in COMMANDS)
    assert all(str(code) in done.stdout for code in (FAILED, USAGE, UNREACHABLE, INTERRUPTED))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(tickcast, command):
    done = tickcast(command, "--help")
    assert done.returncode == OK
    assert f"tickcast {command}" in done.stdout


def test_version(tickcast):
    done = tickcast("--version")
    assert done.returncode == OK and done.stdout.strip().split()[-1].count(".") == 2


@pytest.mark.parametrize("arguments", [[], ["dance"], ["serve", "--dance"], ["subscribe"], ["publish", "monitor.x"],
                                       ["check", "--config", "/nonexistent.toml"], ["serve", "--config", "/nonexistent"],
                                       ["serve", "--set", "listen.port"], ["serve", "--set", "lisen.port=1"],
                                       ["replay", "/nonexistent.csv", "--to", "tcp://127.0.0.1:1"],
                                       ["publish", "monitor.x", "{not json"], ["publish", "trade.X", "1"]],
                         ids=lambda arguments: " ".join(arguments) or "nothing")
def test_wrong_usage_ends_with_2_and_a_word(tickcast, arguments):
    done = tickcast(*arguments)
    assert done.returncode == USAGE
    assert len(done.stderr + done.stdout) > 20


# ---- check

def test_check_prints_every_fault_at_once_with_its_line(tickcast, tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text('[listen]\nport = 70000\nbaklog = 5\n[[feed]]\nname = "a"\nkind = "zmq-pul"\n'
                    'endpoint = "tcp://0.0.0.0:5557"\n[limits]\nqueue_bytes = "big"\n')
    done = tickcast("check", "--config", file)
    assert done.returncode == USAGE
    said = done.stdout + done.stderr
    for line, words in ((2, ["70000", "65535"]), (3, ["baklog", "backlog"]), (6, ["zmq-pul", "zmq-pull"]),
                        (9, ["queue_bytes"])):
        fault = next((text for text in said.splitlines() if f"bad.toml:{line}" in text), "")
        assert all(word in fault for word in words), said


def test_check_finds_no_fault_with_the_default_file(tickcast):
    done = tickcast("check", "--config", ROOT / "config" / "tickcast.toml")
    assert done.returncode == OK, done.stdout + done.stderr


def test_the_printed_defaults_are_a_configuration(tickcast, tmp_path):
    printed = tickcast("check", "--print-default")
    assert printed.returncode == OK
    (tmp_path / "default.toml").write_text(printed.stdout)
    assert tickcast("check", "--config", tmp_path / "default.toml").returncode == OK
    assert printed.stdout == (ROOT / "config" / "tickcast.toml").read_text()


@pytest.mark.parametrize("setting", ["feed.pull.endpoint=tcp://0.0.0.0:5557", "admin.address=0.0.0.0",
                                     "service.pull=tcp://*:5560", "egress.endpoint=tcp://*:5562"])
def test_nothing_listens_beyond_loopback_unprotected(tickcast, setting):
    done = tickcast("serve", "--set", setting, "--set", "listen.port=0")
    assert done.returncode == USAGE
    assert setting.split("=")[0] in done.stderr


# ---- subscribe

async def test_subscribe_prints_frames_as_json_lines_and_ends_after_count(server, feed, start_program):
    feed.trades("X", 2)
    await until(lambda: server.topics().get("trade.X", {}).get("seq") == 2, "two trades")
    program = start_program("subscribe", "trade.X", "--url", server.ws, "--count", "3")
    await program.heard(lambda it: it.of("snapshot"), "the snapshot")
    feed.trades("X", 5)
    assert program.end(within=10 * SLOWED) == OK
    kinds = [(line["type"], line["seq"]) for line in program.lines if line["type"] in ("snapshot", "update")]
    assert kinds[0] == ("snapshot", 2) and ("update", 3) in kinds


async def test_subscribe_ends_with_130_when_interrupted(server, start_program):
    program = start_program("subscribe", "trade.X", "--url", server.ws)
    await program.heard(lambda it: it.of("snapshot"), "the snapshot")
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(timeout=5 * SLOWED) == INTERRUPTED


def test_subscribe_says_who_cannot_be_reached(tickcast):
    port = closed_port()
    done = tickcast("subscribe", "trade.X", "--url", f"ws://127.0.0.1:{port}/ws")
    assert done.returncode == UNREACHABLE and str(port) in done.stderr


def test_subscribe_tells_why_a_topic_is_refused(tickcast, server):
    done = tickcast("subscribe", "bad topic", "--url", server.ws)
    assert done.returncode in (FAILED, USAGE)
    assert "bad topic" in done.stderr


async def test_subscribe_ends_with_3_when_the_server_goes(start_server, start_program):
    server = start_server()
    program = start_program("subscribe", "trade.X", "--url", server.ws)
    await program.heard(lambda it: it.of("snapshot"), "the snapshot")
    server.kill()
    assert program.process.wait(timeout=5 * SLOWED) in (FAILED, UNREACHABLE)


# ---- publish

async def test_publish_reaches_subscribers(server, tickcast):
    async with await Client.open(server.ws) as client:
        await client.subscribe("monitor.cpu")
        done = tickcast("publish", "monitor.cpu", '{"load": 0.7}', "--to", server.started["service_pull"])
        assert done.returncode == OK, done.stderr
        await until(lambda: client.topic("monitor.cpu").seq == 1, "the event")


def test_publish_says_when_nobody_listens(tickcast):
    done = tickcast("publish", "monitor.cpu", "1", "--to", f"tcp://127.0.0.1:{closed_port()}")
    assert done.returncode == UNREACHABLE and done.stderr


# ---- replay

def recording(path, rows):
    path.write_text("trade_ms,symbol,trade_id,price,qty,aggressor\n" + "".join(rows))
    return path


def row(n, price="100"):
    return f"{1723075200000 + n},X,{n},{price},1,buy\n"


async def test_replay_tells_which_rows_it_could_not_read(server, tickcast, tmp_path):
    file = recording(tmp_path / "x.csv", [row(1), row(2, "dear"), row(3), "short\n", row(4)])
    done = tickcast("replay", file, "--to", server.feed_endpoint(), "--speed", "max")
    assert done.returncode == OK
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["sent"], summary["skipped"]) == (3, 2)
    assert "3" in done.stderr and "5" in done.stderr
    await until(lambda: server.topics().get("trade.X", {}).get("seq") == 3, "three trades")


async def test_replay_keeps_the_pace_it_is_told(server, tickcast, tmp_path):
    file = recording(tmp_path / "x.csv", [row(0), row(3000)])
    done = tickcast("replay", file, "--to", server.feed_endpoint(), "--speed", "10")
    assert 0.25 < json.loads(done.stdout.splitlines()[-1])["seconds"] < 1.0 * SLOWED


async def test_replay_can_be_interrupted(server, start_program, tmp_path):
    file = recording(tmp_path / "x.csv", [row(n * 1000) for n in range(100)])
    program = start_program("replay", file, "--to", server.feed_endpoint())
    await until(lambda: server.topics().get("trade.X", {}).get("seq", 0) >= 1, "the first trade")
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(timeout=5 * SLOWED) == INTERRUPTED


@pytest.mark.parametrize("text", ["", "no,such,columns\n1,2,3\n", "price,qty\n1,2\n", "\x00\x01\x02"],
                         ids=["empty", "foreign", "no_time", "binary"])
def test_replay_refuses_what_is_no_recording(tickcast, tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    done = tickcast("replay", "x.csv", "--to", "tcp://127.0.0.1:1")
    assert done.returncode in (FAILED, USAGE) and "x.csv" in done.stderr
