"""Medians and plain-text tables."""

import statistics


def medians(runs):
    """One dict out of several alike: the median of every number, the last of everything else."""
    merged = dict(runs[-1])
    for key, value in merged.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            merged[key] = statistics.median(run[key] for run in runs)
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
