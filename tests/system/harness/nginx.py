"""nginx with one of the examples of docs/nginx, on free ports."""
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from .server import ROOT

EXAMPLES = ROOT / "docs" / "nginx"
PROGRAM = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Nginx:
    """Serves the example's `listen 443` on `port`, for the given ports of processes."""

    def __init__(self, directory, example, processes, certificate=None):
        if PROGRAM is None:
            pytest.skip("nginx is not installed (Debian: nginx)")
        context = "stream" if example == "stream.conf" else "http"
        if context == "stream" and not STREAM_MODULE.exists():
            pytest.skip("nginx's stream module is not installed (Debian: libnginx-mod-stream)")
        self.port = free_port()
        text = (EXAMPLES / example).read_text()
        text, listens = re.subn(r"listen 443", f"listen 127.0.0.1:{self.port}", text)
        assert listens == 1
        for written, process in zip((8081, 8082), processes, strict=True):
            text, there = re.subn(rf"^(\s+server 127\.0\.0\.1:){written}\b", rf"\g<1>{process}", text, flags=re.M)
            assert there == 1, f"the example names no process at {written}"
        for name, file in (certificate or {}).items():
            text = text.replace(f"/etc/tickcast/{name}.pem", file)
        directory.mkdir()
        files = directory / "nginx.conf"
        module = f"load_module {STREAM_MODULE};\n" if context == "stream" else ""
        places = "".join(f"{kind}_temp_path {directory}/{kind};\n" for kind in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) + "access_log off;\n"
        files.write_text(f"{module}daemon off;\nmaster_process off;\npid {directory}/pid;\nerror_log stderr warn;\n"
                         f"events {{}}\n{context} {{\n{places if context == 'http' else ''}{text}}}\n")
        self.log = directory / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([PROGRAM, "-p", str(directory), "-e", "stderr", "-c", str(files)],
                                            stdout=log, stderr=log)
        self._await()

    def _await(self):
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
