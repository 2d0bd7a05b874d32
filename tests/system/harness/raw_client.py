"""A WebSocket by hand, for what no well-behaved library can be made to do: not reading, broken frames."""
import base64
import json
import os
import socket
import struct
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, payload=b"", fin=True, masked=True, reserved=0, length=None):
    """One frame as sent by a client; `length` lies about the payload's."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 65536:
        head += bytes([mask_bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class RawClient:
    """Blocking; `receive_buffer` small makes a client that does not read felt at once."""

    def __init__(self, url, receive_buffer=None, timeout=10):
        parts = urlsplit(url)
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((parts.hostname, parts.port))
        self.host, self.path = parts.netloc, parts.path or "/"
        self._held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def upgrade(self, **headers):
        """The status and headers of the answer to the handshake."""
        fields = {"Host": self.host, "Upgrade": "websocket", "Connection": "Upgrade",
                  "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                  **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        return self.read_head()

    def read_head(self):
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        return int(head[0].split()[1]), {name.lower(): value for name, value in fields.items()}

    def send(self, data):
        self.socket.sendall(data)

    def send_text(self, text):
        self.send(frame(TEXT, text.encode()))

    def _until(self, end):
        while end not in self._held:
            self._receive()
        part, self._held = self._held.split(end, 1)
        return part

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._held += data

    def _take(self, count):
        while len(self._held) < count:
            self._receive()
        part, self._held = self._held[:count], self._held[count:]
        return part

    def read_frame(self):
        """(opcode, payload) of the next frame; the server never fragments."""
        first, second = self._take(2)
        assert first & 0x80, "a fragment"
        assert not second & 0x80, "a masked frame from the server"
        size = second & 0x7F
        if size == 126:
            size, = struct.unpack(">H", self._take(2))
        elif size == 127:
            size, = struct.unpack(">Q", self._take(8))
        return first & 0x0F, self._take(size)

    def read_close(self):
        """Reads up to the close frame; its code. None: the connection ended without one."""
        try:
            while True:
                opcode, payload = self.read_frame()
                if opcode == CLOSE:
                    return struct.unpack(">H", payload[:2])[0] if payload else 1005
        except ConnectionError:
            return None

    def is_closed(self):
        """Reads what there is to the end."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


def subscribed_raw(server, *topics, **options):
    """A client that has asked for topics and reads nothing by itself."""
    client = RawClient(server.ws, **options)
    client.upgrade()
    client.send_text(json.dumps({"type": "subscribe", "id": 1, "data": {"topics": topics}}))
    return client
