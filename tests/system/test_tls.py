"""TLS on the clients' port and on the admin port, against clients that others wrote."""
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from urllib.parse import urlsplit

import pytest

from harness.certificates import Authority
from harness.client import Client
from harness.server import Server, http_get, http_send
from harness.waiting import until

FAILURES = "tickcast_tls_failures_total"
HANDSHAKES = "tickcast_tls_handshakes_total"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def secure(start_server, authority):
    """A server whose clients come by TLS."""

    def start(**listen):
        return start_server({"listen": {"tls": authority.issue(), **listen}})

    return start


def tls_socket(server, context, **options):
    port = urlsplit(server.http).port
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10),
                               server_hostname="localhost", **options)


async def failed(server, reason, count=1, metric=FAILURES):
    await until(lambda: server.metric(metric, reason=reason) >= count, f"{count} failures counted as {reason}")


async def written(server, feed):
    """trade.X is there, so that who subscribes gets one snapshot."""
    feed.trade("X")
    await until(lambda: "trade.X" in server.topics(), "the topic")


# ---- clients

@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
async def test_updates_come_over_wss(secure, authority, feed_of, encoding, version):
    server = secure()
    assert server.started["http"].startswith("https://") and server.ws.startswith("wss://")
    trusts = authority.context(newest=version, oldest=version)
    with feed_of(server) as feed:
        await written(server, feed)
        async with await Client.open(server.ws, encoding, ssl=trusts) as client:
            await client.subscribe("trade.X")
            feed.trades("X", 500)
            await client.updates("trade.X", 500)
            client.topic("trade.X").check_unbroken()


async def test_node_speaks_to_it(secure, authority, node, feed_of, monkeypatch):
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(authority.file))
    server = secure()
    program = node("raw_client.mjs", server.ws, "trade.X")
    await program.heard(lambda it: it.of("snapshot", "trade.X"), "a snapshot")
    with feed_of(server) as feed:
        feed.trade("X")
        await program.heard(lambda it: it.of("update", "trade.X"), "an update")


async def test_frames_of_every_size_come_back_whole(start_server, authority, node, monkeypatch):
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(authority.file))
    server = start_server({"listen": {"tls": authority.issue()}, "debug": {"echo": True}})
    sizes = (0, 1, 125, 126, 16383, 16384, 16385, 65535)
    program = node("echo_client.mjs", server.ws.replace("/ws", "/echo"), *sizes)
    await program.heard(lambda it: it.of("closed"), "the close")
    assert all(line["same"] for line in program.of("echoed")) and len(program.of("echoed")) == 3 * len(sizes)


def test_curl_reads_pages_and_answers(secure, authority):
    server = secure()
    done = subprocess.run(["curl", "-sS", "--http1.1", "--cacert", authority.file, "-w", "%{http_version} %{http_code}",
                           server.http + "/health"], capture_output=True, text=True, timeout=10)
    assert done.stdout.endswith("1.1 200"), done.stderr
    page = http_get(server.http + "/", context=authority.context())
    assert page.status == 200 and b"<html" in page.body


