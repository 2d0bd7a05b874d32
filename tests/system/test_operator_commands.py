"""The operator's console in a terminal: what each command prints, does and ends with."""
import asyncio
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness.client import Client
from harness.server import BINARY, SLOWED, http_get
from harness.waiting import until, until_now

OK, FAILED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
LISTS = ["actors", "topics", "connections", "feeds", "users", "restarts", "audit"]
VIEWER = "viewer-token-000001"


def asking(server):
    return ["--admin", server.admin, "--token-file", server.started["admin_tokens"]]


@pytest.fixture
def server(start_server):
    return start_server({"io": {"shards": 2}})


@pytest.fixture
def ask(tickcast, server):
    """Runs a command against the server to its end."""

    def run(command, *arguments, **options):
        return tickcast(command, *arguments, *asking(server), **options)

    return run


@pytest.fixture
def viewer(server, tmp_path):
    """Arguments that ask as a viewer."""
    with Path(server.started["admin_tokens"]).open("a") as tokens:
        tokens.write(f"vic viewer {VIEWER}\n")
    file = tmp_path / "viewer"
    file.write_text(f"# mine\nvic viewer {VIEWER}  # a viewer's\n")
    return ["--admin", server.admin, "--token-file", file]


@pytest.fixture
def follow(server, tmp_path):
    """Starts a command that goes on; its lines so far in `lines`."""
    running = []

    class Following:
        def __init__(self, *arguments):
            self.process = subprocess.Popen([str(BINARY), *map(str, arguments), *asking(server)], cwd=tmp_path,
                                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.lines = []
            threading.Thread(target=self._read, daemon=True).start()

        def _read(self):
            for line in self.process.stdout:
                self.lines.append(line.rstrip("\n"))

        def end(self, number=signal.SIGINT):
            self.process.send_signal(number)
            return self.process.wait(timeout=5 * SLOWED)

    def start(*arguments):
        running.append(Following(*arguments))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def cells(line):
    return re.split(r"\s{2,}", line.strip())


def rows_of(text):
    """The table's rows by their titles; the line below is left out."""
    head, *lines = text.rstrip("\n").split("\n")
    starts = [match.start() for match in re.finditer(r"(?<=  )\S|^\S", head)]
    assert lines and starts
    return cells(head), lines[:-1], lines[-1]


async def some_market(server, feed):
    for n in range(8):
        feed.trade(f"S{n}")
    feed.event("monitor.m", {"load": 1})
    await until(lambda: {"trade.S7", "monitor.m"} <= set(server.topics()), "the topics")


# ---- lists

@pytest.mark.parametrize("command", LISTS)
async def test_each_list_is_an_aligned_table_with_its_number_below(server, feed, ask, command):
    await some_market(server, feed)
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.S1")
        row = next(row for row in server.rows("/api/actors") if row["path"].endswith("dispatcher/S1"))
        server.act(f"/api/actors/{row['id']}/restart")
        await until(lambda: server.ask("/api/restarts").json["total"] == 1, "a restart to list")
        done = ask(command)
        assert done.returncode == OK, done.stderr
        head, lines, below = rows_of(done.stdout)
        total = server.ask(f"/api/{command}").json["total"]
        assert head == [title.upper() for title in head] and len(lines) == total >= 1
        noun = "actions" if command == "audit" else command
        assert below == f"{total} {noun[:-1] if total == 1 else noun}"
        assert "\x1b" not in done.stdout and "null" not in done.stdout
        assert not any(line != line.rstrip() for line in done.stdout.splitlines())


async def test_figures_stand_to_the_right_under_their_titles(server, feed, ask):
    feed.trades("A", 1234)
    feed.trade("LONGER")
    await until(lambda: server.topics().get("trade.LONGER", {}).get("seq") == 1, "the trades")
    lines = ask("topics", "--kind", "trade").stdout.splitlines()
    end = lines[0].index("SEQ") + len("SEQ")
    assert [line[:end].split()[-1] for line in lines[1:3]] == ["1,234", "1"]
    assert all(line[end] == " " and line[end - 1].isdigit() for line in lines[1:3])


@pytest.mark.parametrize("command", LISTS)
async def test_json_is_the_answer_as_it_came(server, feed, ask, command):
    await some_market(server, feed)
    printed = json.loads(ask(command, "--json").stdout)
    answer = server.ask(f"/api/{command}").json
    assert set(printed) == set(answer) and printed["total"] == len(printed["rows"]) >= answer["total"] - 2
    if answer["rows"]:
        assert set(printed["rows"][0]) == set(answer["rows"][0])


async def test_lists_are_sorted_filtered_and_cut(server, feed, ask):
    for n in range(8):
        feed.trades(f"S{n}", n + 1)
    await until(lambda: server.topics().get("trade.S7", {}).get("seq") == 8, "the trades")
    done = ask("topics", "--filter", "trade.*", "--sort", "-seq", "--limit", "3")
    _, lines, below = rows_of(done.stdout)
    assert [line.split()[0] for line in lines] == ["trade.S7", "trade.S6", "trade.S5"]
    assert below == "first 3 of 8 topics"
    _, lines, below = rows_of(ask("topics", "--filter", "trade.S1").stdout)
    assert len(lines) == 1 and re.fullmatch(r"1 of \d+ topics", below)
    _, lines, _ = rows_of(ask("actors", "--kind", "supervisor", "--sort", "-id").stdout)
    assert lines and all(cells(line)[1] == "supervisor" for line in lines)


async def test_all_pages_are_fetched(server, feed, ask):
    for n in range(700):
        feed.trade(f"S{n:03}")
    await until(lambda: len(server.rows("/api/topics?filter=trade.*")) == 700, "700 topics", 20 * SLOWED)
    printed = json.loads(ask("topics", "--filter", "trade.*", "--json").stdout)
    assert [row["topic"] for row in printed["rows"]] == [f"trade.S{n:03}" for n in range(700)]
    assert json.loads(ask("topics", "--filter", "trade.*", "--limit", "600", "--json").stdout)["rows"][-1]["topic"] == "trade.S599"
    _, lines, below = rows_of(ask("topics", "--filter", "trade.*").stdout)
    assert len(lines) == 700 and below.startswith("700 of ")


async def test_sorting_by_a_rate_waits_for_one(server, feed, ask):
    stop = asyncio.Event()

    def load():
        while not stop.is_set():
            feed.trades("X", 5)
            time.sleep(0.01)
    loading = asyncio.get_running_loop().run_in_executor(None, load)
    try:
        done = await asyncio.to_thread(ask, "actors", "--sort", "-received_per_s", "--limit", "1", "--json")
    finally:
        stop.set()
        await loading
    assert json.loads(done.stdout)["rows"][0]["received_per_s"] > 0


def test_a_wrong_sort_is_refused_with_the_server_s_sentence(ask):
    done = ask("actors", "--sort", "nonsense")
    assert done.returncode == USAGE and "there is no field nonsense" in done.stderr and not done.stdout
    assert ask("actors", "--limit", "0").returncode == USAGE
    assert ask("actors", "surplus").returncode == USAGE
    for seconds in ("0", "soon", "1e9"):
        done = ask("actors", "--watch", seconds)
        assert done.returncode == USAGE and seconds in done.stderr


async def test_watch_shows_it_again_until_it_is_interrupted(server, feed, follow):
    program = follow("topics", "--filter", "trade.*", "--watch", "0.2")
    await until(lambda: sum(line.startswith("0 of") for line in program.lines) >= 2, "two empty tables")
    feed.trades("X", 3)
    await until(lambda: any(line.split()[:1] == ["trade.X"] for line in program.lines), "the topic")
    assert program.end() == INTERRUPTED


async def test_watch_needs_no_number_and_json_goes_with_it(server, follow):
    program = follow("feeds", "--json", "--watch")
    await until(lambda: len(program.lines) >= 2, "two answers")
    assert all(json.loads(line)["rows"][0]["name"] == "pull" for line in program.lines)
    assert program.end() == INTERRUPTED


# ---- where, and as whom

@pytest.mark.parametrize("command", [*LISTS, "tree", "top", "log", "log-level", "undrain", "drain"])
def test_each_says_who_cannot_be_reached(tickcast, command):
    port = closed_port()
    done = tickcast(command, "--admin", f"http://127.0.0.1:{port}")
    assert done.returncode == UNREACHABLE and str(port) in done.stderr and not done.stdout


def test_an_address_that_is_none_is_wrong_usage(tickcast):
    for address in ("nonsense", "ftp://127.0.0.1:1", "http://"):
        assert tickcast("actors", "--admin", address).returncode == USAGE


def test_the_token_comes_from_a_file_the_environment_or_where_the_server_put_it(server, tickcast, tmp_path):
    bare = {"HOME": str(tmp_path / "nobody"), "PATH": os.environ["PATH"]}
    refused = tickcast("feeds", "--admin", server.admin, env=bare)
    assert refused.returncode == FAILED and "--token-file" in refused.stderr and "admin-tokens" in refused.stderr
    assert tickcast("feeds", "--admin", server.admin, env={**bare, "TICKCAST_ADMIN_TOKEN": server.token}).returncode == OK
    wrong = tickcast("feeds", "--admin", server.admin, env={**bare, "TICKCAST_ADMIN_TOKEN": "x" * 20})
    assert wrong.returncode == FAILED and "TICKCAST_ADMIN_TOKEN" in wrong.stderr
    state = tmp_path / "state" / "tickcast"
    state.mkdir(parents=True)
    (state / "admin-tokens").write_text(Path(server.started["admin_tokens"]).read_text())
    assert tickcast("feeds", "--admin", server.admin, env={**bare, "XDG_STATE_HOME": str(tmp_path / "state")}).returncode == OK


def test_the_server_s_configuration_says_where_and_with_what(start_server, tickcast):
    port = closed_port()
    server = start_server({"admin": {"port": port}})
    assert tickcast("feeds", "--config", server.config_file).returncode == OK
    server.config_file.write_text("[nonsense]\n")
    assert tickcast("feeds", "--config", server.config_file).returncode == USAGE


def test_the_first_operator_s_token_is_taken(server, tickcast, viewer, tmp_path):
    file = tmp_path / "tokens"
    file.write_text(f"# all of us\n\nvic viewer {VIEWER}\nadmin operator {server.token}\n")
    assert tickcast("log-level", "net", "debug", "--admin", server.admin, "--token-file", file).returncode == OK


@pytest.mark.parametrize("text", [None, "", "# nothing\n", "admin operator\n"])
def test_a_token_file_without_a_token_is_wrong_usage(server, tickcast, tmp_path, text):
    file = tmp_path / "tokens"
    if text is not None:
        file.write_text(text)
    done = tickcast("feeds", "--admin", server.admin, "--token-file", file)
    assert done.returncode == USAGE and str(file) in done.stderr


ACTIONS = [("restart", "root/feeds/pull"), ("stop", "root/feeds/pull"), ("start", "root/feeds/pull"), ("suspend", "pull"),
           ("resume", "pull"), ("kick", "1"), ("drain",), ("undrain",), ("trace", "root/feeds/pull"),
           ("log-level", "net", "debug")]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action[0])
