"""The servers of bench/http: the engine with data in it, nginx with files of the engine's answers, Tornado with the same
data in memory."""

import json
import sys
import time
import urllib.error
import urllib.request

from lib.peers import fill_in, has_tornado, wait_for_port
from lib.place import BENCH, free_ports
from lib.processes import Failed, Process
from lib.tickcast import Tickcast

SYMBOL = "BTCUSDT"
BARS = 500
PATHS = {"quote": f"/api/v1/quote?symbol={SYMBOL}", "bars": f"/api/v1/bars?symbol={SYMBOL}&interval=1m&limit={BARS}"}
BEGIN_NS = 1_723_075_200_000_000_000


class HttpServer:
    """A running server and the path of each question."""

    def __init__(self, process, port, paths):
        self.process, self.port, self.paths = process, port, paths

    def url(self, case):
        return f"http://127.0.0.1:{self.port}{self.paths[case]}"

    def stop(self):
        return self.process.stop()


def body(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def messages():
    """A quote, a trade and more than 500 one-minute bars with prices as they are."""
    for n in range(BARS + 50):
        middle = 61_000 + (n * 7919 % 1000) / 10
        yield {"type": "bar", "symbol": SYMBOL, "interval": "1m", "time": BEGIN_NS + n * 60 * 10**9,
               "open": f"{middle:.2f}", "high": f"{middle + 12.34:.2f}", "low": f"{middle - 9.87:.2f}",
               "close": f"{middle + 1.5:.2f}", "volume": f"{12 + n % 17}.{n:04}", "closed": True}
    yield {"type": "quote", "symbol": SYMBOL, "time": BEGIN_NS, "bid": "61000.1", "bid_size": "0.5", "ask": "61000.2",
           "ask_size": "1.25"}
    yield {"type": "trade", "symbol": SYMBOL, "time": BEGIN_NS, "price": "61000.1", "size": "0.004", "side": "buy", "id": 1}


def fill(server):
    import zmq

    socket = zmq.Context.instance().socket(zmq.PUSH)
    socket.connect(next(word for word in server.publish if "--endpoint=" in word).split("=", 1)[1])
    socket.send(json.dumps(list(messages())).encode())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            bars = json.loads(body(f"http://127.0.0.1:{server.port}{PATHS['bars']}"))
            if len(bars["time"]) == BARS and json.loads(body(f"http://127.0.0.1:{server.port}{PATHS['quote']}"))["trade"]:
                socket.close(0)
                return
        except urllib.error.HTTPError:
            pass
        time.sleep(0.05)
    raise Failed("the engine does not have what it was sent")


def start_tickcast(place, settings=()):
    server = Tickcast(place, settings)
    fill(server)
    return HttpServer(server.process, server.port, PATHS)


def answers(place):
    """The engine's answers, as files: what the others give."""
    directory = place.scratch / "answers"
    if not directory.exists():
        directory.mkdir()
        server = start_tickcast(place)
        try:
            for case in PATHS:
                (directory / f"{case}.json").write_bytes(body(server.url(case)))
        finally:
            server.stop()
    return directory


def start_nginx(place):
    files = answers(place)
    (port,) = free_ports(1)
    place.scratch.chmod(0o755)  # nginx's workers are another user where it is started as root
    directory = place.scratch / "nginx"
    conf = fill_in("static.conf", directory, {"PORT": port, "DIRECTORY": directory})
    if not (directory / "files").exists():
        (directory / "files").symlink_to(files)
    arguments = [place.program("nginx"), "-p", str(directory), "-c", conf, "-e", str(directory / "error.log")]
    process = Process("nginx", arguments, place.log("nginx"))
    wait_for_port(process, port)
    return HttpServer(process, port, {case: f"/{case}.json" for case in PATHS})


def start_tornado(place):
    files = answers(place)
    script = str(BENCH / "peers" / "tornado_http.py")
    process = Process("tornado", ["/usr/bin/python3", script, str(files / "quote.json"), str(files / "bars.json")],
                      place.log("tornado"))
    return HttpServer(process, process.read(10)["port"], PATHS)


# name: how to start it, whether it is there, what is missing when it is not
SERVERS = {
    "tickcast": (start_tickcast, lambda place: place.tickcast(), "build/release/tickcast (build the tree)"),
    "nginx": (start_nginx, lambda place: place.program("nginx"), "nginx (apt-get install nginx)"),
    "tornado": (start_tornado, has_tornado, "Tornado (apt-get install python3-tornado)"),
}


def present(place, names):
    found = []
    for name in names:
        if SERVERS[name][1](place):
            found.append(name)
        else:
            print(f"left out: {SERVERS[name][2]} is missing", file=sys.stderr)
    return found
