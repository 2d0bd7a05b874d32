"""The servers that are measured, each started the way its own documentation says for one machine."""

import shutil
import socket
import sys
import time

from lib.place import BENCH, free_ports
from lib.processes import Failed, Process
from lib.tickcast import Tickcast


class Server:
    """A running server: where clients and the publisher connect, and how they speak."""

    def __init__(self, process, port, dialect, publish):
        self.process = process
        self.port = port
        self.dialect = dialect
        self.publish = publish

    def held(self):
        """What it keeps for clients, by its own word; None: this server has no way to tell."""
        return None

    def leftovers(self):
        """What is left of clients that are gone; None: this server has no way to tell."""
        return None

    def stop(self):
        return self.process.stop()


def started_by_line(process, dialect="plain"):
    line = process.read(10)
    ports = [f"--port={port}" for port in line["ingest"]]
    return Server(process, line["port"], dialect, ["--to=lines", *ports])


def wait_for_port(process, port, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.is_alive():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise Failed(f"{process.name} does not listen on port {port}; its log is {process.log}")


def fill_in(name, directory, values):
    text = (BENCH / "peers" / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(text)
    return str(directory / name)


def start_floor(place):
    return started_by_line(Process("floor", [place.tool("floor")], place.log("floor")))


def start_bun(place):
    script = str(BENCH / "peers" / "bun_server.js")
    return started_by_line(Process("bun", [place.bun(), script], place.log("bun")))


def start_tornado(place):
    script = str(BENCH / "peers" / "tornado_server.py")
    return started_by_line(Process("tornado", ["/usr/bin/python3", script], place.log("tornado")))


def start_nats(place):
    port, ingest = free_ports(2)
    conf = fill_in("nats.conf", place.scratch / "nats", {"PORT": port, "INGEST": ingest})
    process = Process("nats", [place.program("nats-server"), "-c", conf], place.log("nats"))
    wait_for_port(process, port)
    wait_for_port(process, ingest)
    return Server(process, port, "nats", ["--to=nats", f"--port={ingest}"])


def start_nchan(place):
    (port,) = free_ports(1)
    directory = place.scratch / "nchan"
    shutil.rmtree(directory, ignore_errors=True)
    conf = fill_in("nchan.conf", directory,
                   {"PORT": port, "DIRECTORY": directory, "MODULES": "/usr/lib/nginx/modules"})
    arguments = [place.program("nginx"), "-p", str(directory), "-c", conf, "-e", str(directory / "error.log")]
    process = Process("nchan", arguments, place.log("nchan"))
    wait_for_port(process, port)
    return Server(process, port, "nchan", ["--to=nchan", *[f"--port={port}"] * 8])


def start_tickcast(place):
    return Tickcast(place)


def has_tornado(_):
    try:
        return bool(sys.modules.get("tornado") or __import__("tornado"))
    except ImportError:
        return False


# name: how to start it, whether it is there, what is missing when it is not
SERVERS = {
    "tickcast": (start_tickcast, lambda place: place.tickcast(), "build/release/tickcast (build the tree)"),
    "floor": (start_floor, lambda place: place.tool("floor"), "the floor server (build the tree)"),
    "bun": (start_bun, lambda place: place.bun(), "Bun (npm ci in bench/)"),
    "nats": (start_nats, lambda place: place.program("nats-server"), "nats-server (apt-get install nats-server)"),
    "nchan": (start_nchan, lambda place: place.program("nginx"), "nchan (apt-get install libnginx-mod-nchan nginx)"),
    "tornado": (start_tornado, has_tornado, "Tornado (apt-get install python3-tornado)"),
}


def present(place, names):
    """Those of `names` that can run here; says on stderr what is missing."""
    found = []
    for name in names:
        if SERVERS[name][1](place):
            found.append(name)
        else:
            print(f"left out: {SERVERS[name][2]} is missing", file=sys.stderr)
    return found


def start(place, name):
    return SERVERS[name][0](place)
