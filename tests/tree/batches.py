"""Several sources as one: nearly all of clang-tidy's time goes into libraries' headers, which a batch reads once."""
import bisect
import re
import subprocess
from itertools import groupby

from readings import ROOT

# How many sources make a batch: beyond this the headers' share is small, and one fault has all of them read again.
LARGEST = 8
EXPORTS = re.compile(r"^using [\w:]*::\w+[;,]", re.MULTILINE)


def batches(readings):
    """Lists of readings with the same options. Of sources with a using-declaration at namespace scope a batch has one,
    at its end: whether it is used would be answered by the sources that follow."""
    made = []
    for _, group in groupby(sorted(readings, key=lambda one: (one.options, one.source)), lambda one: one.options):
        group = [(one, bool(EXPORTS.search(one.source.read_text()))) for one in group]
        last = [one for one, exports in group if exports]
        plain = [one for one, exports in group if not exports]
        count = max(len(last), -(-(len(group)) // LARGEST))
        made += [plain[i::count] + last[i:i + 1] for i in range(count)]
    return sorted(filter(None, made), key=len, reverse=True)


def faults(batch, folder):
    """What clang-tidy says of each source alone; the stamp of each that passes is set.

    A batch that passes is believed. One with a fault may have it from being one (two names alike in unnamed
    namespaces), so that the accused and the others are read again, down to the single source, whose word counts."""
    text, accused = read(batch, folder)
    if not text:
        for one in batch:
            one.stamp.touch()
        return []
    if len(batch) == 1:
        return [text]
    others = [one for one in batch if one not in accused]
    # A fault in a header is told of by every source that includes it.
    parts = [accused, others] if accused and others else [[one] for one in batch]
    return [fault for part in parts for fault in faults(part, folder)]


def read(batch, folder):
    """What clang-tidy says of the batch, and the sources it says it of, as far as that can be told.

    The texts are put into one file, not included by it: several checks look at the main file alone."""
    source, ends = batch[0].source, []
    if len(batch) > 1:
        source = folder / f"{batch[0].stamp.name}.cpp"
        with source.open("w") as whole:
            for one in batch:
                text = one.source.read_text() + "\n"
                whole.write(text)
                ends.append((ends[-1] if ends else 0) + text.count("\n"))
    done = subprocess.run(["clang-tidy", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", str(source), "--",
                           *batch[0].options, "-Wno-unknown-warning-option"],
                          cwd=folder.parent, capture_output=True, text=True)
    if len(batch) > 1:
        source.unlink()
    if done.returncode == 0:
        return "", []
    lines = re.findall(rf"^{re.escape(str(source))}:(\d+):\d+: error", done.stdout, re.MULTILINE)
    accused = {bisect.bisect_left(ends, int(line)) for line in lines} if ends else set()
    text = done.stdout + "".join(line for line in done.stderr.splitlines(True) if "warnings generated" not in line)
    return text or f"clang-tidy ended with {done.returncode}", [batch[i] for i in sorted(accused)]
