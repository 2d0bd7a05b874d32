"""What the engine must reach, as ratios in one run wherever a ratio can say it."""

import dataclasses
import statistics

from lib.tables import table


@dataclasses.dataclass(frozen=True)
class Verdict:
    what: str
    figure: float
    limit: float
    unit: str

    @property
    def reached(self):
        return self.figure <= self.limit


def of_fanout(merged):
    """Verdicts for every scenario that ran with the servers it is compared with."""
    verdicts = []

    def against(scenario, figure, server, limit):
        ours, theirs = (merged.get(scenario, {}).get(name) for name in ("tickcast", server))
        if ours and theirs:
            verdicts.append(Verdict(f"({scenario}) {figure} of {server}", ours[figure] / theirs[figure], limit, "x"))

    def alone(scenario, figure, limit, unit, scale=1.0):
        ours = merged.get(scenario, {}).get("tickcast")
        if ours:
            verdicts.append(Verdict(f"({scenario}) {figure}", ours[figure] * scale, limit, unit))

    for scenario in ("a", "b"):
        against(scenario, "cpu_us", "floor", 1.25)
        against(scenario, "cpu_us", "bun", 1.05)
    alone("b", "p99_us", 1.5, "ms", 1e-3)
    alone("c", "cpu_us", 1.0, "us")
    alone("c", "p99_us", 25, "ms", 1e-3)
    for scenario in ("d5", "d50"):
        # Bun's WebSockets are uWebSockets, so it stands in for it.
        against(scenario, "cpu_us", "bun", 1.1)
        against(scenario, "p99_us", "bun", 1.1)
    for scenario, servers in merged.items():
        ours = servers.get("tickcast")
        if ours:
            missing = ours["steady_clients"] - ours["complete_clients"]
            verdicts.append(Verdict(f"({scenario}) clients with a hole or a double", missing, 0, ""))
            if ours["leftovers"] is not None and ours["churn_steps"]:
                verdicts.append(Verdict(f"({scenario}) left over", sum(ours["leftovers"].values()), 0, ""))
    return verdicts


def of_ingest(merged):
    verdicts = []
    for symbols, limit in ((1000, 2), (10000, 3)):
        ours, floor = (merged.get(symbols, {}).get(name) for name in ("tickcast", "floor"))
        if ours:
            verdicts.append(Verdict(f"{symbols:,} symbols: a million ticks take", 1e6 / ours["ticks_per_s"], 1.0, "s"))
        if ours and floor:
            verdicts.append(Verdict(f"{symbols:,} symbols: CPU a tick of floor", ours["cpu_us"] / floor["cpu_us"],
                                    limit, "x"))
    return verdicts


def of_connections(merged):
    ours = merged.get("20", {}).get("tickcast")
    if not ours:
        return []
    return [Verdict("KB a client with 20 subscriptions", ours["kb_a_client"], 8, "KB"),
            Verdict("left over when all are gone", sum(ours["leftovers"].values()), 0, "")]


def of_http(merged):
    verdicts = []

    def less(case, what, server, limit):
        """How many times fewer requests than `server` answers."""
        ours, theirs = (merged.get(case, {}).get(name) for name in ("tickcast", server))
        if ours and theirs:
            verdicts.append(Verdict(f"({case}) {what}", theirs["rate"] / ours["rate"], limit, "x"))

    less("quote", "requests of nginx's file by ours", "nginx", 2)
    less("bars", "requests of Tornado by ours", "tornado", 1 / 20)
    ours = merged.get("bars", {}).get("tickcast")
    if ours:
        verdicts.append(Verdict("(bars) p99 at 200 requests a second", ours["p99_us"] / 1000, 2, "ms"))
    beside = merged.get("beside", {})
    if beside:
        verdicts.append(Verdict("(beside) p99 of fan-out, asked too, by alone",
                                beside["asked too"]["p99_us"] / beside["alone"]["p99_us"], 1.1, "x"))
    return verdicts


SIMPLE_INDICATORS = ("sma", "ema", "wma", "rma", "rsi", "cmo", "macd", "atr", "mom", "roc", "obv", "ad", "willr", "trange",
                     "min", "max", "sum", "var", "stddev", "linearreg")


def of_indicators(merged):
    ours = {key.split()[1]: ns for key, ns in merged.get("tickcast", {}).items() if key.startswith("update ")}
    if not ours:
        return []
    dearest = max((name for name in SIMPLE_INDICATORS), key=lambda name: ours[name])
    return [Verdict(f"an update of a simple indicator, the dearest: {dearest}", ours[dearest], 20, "ns"),
            Verdict("an update, median of all indicators", statistics.median(ours.values()), 60, "ns")]


def table_of(verdicts):
    rows = [[v.what, f"{v.figure:.2f} {v.unit}", f"{v.limit:g} {v.unit}", "reached" if v.reached else "MISSED"]
            for v in verdicts]
    return table(["goal", "figure", "at most", ""], rows)
