"""What the three benchmark commands have in common: options, alternating runs, the end."""

import argparse
import json
import pathlib
import signal
import sys

from lib import goals
from lib.processes import Failed


def parser(description, runs, servers):
    made = argparse.ArgumentParser(description=description, epilog="method and reading: bench/README.md")
    made.add_argument("--runs", type=int, default=runs, help=f"alternating runs; tables show medians ({runs})")
    made.add_argument("--servers", default=",".join(servers), help="which to measure, and in which order (all)")
    made.add_argument("--quick", action="store_true", help="one short run: a look, no figure to quote")
    made.add_argument("--json", metavar="FILE", help="write the figures of every run there ('-': stdout)")
    made.add_argument("--check", action="store_true", help="exit with 1 when a goal is missed")
    made.add_argument("--build", metavar="DIRECTORY", help="another build directory (build/release)")
    return made


def parse(made, known):
    # So that `finally` stops the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = made.parse_args()
    options.servers = options.servers.replace(" ", "").split(",")
    unknown = [name for name in options.servers if name not in known]
    if unknown:
        made.error(f"unknown server {', '.join(unknown)}; known are {', '.join(known)}")
    if options.quick:
        options.runs = 1
    if options.runs < 1:
        made.error("--runs must be at least 1")
    return options


def measured(server, measure):
    """What `measure` finds, and under `ended` what ended the server if it could not stop by itself."""
    try:
        figures = measure(server)
    finally:
        ended = server.stop()
    return {**figures, "ended": ended}


def run_alternating(options, cases, servers, measure, left_out=()):
    """Calls measure(case, server) for all, run by run; every run begins with another server, so that none always
    follows the same one. Returns {case: {server: [figures of each run]}} and what failed."""
    results = {case: {server: [] for server in servers} for case in cases}
    failures = []
    for run in range(options.runs):
        turn = run % max(1, len(servers))
        for case in cases:
            for server in servers[turn:] + servers[:turn]:
                if (case, server) in left_out:
                    continue
                print(f"run {run + 1}/{options.runs}  ({case})  {server}", file=sys.stderr)
                try:
                    figures = measure(case, server)
                    results[case][server].append(figures)
                    if figures["ended"]:
                        raise Failed(f"ended by {figures['ended']} when it was asked to stop")
                except Failed as failure:
                    failures.append(f"({case}) {server}: {failure}")
                    print(f"  failed: {failure}", file=sys.stderr)
    return results, failures


def finish(options, results, merged, verdicts, failures):
    """Prints the goals, writes the figures; returns the exit status."""
    if verdicts:
        print("\n" + goals.table_of(verdicts))
    for failure in failures:
        print(f"failed: {failure}")
    text = json.dumps({"runs": results, "medians": merged, "failures": failures}, indent=1)
    if options.json == "-":
        print(text)
    elif options.json:
        pathlib.Path(options.json).write_text(text + "\n")
    missed = any(not verdict.reached for verdict in verdicts)
    return 1 if failures or (options.check and missed) else 0
