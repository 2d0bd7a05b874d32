"""Tornado that answers a quote and 500 bars from memory, encoding each answer as it is asked for. The arguments are
files with the answers it is to give."""

import asyncio
import json
import sys

import tornado.httpserver
import tornado.netutil
import tornado.web

COLUMNS = ("time", "open", "high", "low", "close", "volume")


def read(path):
    with open(path) as file:
        return json.load(file)


class Quote(tornado.web.RequestHandler):
    def initialize(self, quote):
        self.quote = quote

    def get(self):
        self.get_argument("symbol")
        self.write(self.quote)


class Bars(tornado.web.RequestHandler):
    def initialize(self, bars):
        self.head = {key: value for key, value in bars.items() if key not in COLUMNS}
        self.rows = list(zip(*(bars[column] for column in COLUMNS)))

    def get(self):
        rows = self.rows[-int(self.get_argument("limit")):]
        self.write({**self.head, **{column: [row[i] for row in rows] for i, column in enumerate(COLUMNS)}})


async def main():
    clients = tornado.netutil.bind_sockets(0, "127.0.0.1", backlog=4096)
    application = tornado.web.Application([("/api/v1/quote", Quote, {"quote": read(sys.argv[1])}),
                                           ("/api/v1/bars", Bars, {"bars": read(sys.argv[2])})])
    tornado.httpserver.HTTPServer(application).add_sockets(clients)
    print(json.dumps({"event": "started", "port": clients[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