def test_a_viewer_is_refused_every_action(server, tickcast, viewer, action):
    if action[0] in ("suspend", "resume") and server.act(f"/api/feeds/pull/{action[0]}").status == 404:
        pytest.skip("this server does not suspend feeds")
    done = tickcast(*action, *viewer)
    assert done.returncode == FAILED and "vic is a viewer" in done.stderr and not done.stdout
    assert http_get(server.admin + "/ready").status == 200


def test_a_viewer_may_look(server, tickcast, viewer):
    for command in [*LISTS, "tree", "top", "log", "log-level"]:
        assert tickcast(command, *viewer).returncode == OK


def test_what_is_no_admin_port_is_told(server, tickcast):
    done = tickcast("actors", "--admin", server.http, "--token-file", server.started["admin_tokens"])
    assert done.returncode == FAILED and "admin port" in done.stderr


# ---- tree, top

async def test_the_tree_is_drawn(server, feed, ask):
    await some_market(server, feed)
    done = ask("tree")
    assert done.returncode == OK
    lines = done.stdout.splitlines()
    names = [cells(line)[0] for line in lines[1:]]
    assert names[0] == "root" and "├─ topics" in names and "└─ feeds" in names
    assert sum(int(re.search(r"(\d+) × quote topic", line)[1]) for line in lines if "× quote topic" in line) == 8
    pull = next(line for line in lines if "─ pull" in line)
    assert {"feed", "running", "permanent"} <= set(pull.split())
    assert "one_for_one" in lines[1] and "0 of 3 in 1m 00s" in lines[1]
    assert json.loads(ask("tree", "--json").stdout)["root"]["path"] == "root"