async def test_a_client_that_reads_slowly_gets_everything_in_order(secure, authority, feed_of):
    """What the kernel does not take waits encrypted; nothing is lost or sent twice when it goes on."""
    server = secure()
    link = tls_socket(server, authority.context())
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.send(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    head = b""
    while b"\r\n\r\n" not in head:
        head += link.recv(4096)
    command = json.dumps({"type": "subscribe", "id": 1, "data": {"topics": ["trade.X"]}}).encode()
    link.send(bytes([0x81, 0x80 | len(command)]) + bytes(4) + command)
    held = b""
    while b"snapshot" not in held:
        held += link.recv(65536)
    with feed_of(server) as feed:
        feed.trades("X", 4000)
        await until(lambda: server.metric("tickcast_client_writes_blocked_total") > 0, "a write that blocked")
    while held.count(b'"type":"update"') < 4000:
        held += link.recv(2048)
    seqs = [int(part.split(b",")[0].split(b"}")[0]) for part in held.split(b'"seq":')[1:]]
    updates = seqs[-4000:]
    assert updates == list(range(updates[0], updates[0] + 4000))


async def test_a_session_is_resumed(secure, authority):
    server = secure()
    context = authority.context()
    with tls_socket(server, context) as first:
        first.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert first.recv(4096).startswith(b"HTTP/1.1 200")
        ticket = first.session
    with tls_socket(server, context, session=ticket) as second:
        assert second.session_reused
    await until(lambda: server.metric(HANDSHAKES, resumed="yes") == 1, "a resumed handshake")
    assert server.metric(HANDSHAKES, resumed="no") == 1


def test_http_1_1_is_agreed_by_alpn(secure, authority):
    server = secure()
    context = authority.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls_socket(server, context) as link:
        assert link.selected_alpn_protocol() == "http/1.1"
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        tls_socket(server, context)


# ---- what is no client

async def test_rubbish_old_versions_and_strangers_are_counted_and_harm_nobody(secure, authority, feed_of):
    server = secure()
    port = urlsplit(server.http).port
    async with await Client.open(server.ws, ssl=authority.context()) as client:
        await client.subscribe("trade.X")
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", port)) as link:
                link.sendall(os.urandom(600))
        await until(lambda: server.metric(FAILURES) >= 50, "rubbish to be counted")
        with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
            link.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            told = link.recv(4096)
        assert told.startswith(b"HTTP/1.1 400") and b"https://" in told
        await failed(server, "plain_http")
        with pytest.raises(ssl.SSLError):
            tls_socket(server, ssl.create_default_context())
        await failed(server, "refused")
        with socket.create_connection(("127.0.0.1", port)):
            pass
        await failed(server, "gone")
        old = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
        assert subprocess.run(old, input=b"", capture_output=True, timeout=10).returncode != 0
        await failed(server, "version")
        with feed_of(server) as feed:
            feed.trades("X", 10)
            await client.updates("trade.X", 10)


async def test_a_handshake_that_never_ends_is_cut_off(secure, authority):
    server = secure(handshake_ms=300)
    with socket.create_connection(("127.0.0.1", urlsplit(server.http).port), timeout=5) as link:
        link.sendall(bytes.fromhex("160301"))
        began = time.monotonic()
        try:
            assert link.recv(100) == b""
        except ConnectionResetError:
            pass
        assert time.monotonic() - began < 3
    await failed(server, "unfinished")
    assert server.metric("tickcast_connections_refused_total", reason="timeout") == 1


# ---- certificates

@pytest.mark.parametrize("fault, sentence", [
    ({"ends": -0.5}, "ran out on"),
    ({"begins": 1}, "is not valid before"),
    ({"password": b"secret"}, "without a passphrase"),
], ids=["expired", "too-early", "passphrase"])
def test_a_certificate_that_nobody_would_take_refuses_the_start(tmp_path, authority, fault, sentence):
    refuses(tmp_path, authority.issue(**fault), sentence)


def refuses(tmp_path, files, sentence):
    server = Server(tmp_path / "refused", {"listen": {"tls": files}})
    server.launch()
    assert server.wait() == 1
    assert "listen.tls." in server.log and sentence in server.log


def test_files_that_are_missing_open_to_all_or_of_another_certificate_refuse_the_start(tmp_path, authority):
    good = authority.issue()
    refuses(tmp_path, {**good, "certificate": str(tmp_path / "none.pem")}, "cannot read")
    refuses(tmp_path, {**good, "key": authority.issue("other")["key"]}, "is not the key of")
    (tmp_path / "rubbish.pem").write_text("rubbish")
    refuses(tmp_path, {**good, "certificate": str(tmp_path / "rubbish.pem")}, "holds no certificate")
    os.chmod(good["key"], 0o644)
    refuses(tmp_path, good, "others may read")


async def serial_of(server, context):
    with tls_socket(server, context) as link:
        return link.getpeercert()["serialNumber"]


async def test_a_new_certificate_is_taken_over_without_dropping_anybody(secure, authority, feed_of):
    server = secure()
    context = authority.context()
    first = await serial_of(server, context)
    with feed_of(server) as feed:
        await written(server, feed)
        async with await Client.open(server.ws, ssl=context) as client:
            await client.subscribe("trade.X")
            feed.trades("X", 5)
            authority.issue(ends=25)
            server.send_signal(signal.SIGHUP)
            await until(lambda: server.metric("tickcast_reloads_total", outcome="done") == 1, "the reload")
            second = await serial_of(server, context)
            assert second != first
            feed.trades("X", 5)
            await client.updates("trade.X", 10)
            client.topic("trade.X").check_unbroken()

            authority.issue(ends=-0.5)
            server.send_signal(signal.SIGHUP)
            await until(lambda: server.metric("tickcast_reloads_total", outcome="refused") == 1, "the refusal")
            assert await serial_of(server, context) == second, "the certificate in force stays"
            assert "ran out on" in server.log
            left = server.metric("tickcast_tls_certificate_expires_seconds", port="listen") - time.time()
            assert 24 < left / 86400 < 26


# ---- the admin port and the commands

@pytest.fixture
def secure_admin(start_server, authority):
    server = start_server({"listen": {"tls": authority.issue()}, "admin": {"tls": authority.issue("admin")}})
    server.trusted = authority.context()
    return server


async def test_the_admin_port_speaks_tls(secure_admin):
    assert secure_admin.admin.startswith("https://")
    assert secure_admin.ask("/api/overview").json["pid"] == secure_admin.process.pid
    assert http_get(secure_admin.admin + "/live", context=secure_admin.trusted).status == 200
    assert http_get(secure_admin.admin + "/", context=secure_admin.trusted).status == 200
    assert http_send(secure_admin.admin + "/api/drain", b"{}", {"Origin": "https://evil.example"},
                     secure_admin.trusted).status == 403
    with socket.create_connection(("127.0.0.1", urlsplit(secure_admin.admin).port), timeout=5) as link:
        link.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert link.recv(4096).startswith(b"HTTP/1.1 400")
    await failed(secure_admin, "plain_http", metric="tickcast_admin_tls_failures_total")


async def test_the_console_follows_live_views_over_tls(secure_admin):
    import websockets

    async with websockets.connect(secure_admin.admin.replace("https", "wss") + "/api/live",
                                  ssl=secure_admin.trusted) as live:
        await live.send(json.dumps({"type": "connect", "data": {"token": secure_admin.token}}))
        assert json.loads(await live.recv())["type"] == "reply"
        await live.send(json.dumps({"type": "watch", "id": 1, "data": {"path": "/api/overview"}}))
        seen = json.loads(await live.recv())
        assert seen["type"] == "view" and seen["data"]["pid"] == secure_admin.process.pid


def other_address():
    """An address of this machine beyond loopback; none: nobody to ask."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def test_beyond_loopback_metrics_want_a_token(start_server, authority):
    address = other_address()
    if address is None or address.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    server = start_server({"admin": {"address": "0.0.0.0", "tls": authority.issue("admin")}})
    context = authority.context()
    context.check_hostname = False
    far = f"https://{address}:{urlsplit(server.admin).port}"
    assert http_get(far + "/live", context=context).status == 200
    assert http_get(far + "/metrics", context=context).status == 401
    with_token = {"Authorization": f"Bearer {server.token}"}
    assert http_get(far + "/metrics", with_token, context=context).status == 200


def test_the_commands_speak_tls_and_say_whom_they_do_not_trust(secure_admin, authority, feed_of, tickcast, start_program):
    tokens = secure_admin.started["admin_tokens"]
    asked = ["feeds", "--admin", secure_admin.admin, "--token-file", tokens]
    done = tickcast(*asked, "--ca", authority.file)
    assert done.returncode == 0 and "pull" in done.stdout, done.stderr
    stranger = tickcast(*asked)
    assert stranger.returncode == 3 and "--ca FILE" in stranger.stderr
    by_config = tickcast("feeds", "--config", secure_admin.config_file, "--admin", secure_admin.admin, "--ca",
                         authority.file)
    assert by_config.returncode == 0, by_config.stderr
    with feed_of(secure_admin) as feed:
        feed.trade("X")
        told = tickcast("subscribe", "trade.X", "--url", secure_admin.ws, "--ca", authority.file, "--count", 1)
    assert told.returncode == 0 and json.loads(told.stdout.splitlines()[0])["topic"] == "trade.X"


def test_openssl_finds_a_sound_server(secure, authority):
    server = secure()
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"localhost:{urlsplit(server.http).port}", "-CAfile", authority.file,
         "-verify_return_error", "-verify_hostname", "localhost", "-brief"], input="", capture_output=True, text=True, timeout=10)
    said = done.stdout + done.stderr
    assert "TLSv1.3" in said and "Verification: OK" in said, said
    renegotiated = subprocess.run(
        ["openssl", "s_client", "-connect", f"localhost:{urlsplit(server.http).port}", "-CAfile", authority.file, "-tls1_2"],
        input="R\n", capture_output=True, text=True, timeout=10)
    assert "no renegotiation" in (renegotiated.stdout + renegotiated.stderr).lower()


