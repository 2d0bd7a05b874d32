"""A server of two shards with a client and a symbol on each: the stage on which parts are killed one by one."""
from .client import Client
from .egress import Subscriber
from .feed import Pusher
from .waiting import until

SHARDS = 2
FEED, FAULTY, EVENTS = "pull", "X", "monitor.m"


def config(**changes):
    return {"io": {"shards": SHARDS}, "debug": {"fault": FAULTY}, **changes}


class Scene:
    """`near` and `far` are clients of shard 0 and 1, `here` and `there` topics of symbols on shard 0 and 1; both
    clients subscribe to both, to the event topic and to the feed's state. `outside` reads the egress."""

    def __init__(self, server):
        self.server = server
        self.price = 1000

    async def __aenter__(self):
        self.feed = Pusher(self.server.feed_endpoint(FEED))
        symbols = [f"S{n}" for n in range(16)]
        for symbol in [*symbols, FAULTY]:
            self.feed.trade(symbol)
        self.feed.event(EVENTS, 0)
        topics = await until(lambda: self._written(symbols), "all symbols")
        on = [next(s for s in symbols if topics[f"trade.{s}"]["shard"] == shard) for shard in range(SHARDS)]
        self.symbols = on
        self.here, self.there = (f"trade.{symbol}" for symbol in on)
        self.topics = (self.here, self.there, EVENTS)
        self.near, self.far = await self.client(0), await self.client(1)
        self.outside = Subscriber(self.server.started["egress"], f"{self.here} ", f"{EVENTS} ")
        await self.outside.heard(EVENTS, "snapshot")
        return self

    async def __aexit__(self, *_):
        self.feed.socket.close()
        self.outside.socket.close()
        for client in (self.near, self.far):
            await client.close()

    def _written(self, symbols):
        topics = self.server.topics()
        return {f"trade.{symbol}" for symbol in symbols} | {EVENTS} <= set(topics) and topics

    async def client(self, shard, *topics):
        """A new client whose connection lives on that shard, subscribed to everything."""
        while True:
            client = await Client.open(self.server.ws)
            port = client.socket.local_address[1]
            rows = await until(lambda: [row for row in self.server.rows("/api/connections")
                                        if row["remote"].endswith(f":{port}")], "its row")
            if rows[0]["shard"] == shard:
                await client.subscribe(*(topics or (*self.topics, f"trade.{FAULTY}", f"feed.{FEED}")))
                return client
            await client.close()

    async def row_of(self, kind, name=None, parent=None):
        """The actor's row of the admin API, once it is there."""
        def find():
            rows = self.server.rows(f"/api/actors?kind={kind.replace(' ', '%20')}")
            return next((row for row in rows if name in (None, row["name"]) and parent in (None, row["parent"])), None)
        return await until(find, f"a {kind} {name or ''}")

    async def restart(self, kind, name=None, parent=None):
        """Ends the actor as a failure would; returns once another one is there."""
        before = await self.row_of(kind, name, parent)
        assert self.server.act(f"/api/actors/{before['id']}/restart").status == 200

        async def again():
            return (await self.row_of(kind, name, parent))["id"] != before["id"]
        await until(again, f"the next {kind}")

    def send(self):
        """A trade of each symbol and an event, none like the one before; returns the price."""
        self.price += 1
        for symbol in self.symbols:
            self.feed.trade(symbol, price=str(self.price))
        self.feed.event(EVENTS, self.price)
        return self.price

    def has(self, client, topic, price):
        """Whether it came, as an update or in a snapshot."""
        def values(frame):
            data = frame["data"]
            if frame["type"] == "update":
                return [data if topic == EVENTS else data["price"]]
            return [data.get("last")] if topic == EVENTS else [trade["price"] for trade in data.get("trades", ())]
        log = client.topic(topic)
        return any(price in values(frame) for frame in [*log.updates, *log.snapshots])

    async def flows(self, *clients, topics=None, price=None):
        """What is sent now reaches these clients (both), on these topics (all)."""
        price = price or self.send()
        for client in clients or (self.near, self.far):
            for topic in topics or self.topics:
                await until(lambda: self.has(client, topic, price), lambda: f"{price} of {topic}; came "
                            f"{client.topic(topic).frames[-3:]}, closed with {client.socket.close_code}")

    def unbroken(self, *clients, topics=None):
        """These clients saw no hole, no double and no second snapshot."""
        for client in clients or (self.near, self.far):
            assert client.socket.close_code is None
            for topic in topics or self.topics:
                client.topic(topic).check_unbroken()

    def feed_states(self, client=None):
        """What the feed's topic told, in order."""
        frames = (client or self.far).topic(f"feed.{FEED}").frames
        said = [frame["data"] if frame["type"] == "update" else frame["data"].get("last") or {} for frame in frames]
        return [each["state"] for each in said if each]

    def epoch(self, client, topic):
        """Of the last snapshot that has one."""
        return [frame["epoch"] for frame in client.topic(topic).snapshots if frame["epoch"]][-1]

    def lost(self):
        return self.server.metric("tickcast_feed_lost_total", feed=FEED)

    def attention(self):
        return {each["code"] for each in self.server.ask("/api/overview").json["attention"]}
