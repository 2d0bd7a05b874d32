"""What clang-tidy has to read of a build tree: which sources, with which options, and whether they passed before."""
import dataclasses
import hashlib
import json
import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Reading:
    """One source with clang's options for it; the stamp exists when this content passed with these options."""
    source: Path
    options: tuple
    stamp: Path


def readings(build, folder):
    """One for each source of BUILD but the tests; FOLDER is where stamps and what clang needs besides are kept."""
    stamps = folder / "passed"
    stamps.mkdir(parents=True, exist_ok=True)
    headers = headers_by_object(build)
    rules = (ROOT / ".clang-tidy").read_bytes()
    found = {}
    for command in json.loads((build / "compile_commands.json").read_text()):
        source = Path(command["file"]).resolve()
        # The tests are left to the compiler: reading them here takes longer than running them.
        if not source.exists() or any(source.is_relative_to(ROOT / out) for out in ("build", "tests")):
            continue
        options, made = options_for_clang(command["command"], build, folder)
        # A source of several targets is the same text in each.
        if source not in found:
            mark = fingerprint(rules, options, [source, *sorted(headers.get(made, []))])
            found[source] = Reading(source, options, stamps / mark)
    for old in set(stamps.iterdir()) - {one.stamp for one in found.values()}:
        old.unlink()
    return list(found.values())


def options_for_clang(command, build, folder):
    """Without launcher, compiler, source and object, and without g++'s precompiled headers, which clang cannot read;
    and the object's name."""
    words = shlex.split(command)
    while not re.search(r"(g\+\+|clang\+\+|c\+\+)[-\d.]*$", words[0]):
        words.pop(0)
    kept, made, i = [], "", 1
    while i < len(words):
        if words[i] == "-include" and "cmake_pch" in words[i + 1]:
            plain = folder / re.sub(r"\W", "_", str(Path(words[i + 1]).relative_to(build)))
            plain.write_text(Path(words[i + 1]).read_text())
            kept += ["-include", str(plain)]
            i += 2
        elif words[i] in ("-o", "-c"):
            made = words[i + 1] if words[i] == "-o" else made
            i += 2
        else:
            if words[i] not in ("-fpch-preprocess", "-Winvalid-pch"):
                kept.append(words[i])
            i += 1
    return tuple(kept), made


def headers_by_object(build):
    """Our own headers that Ninja has seen each object include."""
    text = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True).stdout
    headers, current = {}, None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            current = headers.setdefault(line.split(":")[0], set())
        elif line.strip() and current is not None:
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build"):
                current.add(path)
    return headers


def fingerprint(rules, options, files):
    whole = hashlib.sha256(rules + "\0".join(options).encode())
    for path in files:
        if path.exists():
            whole.update(str(path).encode() + path.read_bytes())
    return whole.hexdigest()
