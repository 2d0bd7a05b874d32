#!/usr/bin/python3
"""Bars straight from a recording of trades, by decimal.Decimal and nothing of Tickcast's.

usage: bars_from_file.py FILE SECONDS   prints one JSON line a bar, numbers as text

A bar spans [time, time + SECONDS) by the venue's trade time (column trade_ms); open and close are the first and the
last by that time. Spans without a trade have no bar.
"""
import csv
import gzip
import json
import sys
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext


def trades(path):
    """(time in µs, price, size, side, id, symbol) of each row, in the file's order."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            yield (int(row["trade_ms"]) * 1000, Decimal(row["price"]), Decimal(row["qty"]), row["aggressor"],
                   int(row["trade_id"]), row["symbol"])


def bars(path, seconds):
    """Bars in order of time; all but the last are closed."""
    span_us = seconds * 1_000_000
    formed = {}
    with localcontext() as context:
        context.prec = 60
        for time_us, price, size, *_ in sorted(trades(path), key=lambda row: row[0]):
            start = time_us - time_us % span_us
            bar = formed.get(start)
            if bar is None:
                formed[start] = {"time": start, "open": price, "high": price, "low": price, "close": price,
                                 "volume": size, "value": price * size, "trades": 1}
            else:
                bar["high"] = max(bar["high"], price)
                bar["low"] = min(bar["low"], price)
                bar["close"] = price
                bar["volume"] += size
                bar["value"] += price * size
                bar["trades"] += 1
    twelve_digits = Context(prec=12, rounding=ROUND_HALF_EVEN)
    for bar in formed.values():
        if bar["volume"] and bar["value"]:
            bar["vwap"] = twelve_digits.divide(bar["value"], bar["volume"])
    return [formed[start] for start in sorted(formed)]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for bar in bars(sys.argv[1], int(sys.argv[2])):
        print(json.dumps({key: value if isinstance(value, int) else format(value.normalize(), "f")
                          for key, value in bar.items()}))
