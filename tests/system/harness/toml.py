"""Just enough of a TOML writer for configurations made of tables, lists of tables and plain values."""
import json
import re


def to_toml(table):
    return "\n".join(_lines(table, "")) + "\n"


def _lines(table, path):
    later = []
    for key, value in table.items():
        if isinstance(value, dict):
            later += [f"[{path}{key}]", *_lines(value, f"{path}{key}.")]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for element in value:
                later += [f"[[{path}{key}]]", *_lines(element, f"{path}{key}.")]
        else:
            yield f"{key if re.fullmatch(r'[A-Za-z0-9_-]+', key) else json.dumps(key)} = {_value(value)}"
    yield from later


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(element) for element in value) + "]"
    return str(value)
