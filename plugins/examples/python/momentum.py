#!/usr/bin/env python3
"""A signal from outside, in Python: reads a symbol's trades from the egress, publishes its momentum.

    momentum.py SYMBOL [--window 20] [--egress tcp://127.0.0.1:5562] [--service tcp://127.0.0.1:5560]

Publishes on signal.momentum.SYMBOL {"time", "price", "momentum", "window"}: the last price over that of `window`
trades ago, less one. Needs Debian's python3-zmq and python3-msgpack.
"""
import argparse
import sys
from collections import deque

import msgpack
import zmq


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("symbol")
    parser.add_argument("--window", type=int, default=20)
    parser.add_argument("--egress", default="tcp://127.0.0.1:5562")
    parser.add_argument("--service", default="tcp://127.0.0.1:5560")
    return parser.parse_args()


def main():
    options = arguments()
    context = zmq.Context.instance()
    trades = context.socket(zmq.SUB)
    trades.connect(options.egress)
    trades.subscribe(f"trade.{options.symbol} ")  # the space: this topic and no longer one
    signals = context.socket(zmq.PUSH)
    signals.connect(options.service)

    prices, position = deque(maxlen=options.window + 1), None
    while True:
        _, body = trades.recv_multipart()
        message = msgpack.unpackb(body)
        here = (message["epoch"], message["seq"])
        if message["type"] == "snapshot":
            # Also after we had lost something: what the engine holds takes the place of what we have.
            prices.clear()
            prices.extend(float(trade["price"]) for trade in message["data"].get("trades", []))
            position = here
            continue
        if position and here[0] == position[0] and here[1] <= position[1]:
            continue  # was in the snapshot
        if position and here != (position[0], position[1] + 1):
            print(f"lost {here[1] - position[1] - 1} trades", file=sys.stderr)
            prices.clear()
        position = here
        prices.append(float(message["data"]["price"]))
        if len(prices) <= options.window:
            continue
        data = {"time": message["data"]["time"], "price": prices[-1], "window": options.window,
                "momentum": prices[-1] / prices[0] - 1}
        signals.send(msgpack.packb({"type": "publish", "src": "momentum.py",
                                    "data": {"topic": f"signal.momentum.{options.symbol}", "data": data}}))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
