"""/api/v1 from outside: the OpenAPI document against what the routes take and answer, forms, caching, CORS, metrics."""
import gzip
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import msgpack

from harness.client import Client
from harness.feed import BASE_NS
from harness.server import http_get
from harness.waiting import until

SYMBOL = "BTCUSDT"


async def lively(server, feed):
    """A symbol with trades, a quote and bars."""
    for n in range(20):
        feed.trade(SYMBOL, price=f"100.{n:02}", size="0.5", time=BASE_NS + n * 30 * 10**9, id=n + 1)
    feed.send({"type": "quote", "symbol": SYMBOL, "time": BASE_NS, "bid": "100.1", "bid_size": "1", "ask": "100.2",
               "ask_size": "2"})
    quote = f"{server.http}/api/v1/quote?symbol={SYMBOL}"
    await until(lambda: http_get(quote).status == 200 and http_get(quote).json["quote"], "it is there")


def get(server, path, **headers):
    return http_get(server.http + path, headers)


class Document:
    def __init__(self, server):
        self.server = server
        self.text = get(server, "/api/v1/openapi.json").json

    def operations(self):
        for path, item in self.text["paths"].items():
            assert set(item) == {"get"}, path
            yield path, item["get"]

    def response(self, operation, status):
        answer = operation["responses"][status]
        if "$ref" in answer:
            answer = self.text["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
        return answer

    def check(self, operation, answer):
        """Holds an answer's body against the schema of its status and form."""
        described = self.response(operation, str(answer.status))
        form = answer.headers["Content-Type"]
        assert form in described["content"], f"{form} is not described"
        body = msgpack.unpackb(answer.body) if form == "application/msgpack" else answer.json
        schema = {**described["content"][form]["schema"], "components": self.text["components"]}
        jsonschema.validate(body, schema, cls=jsonschema.Draft202012Validator)
        return body

    @staticmethod
    def path_of(path, operation, parameters):
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", parameter["example"])
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return path + ("?" + query if query else "")


def examples(operation, only_required=False):
    return {parameter["name"]: parameter["example"] for parameter in operation["parameters"]
            if parameter["in"] == "query" and (parameter["required"] or not only_required)}


async def test_the_document_is_what_openapi_wants(server):
    document = Document(server).text
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] and document["info"]["title"]
    ids = [operation["operationId"] for _, operation in Document(server).operations()]
    assert len(ids) == len(set(ids))
    for path, operation in Document(server).operations():
        assert operation["summary"]
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for parameter in operation["parameters"]:
            assert parameter["description"] and "example" in parameter, f"{path} {parameter['name']}"
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])
            jsonschema.validate(parameter["example"], parameter["schema"])
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


async def test_every_path_answers_as_described_to_its_examples_in_both_forms(server, feed):
    await lively(server, feed)
    document = Document(server)
    asked = 0
    for path, operation in document.operations():
        for parameters in (examples(operation), examples(operation, only_required=True)):
            answer = get(server, document.path_of(path, operation, parameters))
            assert answer.status == 200, f"{path}: {answer.text}"
            document.check(operation, answer)
            asked += 1
            if "format" in {p["name"] for p in operation["parameters"]}:
                packed = get(server, document.path_of(path, operation, {**parameters, "format": "msgpack"}))
                assert packed.headers["Content-Type"] == "application/msgpack"
                assert document.check(operation, packed) == answer.json
    assert asked >= 10


async def test_every_parameter_is_really_taken_and_any_other_refused_as_described(server, feed):
    await lively(server, feed)
    document = Document(server)
    for path, operation in document.operations():
        if path.endswith("openapi.json"):
            continue
        needed = examples(operation, only_required=True)
        for parameter in operation["parameters"]:
            if parameter["in"] != "query":
                continue
            taken = document.path_of(path, operation, {**needed, parameter["name"]: parameter["example"]})
            assert get(server, taken).status == 200, taken
            if parameter["required"]:
                without = {name: value for name, value in needed.items() if name != parameter["name"]}
                refusal = get(server, document.path_of(path, operation, without))
                assert refusal.status == 400, f"{path} without {parameter['name']}"
                assert parameter["name"] in document.check(operation, refusal)["error"]["message"]
        refusal = get(server, document.path_of(path, operation, {**needed, "colour": "red"}))
        assert refusal.status == 400
        sentence = document.check(operation, refusal)["error"]["message"]
        assert all(name in sentence for name in examples(operation)), sentence