async def test_top_prints_one_page_without_a_terminal(server, feed, ask):
    await some_market(server, feed)
    done = ask("top")
    assert done.returncode == OK and "\x1b" not in done.stdout
    assert "serving" in done.stdout.splitlines()[0] and f"pid {server.process.pid}" in done.stdout
    assert "root/topics/directory" in done.stdout and "ticks" in done.stdout and "%" in done.stdout
    both = json.loads(ask("top", "--json").stdout)
    assert both["overview"]["state"] == "serving" and both["actors"]["rows"]


class Terminal:
    """A command on a pseudo-terminal of a given size; `text` is all it has drawn."""

    def __init__(self, lines, columns, *arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(BINARY, [str(BINARY), *map(str, arguments)])
        import fcntl
        import struct
        import termios
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.text = ""

    def read(self):
        while select.select([self.fd], [], [], 0)[0]:
            try:
                self.text += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                break
        return self.text

    def page(self):
        """The last whole page that was drawn."""
        pages = self.read().split("\x1b[H")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", next((page for page in reversed(pages) if page.endswith("\x1b[J")), ""))

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def test_top_fills_a_terminal_and_obeys_its_keys(server):
    screen = Terminal(14, 90, "top", *asking(server))

    def lines():
        return screen.page().replace("\r", "").split("\n")

    def first_actor():
        head = next((n for n, line in enumerate(lines()) if line.split()[:2] == ["ID", "KIND"]), None)
        return lines()[head + 1].split() if head is not None else []
    until_now(lambda: len(lines()) == 14 and "q quit" in lines()[-1], "the first page")
    assert all(len(line) <= 90 for line in lines())
    screen.press("n")
    until_now(lambda: first_actor()[1:3] == ["supervisor", "root"], "actors by name, the root first")
    screen.press("\x1b[B")
    until_now(lambda: lines()[-1].startswith("2 to ") and first_actor()[2:3] != ["root"], "one line further")
    screen.press("\x1b[6~")
    until_now(lambda: int(lines()[-1].split()[0]) > 4, "a page further")
    screen.press("\x1b[H")
    until_now(lambda: lines()[-1].startswith("1 to ") and first_actor()[2:3] == ["root"], "the beginning again")
    for key in "bma":
        screen.press(key)
    pages = screen.read().count("\x1b[J")
    until_now(lambda: screen.read().count("\x1b[J") >= pages + 2, "more pages")
    screen.press("q")
    until_now(lambda: screen.read().rstrip().endswith("\x1b[?1049l"), "the old screen")
    assert screen.end() == OK
    assert screen.text.count("\x1b[?1049h") == 1


def test_top_puts_the_terminal_back_when_it_is_interrupted(server):
    screen = Terminal(24, 100, "top", *asking(server))
    until_now(lambda: "q quit" in screen.page(), "the first page")
    screen.press("\x03")
    until_now(lambda: screen.read().rstrip().endswith("\x1b[?1049l"), "the old screen")
    assert screen.end() == INTERRUPTED


def test_top_goes_on_when_the_server_is_gone_for_a_while(start_server):
    server = start_server({"admin": {"port": closed_port()}})
    screen = Terminal(24, 100, "top", *asking(server))
    until_now(lambda: "q quit" in screen.page(), "the first page")
    server.kill()
    until_now(lambda: "NO ANSWER" in screen.page(), "word of it")
    server.start()
    until_now(lambda: f"pid {server.process.pid}" in screen.page(), "the next server", 15 * SLOWED)
    screen.press("q")
    assert screen.end() == OK


# ---- actors by name

async def test_an_actor_is_named_by_id_path_or_the_end_of_one(server, ask):
    def actor():
        return next((row for row in server.rows("/api/actors") if row["path"] == "root/feeds/pull"), None)
    for naming in (lambda row: row["id"], lambda row: row["path"], lambda row: "feeds/pull", lambda row: "root/feeds/pu*",
                   lambda row: "*/feeds/pull"):
        before = await until(actor, "the feed")
        done = ask("restart", naming(before))
        assert done.returncode == OK and done.stdout.startswith("root/feeds/pull (feed, actor " + before["id"]), done
        await until(lambda: (actor() or before)["id"] != before["id"], "the next feed")


async def test_several_matches_are_listed_and_nothing_is_done(server, feed, ask):
    done = ask("restart", "dispatcher")
    assert done.returncode == USAGE and "names 2 actors" in done.stderr
    assert "root/shards/shard-0/dispatcher" in done.stderr and "root/shards/shard-1/dispatcher" in done.stderr
    assert ask("restart", "root/shards/*").returncode == USAGE
    assert server.ask("/api/restarts").json["total"] == 0 and server.ask("/api/audit").json["total"] == 0


@pytest.mark.parametrize("name", ["nobody", "root/feeds/pul", "999999", "*nothing*"])
def test_an_actor_that_is_none_is_told(ask, name):
    for command in ("restart", "stop", "trace"):
        done = ask(command, name)
        assert done.returncode == FAILED and name in done.stderr and not done.stdout


# ---- actions

async def test_restart_says_what_it_did(server, ask):
    assert json.loads(ask("restart", "root/feeds/pull", "--json").stdout) == {"done": True}
    await until(lambda: server.ask("/api/restarts").json["rows"][:1]
                and server.ask("/api/restarts").json["rows"][0]["outcome"] == "restarted", "the restart")
    done = ask("restarts")
    assert "root/feeds" in done.stdout and "pull" in done.stdout and "restarted" in done.stdout
    root = ask("restart", "root")
    assert root.returncode == FAILED and "nobody restarts the root" in root.stderr


async def test_a_feed_is_stopped_and_started_again(server, feed, ask):
    assert ask("stop", "root/feeds/pull").returncode == OK
    assert "stopped" in next(line for line in ask("tree").stdout.splitlines() if "─ pull" in line)
    assert ask("stop", "root/feeds/pull").returncode == FAILED, "it has no actor"
    for name in ("pull", "root/feeds/pull"):
        done = ask("start", name)
        if name == "pull":
            assert done.returncode == OK and "root/feeds/pull: started" in done.stdout
        else:
            assert done.returncode == FAILED and done.stderr
    feed.trade("X")
    await until(lambda: "trade.X" in server.topics(), "a trade")
    missing = ask("start", "nothing")
    assert missing.returncode == FAILED and "nothing" in missing.stderr
    several = ask("start", "broadcaster")
    assert several.returncode == USAGE and "shard-0/broadcaster" in several.stderr


def test_stop_needs_force_for_vital_parts_and_leave_from_the_configuration(ask):
    assert "force" in ask("stop", "root/topics/directory").stderr
    forced = ask("stop", "root/topics/directory", "--force")
    assert forced.returncode == FAILED and "allow_destructive" in forced.stderr


def test_a_feed_that_is_none_is_not_suspended(server, ask):
    for command in ("suspend", "resume"):
        done = ask(command, "no feed")
        assert done.returncode == FAILED and done.stderr and not done.stdout


async def test_a_suspended_feed_rests_until_it_is_resumed(server, feed, ask):
    if server.act("/api/feeds/pull/suspend").status == 404:
        pytest.skip("this server does not suspend feeds")
    assert server.act("/api/feeds/pull/resume").status == 200
    done = ask("suspend", "pull")
    assert done.returncode == OK and "pull: suspended" in done.stdout
    assert next(row for row in server.rows("/api/feeds") if row["name"] == "pull")["suspended"] is True
    assert ask("resume", "pull").returncode == OK
    feed.trade("X")
    await until(lambda: "trade.X" in server.topics(), "a trade")


@pytest.mark.parametrize("command", [("load-plugin", "ghost", "/nonexistent.so"), ("reload-plugin", "ghost"),
                                     ("unload-plugin", "ghost")], ids=lambda command: command[0])
def test_a_plugin_that_is_none_is_refused(ask, command):
    done = ask(*command)
    assert done.returncode in (FAILED, USAGE) and done.stderr and not done.stdout


def test_a_plugin_s_parameters_are_a_json_object(ask):
    for text in ("[1]", "nonsense", "7"):
        done = ask("load-plugin", "x", "/x.so", "--parameters", text)
        assert done.returncode == USAGE and "JSON object" in done.stderr


async def test_kick_closes_a_client_with_code_and_reason(server, ask):
    async with await Client.open(server.ws) as client:
        await client.subscribe("trade.X")
        row = server.rows("/api/connections")[0]
        assert cells(ask("connections").stdout.splitlines()[1])[0] == row["id"]
        done = ask("kick", row["id"], "--code", "3005", "--reason", "zu viel")
        assert done.returncode == OK and row["id"] in done.stdout
        assert await client.closed() == 3005 and client.socket.close_reason == "zu viel"
        gone = ask("kick", row["id"])
        assert gone.returncode == FAILED and "no connection" in gone.stderr
    wrong = ask("kick", "1", "--code", "99")
    assert wrong.returncode == USAGE and "3000 to 3999" in wrong.stderr
    audit = ask("audit").stdout
    assert "kick" in audit and "admin" in audit and '"reason":"zu viel"' in audit


async def test_drain_and_undrain(server, ask):
    client = await Client.open(server.ws)
    done = ask("drain", "--seconds", "0")
    assert done.returncode == OK and "undrain" in done.stdout
    assert await client.closed() == 3001
    assert http_get(server.admin + "/ready").status == 503
    await until(lambda: "drained" in ask("top").stdout.splitlines()[0], "the state on top")
    assert ask("undrain").returncode == OK
    again = ask("undrain")
    assert again.returncode == FAILED and "does not drain" in again.stderr
    assert ask("drain", "--seconds", "4000").returncode == USAGE
    async with await Client.open(server.ws) as other:
        await other.subscribe("trade.X")


# ---- trace, log

async def test_trace_prints_messages_as_they_come_until_it_is_full(server, feed, follow):
    feed.event("monitor.m", 0)
    await until(lambda: "monitor.m" in server.topics(), "the topic")
    program = follow("trace", "directory/monitor.m", "--count", "3", "--seconds", "30", "--filter", "needle")

    def sent():
        feed.event("monitor.m", {"word": "needle"})
        feed.event("monitor.m", {"word": "hay"})
        return program.process.poll() is not None
    await until(sent, "the end of the trace")
    assert program.process.returncode == OK
    await until(lambda: len(program.lines) == 3, "three lines")
    assert all("publish_event" in line and "needle" in line for line in program.lines)


async def test_trace_ends_with_its_time_or_an_interrupt(server, ask, follow):
    done = ask("trace", "root/topics/directory", "--seconds", "0.3", "--json")
    assert done.returncode == OK and "over: " in done.stderr
    assert all(json.loads(line)["message"] for line in done.stdout.splitlines())
    program = follow("trace", "root/topics/directory", "--seconds", "60")
    await until(lambda: len(server.ask("/api/audit").json["rows"]) == 2, "the trace")
    assert program.end() == INTERRUPTED
    assert ask("trace", "root/topics/directory", "--count", "1001").returncode == USAGE


def test_log_levels_are_shown_and_set(server, ask):
    before = ask("log-level").stdout
    assert cells(before.splitlines()[0]) == ["COMPONENT", "LEVEL"] and re.search(r"^net +info$", before, re.M)
    done = ask("log-level", "net", "debug")
    assert done.returncode == OK and done.stdout == "net: debug\n"
    assert re.search(r"^net +debug$", ask("log-level").stdout, re.M)
    assert ask("log-level", "*", "warning").returncode == OK
    assert {row["level"] for row in json.loads(ask("log-level", "--json").stdout)["components"]} == {"warning"}
    assert ask("log-level", "net").returncode == USAGE
    loud = ask("log-level", "net", "loud")
    assert loud.returncode == USAGE and "level must be" in loud.stderr
    nobody = ask("log-level", "nobody", "info")
    assert nobody.returncode == FAILED and "nobody" in nobody.stderr


def test_log_prints_the_newest_lines(server, ask):
    lines = ask("log").stdout.splitlines()
    assert any("first token" in line and " admin " in line for line in lines)
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  (info|warning|error) ", line) for line in lines)
    assert len(ask("log", "--limit", "1").stdout.splitlines()) == 1
    assert ask("log", "--level", "error").stdout == ""
    assert ask("log", "--level", "loud").returncode == USAGE
    assert json.loads(ask("log", "--json").stdout)["rows"]


async def test_log_follows(server, follow):
    program = follow("log", "--follow", "--component", "admin")
    await until(lambda: any("first token" in line for line in program.lines), "what was there")
    server.act("/api/connections/4711/kick", {"reason": "a line in the log"})
    await until(lambda: any("a line in the log" in line for line in program.lines), "what came")
    assert sum("a line in the log" in line for line in program.lines) == 1
    assert program.end() == INTERRUPTED


async def test_a_feed_s_restart_is_seen_in_the_commands(start_server, feed_of, tickcast):
    server = start_server({"debug": {"fault": "X"}})
    with feed_of(server) as feed:
        feed.trade("X")
        feed.trade("X", price="0")
        await until(lambda: server.ask("/api/restarts").json["rows"][:1]
                    and server.ask("/api/restarts").json["rows"][0]["outcome"] == "restarted", "the restart")
    feeds = tickcast("feeds", *asking(server)).stdout
    head = cells(feeds.splitlines()[0])
    assert "RESTARTS" in head
    restarts = tickcast("restarts", *asking(server)).stdout
    assert "price 0" in restarts and "root/feeds" in restarts
    assert "1 of 10" in next(line for line in tickcast("tree", *asking(server)).stdout.splitlines() if "─ pull" in line)
