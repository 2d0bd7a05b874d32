"""Behind proxies: who the client is, the examples of docs/nginx, pages of other origins."""
import socket
from urllib.parse import urlsplit


from harness.certificates import Authority
from harness.client import Client
from harness.nginx import Nginx
from harness.server import http_get
from harness.waiting import until

BEHIND = {"trusted_proxies": ["127.0.0.1"]}
REFUSED = "tickcast_connections_refused_total"


def port_of(server):
    return urlsplit(server.http).port


def client_addresses(server):
    return [row["remote"] for row in server.rows("/api/connections?sort=id")]


async def test_two_processes_behind_nginx_keep_their_clients(start_server, feed_of, tmp_path):
    """Each of two users stays where the cookie says, by WebSocket and by HTTP, and is known by the own address."""
    authority = Authority(tmp_path)
    servers = [start_server({"listen": BEHIND}) for _ in range(2)]
    trusts = authority.context()
    with Nginx(tmp_path / "nginx", "tickcast.conf", map(port_of, servers), authority.issue("front")) as nginx:
        url = f"wss://127.0.0.1:{nginx.port}/ws"
        own = f"https://127.0.0.1:{nginx.port}"
        homes = set()
        for user in range(8):
            headers = {"Cookie": f"sessionid=user-{user}", "X-Forwarded-For": "6.6.6.6"}
            async with await Client.open(url, ssl=trusts, extra_headers=headers, origin=own) as one, \
                    await Client.open(url, ssl=trusts, extra_headers=headers, origin=own) as two:
                topic = f"trade.X{user}"
                await one.subscribe(topic)
                await two.subscribe(topic)
                counts = [server.metric("tickcast_clients", encoding="json") for server in servers]
                assert sorted(counts) == [0, 2], f"user {user} is on both: {counts}"
                home = servers[counts.index(2)]
                homes.add(home.port)
                assert client_addresses(home) == ["127.0.0.1", "127.0.0.1"], "what nginx says, not what the client says"
                with feed_of(home) as feed:
                    feed.trades(f"X{user}", 20)
                    await one.updates(topic, 20)
            await until(lambda: all(s.metric("tickcast_clients", encoding="json") == 0 for s in servers), "all to go")
        assert len(homes) == 2, "eight users are spread over both"
        assert http_get(own + "/health", context=trusts).status == 200


async def test_a_process_that_drains_or_dies_leaves_its_clients_to_the_other(start_server, tmp_path):
    authority = Authority(tmp_path)
    servers = [start_server({"listen": BEHIND}) for _ in range(2)]
    trusts = authority.context()
    with Nginx(tmp_path / "nginx", "tickcast.conf", map(port_of, servers), authority.issue("front")) as nginx:
        url = f"wss://127.0.0.1:{nginx.port}/ws"
        servers[0].act("/api/drain", {"seconds": 1})
        for user in range(6):
            async with await Client.open(url, ssl=trusts, extra_headers={"Cookie": f"sessionid=user-{user}"}) as client:
                await client.subscribe("trade.X")
        assert servers[0].stop() == 0
        for user in range(6):
            async with await Client.open(url, ssl=trusts, extra_headers={"Cookie": f"sessionid=user-{user}"}) as client:
                await client.subscribe("trade.X")


async def test_tls_passes_through_a_balancer_that_names_the_client(start_server, feed_of, tmp_path):
    authority = Authority(tmp_path)
    listen = {**BEHIND, "proxy_protocol": True, "tls": authority.issue()}
    servers = [start_server({"listen": listen}) for _ in range(2)]
    with Nginx(tmp_path / "nginx", "stream.conf", map(port_of, servers)) as nginx:
        async with await Client.open(f"wss://127.0.0.1:{nginx.port}/ws", ssl=authority.context()) as client:
            await client.subscribe("trade.X")
            local = client.socket.local_address
            assert f"{local[0]}:{local[1]}" in client_addresses(servers[0]) + client_addresses(servers[1])


async def test_the_proxy_protocol_names_the_client_and_nothing_else_gets_in(start_server):
    server = start_server({"listen": {**BEHIND, "proxy_protocol": True}})
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
        link.sendall(b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n")
        async with await Client.open(server.ws, sock=link) as client:
            await client.command("subscribe", topics=["trade.X"])
            assert client_addresses(server) == ["198.51.100.7:4711"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
        link.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            assert link.recv(100) == b""
        except ConnectionResetError:
            pass
    await until(lambda: server.metric(REFUSED, reason="proxy_header") == 1, "the refusal to be counted")


async def test_the_proxy_protocol_is_believed_of_trusted_proxies_alone(start_server):
    server = start_server({"listen": {"trusted_proxies": ["192.0.2.1"], "proxy_protocol": True}})
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
        link.sendall(b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n")
        try:
            assert link.recv(100) == b""
        except ConnectionResetError:
            pass
    await until(lambda: server.metric(REFUSED, reason="untrusted_proxy") == 1, "the refusal to be counted")


def test_the_proxy_protocol_without_proxies_is_a_fault(tickcast):
    done = tickcast("check", "--set", "listen.proxy_protocol=true")
    assert done.returncode == 2 and "listen.trusted_proxies" in done.stderr


def preflight(server, path, origin, method="POST"):
    return http_get(server.http + path, {"Origin": origin, "Access-Control-Request-Method": method,
                                         "Access-Control-Request-Headers": "X-API-Key, Idempotency-Key, Content-Type"},
                    method="OPTIONS")


def test_pages_of_named_origins_may_post_and_bring_cookies(start_server):
    server = start_server({"listen": {"cors": {"origins": ["https://desk.example"]}}})
    for path in ("/api/v1/publish", "/udf/config"):
        may = preflight(server, path, "https://desk.example")
        assert may.status == 204 and may.headers["Access-Control-Allow-Credentials"] == "true"
        assert "POST" in may.headers["Access-Control-Allow-Methods"]
        allowed = may.headers["Access-Control-Allow-Headers"].lower().split(", ")
        assert {"x-api-key", "idempotency-key", "authorization", "content-type"} <= set(allowed)
        assert may.headers["Vary"] == "Origin"
    refused = preflight(server, "/api/v1/publish", "https://evil.example")
    assert refused.status == 403 and "listen.cors.origins" in refused.json["error"]["message"]
    assert server.metric(REFUSED, reason="origin") == 1


def test_any_origin_may_read_but_brings_no_cookies(start_server):
    server = start_server({"listen": {"cors": {"origins": ["*"]}}})
    answer = http_get(server.http + "/udf/config", {"Origin": "https://any.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://any.example"
    assert "Access-Control-Allow-Credentials" not in answer.headers
