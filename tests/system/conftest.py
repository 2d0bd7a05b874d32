"""Fixtures: a real server a test, stopped and judged at its end; coroutine tests run by themselves."""
import asyncio
import inspect
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.client import ENCODINGS
from harness.feed import Pusher
from harness.programs import Program
from harness.server import BINARY, ROOT, SLOWED, Server

TEST_DEADLINE_S = 120.0 * SLOWED
SIGNS_OF_A_FAULT = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:", "terminate called")


def pytest_configure(config):
    if not BINARY.exists():
        pytest.exit(f"there is no {BINARY}: build it first (tools/test does)", returncode=2)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_DEADLINE_S))
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        for server in getattr(item, "servers", []):
            report.sections.append((f"log of {server.directory.name}", server.log[-6000:]))


@pytest.fixture
def start_server(request, tmp_path):
    """Starts servers; at the end each still running one must exit 0 on SIGTERM in time, with no fault in its log."""
    servers = request.node.servers = []

    def start(config=None, arguments=(), **options):
        directory = tmp_path / f"server{len(servers) + 1}"
        server = Server(directory, config, arguments, **options)
        servers.append(server)
        return server.start()

    yield start
    faults = []
    for server in servers:
        try:
            code = server.stop() if server.running else 0
            if code != 0:
                faults.append(f"{server.directory.name} ended with {code} on SIGTERM")
        except AssertionError as fault:
            faults.append(str(fault))
        faults += [f"{word} in the log of {server.directory.name}" for word in SIGNS_OF_A_FAULT if word in server.log]
    if faults:
        pytest.fail("\n".join([*faults, servers[-1].log[-4000:]]), pytrace=False)


@pytest.fixture
def server(start_server):
    return start_server()


@pytest.fixture
def feed(server):
    with Pusher(server.feed_endpoint()) as pusher:
        yield pusher


@pytest.fixture
def feed_of():
    """A PUSH feed to a server started in the test itself."""

    def connect(server, name="pull", **options):
        return Pusher(server.feed_endpoint(name), **options)

    return connect


@pytest.fixture(params=ENCODINGS)
def encoding(request):
    return request.param


@pytest.fixture(scope="session")
def recordings():
    """The folder of recorded market data beside the project; tests on real recordings skip without it."""
    folder = Path(os.environ.get("TICKCAST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "trades").is_dir():
        pytest.skip(f"no recorded market data in {folder}: set TICKCAST_DATA to the folder that has trades/")
    return folder


@pytest.fixture
def node():
    """Runs a script of this folder with Node; the packages of web/ are its own."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    if not (ROOT / "web" / "node_modules" / "ws").is_dir():
        pytest.skip("the npm packages of web/ are not installed: npm ci --prefix web")

    programs = []

    def run(script, *arguments):
        programs.append(Program(["node", Path(__file__).parent / "node" / script, *arguments], cwd=ROOT))
        return programs[-1]

    yield run
    for program in programs:
        program.kill()


@pytest.fixture
def start_program(tmp_path):
    """Starts a command of the program that prints JSON lines."""
    programs = []

    def start(*arguments):
        programs.append(Program([BINARY, *arguments], cwd=tmp_path, stderr=subprocess.DEVNULL))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


@pytest.fixture
def tickcast(tmp_path):
    """Runs a command of the program to its end."""

    def run(*arguments, within=20 * SLOWED, **options):
        return subprocess.run([str(BINARY), *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True,
                              timeout=within, **options)

    return run


