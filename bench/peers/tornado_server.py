"""Tornado with a set of handlers a topic. Clients say `sub a b …` or `unsub a b …` and get `ok`; a publisher
connects by TCP and sends lines of `topic TAB payload`."""

import asyncio
import collections
import json

import tornado.httpserver
import tornado.iostream
import tornado.netutil
import tornado.tcpserver
import tornado.web
import tornado.websocket

subscribers = collections.defaultdict(set)


class Client(tornado.websocket.WebSocketHandler):
    def open(self):
        self.topics = set()
        self.set_nodelay(True)

    def on_message(self, message):
        verb, *topics = message.split(" ")
        for topic in topics:
            if verb == "sub":
                self.topics.add(topic)
                subscribers[topic].add(self)
            else:
                self.leave(topic)
        self.write_message("ok")

    def on_close(self):
        for topic in list(self.topics):
            self.leave(topic)

    def leave(self, topic):
        self.topics.discard(topic)
        subscribers[topic].discard(self)
        if not subscribers[topic]:
            del subscribers[topic]


class Ingest(tornado.tcpserver.TCPServer):
    async def handle_stream(self, stream, address):
        try:
            while True:
                topic, _, payload = (await stream.read_until(b"\n"))[:-1].partition(b"\t")
                text = payload.decode()
                for client in list(subscribers.get(topic.decode(), ())):
                    try:
                        client.write_message(text)
                    except tornado.websocket.WebSocketClosedError:
                        pass
        except tornado.iostream.StreamClosedError:
            pass


async def main():
    clients = tornado.netutil.bind_sockets(0, "127.0.0.1", backlog=4096)
    publishers = tornado.netutil.bind_sockets(0, "127.0.0.1")
    application = tornado.web.Application([("/ws", Client)], websocket_ping_interval=0)
    tornado.httpserver.HTTPServer(application).add_sockets(clients)
    Ingest().add_sockets(publishers)
    ports = [sockets[0].getsockname()[1] for sockets in (clients, publishers)]
    print(json.dumps({"event": "started", "port": ports[0], "ingest": [ports[1]]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
