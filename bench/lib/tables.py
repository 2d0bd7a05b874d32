"""Medians and plain-text tables."""

import statistics


# Of these a median would hide a bad run.
WORST = {"complete_clients": min, "refusals": max, "lost_connections": max, "refused": max}


def medians(runs):
    """One dict out of several alike: of numbers the median or the worst, of all else the first that is not empty."""
    merged = {}
    for key, value in runs[0].items():
        values = [run[key] for run in runs]
        if isinstance(value, (int, float)):
            merged[key] = WORST.get(key, statistics.median)(values)
        else:
            merged[key] = next((each for each in values if each), value)
    return merged


def table(head, rows):
    """Left column left, all others right."""
    cells = [head, *rows]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        first, *others = (str(cell) for cell in row)
        lines.append("  ".join([first.ljust(widths[0]), *(o.rjust(w) for o, w in zip(others, widths[1:]))]).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def milliseconds(us):
    return f"{us / 1000:.2f}" if us < 100_000 else f"{us / 1000:.0f}"


def ratio(figure, base):
    return f"{figure / base:.2f} x" if base else "-"