async def test_unknown_symbols_are_404_as_described(server):
    document = Document(server)
    for path, operation in document.operations():
        if "404" not in operation["responses"]:
            continue
        parameters = {**examples(operation, only_required=True)}
        asked = document.path_of(path.replace("{symbol}", "NOBODY"), operation, {
            **parameters, **({"symbol": "NOBODY"} if "symbol" in parameters else {})})
        answer = get(server, asked)
        assert answer.status == 404, asked
        error = document.check(operation, answer)["error"]
        assert error["code"] == "not_found" and "NOBODY" in error["message"]


async def test_an_unchanged_answer_is_304_and_large_ones_are_compressed(server, feed):
    feed.send([{"type": "bar", "symbol": SYMBOL, "interval": "1m", "time": BASE_NS + n * 60 * 10**9, "open": n,
                "high": n + 1, "low": n, "close": n, "volume": 1, "closed": True} for n in range(300)])
    path = f"/api/v1/bars?symbol={SYMBOL}&interval=1m"
    await until(lambda: len(get(server, path).json.get("time", [])) == 300, "the bars are there")
    plain = get(server, path)
    assert plain.headers["ETag"] and plain.headers["Content-Encoding"] is None
    assert get(server, path, **{"If-None-Match": plain.headers["ETag"]}).status == 304
    small = get(server, path, **{"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip" and gzip.decompress(small.body) == plain.body
    assert get(server, path, **{"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}).status == 304
    head = urllib.request.urlopen(urllib.request.Request(server.http + path, method="HEAD"), timeout=5)
    assert int(head.headers["Content-Length"]) == len(plain.body) and head.read() == b""


async def test_pages_of_listed_origins_may_read(start_server, feed_of):
    server = start_server({"listen": {"cors": {"origins": ["https://desk.example"]}}})
    with feed_of(server) as feed:
        await lively(server, feed)
    origin = {"Origin": "https://desk.example"}
    path = f"{server.http}/api/v1/quote?symbol={SYMBOL}"
    asked = http_get(path, {**origin, "Access-Control-Request-Method": "GET"}, method="OPTIONS")
    assert asked.status == 204 and asked.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    assert http_get(path, origin).headers["Access-Control-Allow-Origin"] == "https://desk.example"
    assert http_get(path, {"Origin": "https://evil.example"}).headers["Access-Control-Allow-Origin"] is None
    assert "later" not in server.log and "listen.cors" not in server.log, "no notice that it does nothing"


async def test_history_over_the_websocket_goes_on_where_updates_do(server, feed, encoding):
    await lively(server, feed)
    topic = f"bar.1s.{SYMBOL}"
    async with await Client.open(server.ws, encoding) as client:
        await client.command("subscribe", topics=[topic])
        feed.trade(SYMBOL, price="101", time=BASE_NS + 700 * 10**9, id=100)
        await until(lambda: client.topic(topic).updates, "the trade has come")
        past = await client.command("history", topic=topic, limit=1000)
        feed.trade(SYMBOL, price="102", time=BASE_NS + 800 * 10**9, id=101)
        await until(lambda: client.topic(topic).updates[-1]["data"]["close"] == 102, "and the next one")
        assert past["epoch"] == client.topic(topic).snapshots[0]["epoch"]
        times = [bar["time"] for bar in past["bars"]]
        for update in client.topic(topic).updates:
            if update["seq"] > past["seq"] and update["data"]["time"] != times[-1]:
                times.append(update["data"]["time"])
        seconds = [n * 30 for n in range(20)] + [700, 800]
        assert times == [BASE_NS // 1000 + second * 1_000_000 for second in seconds]


async def test_what_was_asked_is_counted_and_a_storm_shares_its_reads(server, feed):
    await lively(server, feed)
    path = f"/api/v1/bars?symbol={SYMBOL}&interval=1m"
    with ThreadPoolExecutor(16) as pool:
        statuses = set(pool.map(lambda _: get(server, path).status, range(400)))
    assert statuses == {200}
    assert server.metric("tickcast_http_requests_total", route="bars", status="200") >= 400
    begun, shared = server.metric("tickcast_http_reads_total"), server.metric("tickcast_http_reads_shared_total")
    assert begun + shared >= 400
    assert server.metric("tickcast_http_reads_in_flight") == 0
    assert server.metric("tickcast_read_seconds_count") >= 1
    get(server, "/api/v1/bars?symbol=NOBODY&interval=1m")
    assert server.metric("tickcast_http_requests_total", route="bars", status="404") == 1
    assert server.metric("tickcast_quoted_symbols") >= 1
