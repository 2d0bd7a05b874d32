"""Requests at fixed times over one HTTP connection."""

import re
import socket
import threading
import time


class Schedule(threading.Thread):
    """Requests at fixed times over one connection, each counted from when it was due."""

    def __init__(self, port, path, rate, seconds):
        super().__init__(daemon=True)
        self.port, self.rate, self.seconds = port, rate, seconds
        self.request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        self.took_us = []
        self.failed = 0

    def run(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.monotonic()
        for n in range(int(self.rate * self.seconds)):
            due = begin + n / self.rate
            time.sleep(max(0, due - time.monotonic()))
            connection.sendall(self.request)
            self.failed += not self.read(connection)
            self.took_us.append((time.monotonic() - due) * 1e6)
        connection.close()

    @staticmethod
    def read(connection):
        """One whole answer; whether it was a 200."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(65536)
        head, _, rest = got.partition(b"\r\n\r\n")
        left = int(re.search(rb"Content-Length: (\d+)", head, re.IGNORECASE)[1]) - len(rest)
        while left > 0:
            left -= len(connection.recv(65536))
        return head.startswith(b"HTTP/1.1 200")

    def percentile_us(self, share):
        return sorted(self.took_us)[int(len(self.took_us) * share)]
