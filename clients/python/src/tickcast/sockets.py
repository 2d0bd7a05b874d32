"""What all sockets have in common: keys, and how an unreachable server is found out."""
from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Mapping, Optional, Union

import zmq

DEFAULT_PULL = "tcp://127.0.0.1:5560"
DEFAULT_ROUTER = "tcp://127.0.0.1:5561"

HEARTBEAT_MS = 2000
HEARTBEAT_TIMEOUT_MS = 6000


@dataclasses.dataclass(frozen=True)
class Curve:
    """Keys of CURVE, 40 characters of Z85 each: the server's public key and our own pair.

    The server lets in whose public key stands in its `curve_client_keys`. A pair is made by `Curve.make_pair()`.
    """

    server_key: str
    public_key: str
    secret_key: str = dataclasses.field(repr=False)

    @classmethod
    def of(cls, given: Union["Curve", Mapping[str, Any]]) -> "Curve":
        """A Curve, or a map of its fields; `secret_key_file` may stand for `secret_key`, and our public key follows
        from the secret one where it is left out."""
        if isinstance(given, Curve):
            return given
        unknown = set(given) - {"server_key", "public_key", "secret_key", "secret_key_file"}
        if unknown:
            raise ValueError(f"curve has no {', '.join(sorted(unknown))}; it takes server_key, public_key, secret_key "
                             "or secret_key_file")
        secret = given.get("secret_key")
        if not secret and given.get("secret_key_file"):
            secret = Path(given["secret_key_file"]).read_text().strip()
        if not secret or not given.get("server_key"):
            raise ValueError("curve needs server_key and secret_key or secret_key_file")
        public = given.get("public_key") or zmq.curve_public(str(secret).encode()).decode()
        return cls(str(given["server_key"]), str(public), str(secret))

    @staticmethod
    def make_pair() -> "tuple[str, str]":
        """A new pair: public key, secret key."""
        public, secret = zmq.curve_keypair()
        return public.decode(), secret.decode()


CurveLike = Union[Curve, Mapping[str, Any]]


def curve_of(given: Optional[CurveLike]) -> Optional[Curve]:
    """None stays None."""
    return None if given is None else Curve.of(given)


def prepare(socket: "zmq.Socket[Any]", curve: Optional[Curve], hwm: int) -> None:
    """Sets what must be set before connecting. Raises ValueError for keys that are none."""
    socket.setsockopt(zmq.SNDHWM, hwm)
    socket.setsockopt(zmq.RCVHWM, hwm)
    socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
    socket.setsockopt(zmq.IPV6, 1)
    if curve is None:
        return
    try:
        socket.setsockopt(zmq.CURVE_SERVERKEY, curve.server_key.encode())
        socket.setsockopt(zmq.CURVE_PUBLICKEY, curve.public_key.encode())
        socket.setsockopt(zmq.CURVE_SECRETKEY, curve.secret_key.encode())
    except zmq.ZMQError as fault:
        raise ValueError("a key of CURVE is 40 characters of Z85, as zmq.curve_keypair() makes them") from fault
