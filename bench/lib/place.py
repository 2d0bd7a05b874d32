"""Where things are: the build, npm's packages, a scratch directory; builds and installs what is missing."""

import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
TARGETS = ("tickcast", "bench_ws_load", "bench_publisher", "bench_floor", "bench_ingest_floor",
           "bench_indicator_cost", "bench_store_load")


class Place:
    """`build`: a CMake build directory that holds `tickcast` and bench/. Use as a context manager."""

    def __init__(self, build=None):
        self.build = pathlib.Path(build).resolve() if build else ROOT / "build" / "release"
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="tickcast-bench-"))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def tool(self, name):
        """A load tool's path; builds the engine and the tools once when they are not built."""
        path = self.build / "bench" / name
        if not path.exists() and self.build == ROOT / "build" / "release":
            subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=2)
            build = ["cmake", "--build", "--preset", "release", "--target", *TARGETS]
            subprocess.run(build, cwd=ROOT, check=True, stdout=2)
        if not path.exists():
            raise SystemExit(f"{path} is missing: build the tree, or name a build directory with --build")
        return str(path)

    def tickcast(self):
        path = self.build / "tickcast"
        return str(path) if path.exists() else None

    def npm_package(self, name):
        """A package's folder, or None; installs all of bench/package.json once when it is missing."""
        path = BENCH / "node_modules" / name
        if not path.exists() and shutil.which("npm"):
            subprocess.run(["npm", "ci"], cwd=BENCH, check=True, stdout=2)
        return str(path) if path.exists() else None

    def bun(self):
        """Bun's binary; npm's install step moves it from its own package to bun/bin where scripts may run."""
        self.npm_package("bun")
        for path in ("@oven/bun-linux-x64/bin/bun", "bun/bin/bun.exe"):
            binary = BENCH / "node_modules" / path
            if binary.exists() and binary.stat().st_size > 1 << 20:
                return str(binary)
        return None

    def program(self, name):
        return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")

    def log(self, name):
        return str(self.scratch / f"{name}.log")


def free_ports(count):
    """TCP ports of loopback that nobody has at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
