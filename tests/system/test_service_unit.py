"""The systemd unit of docs/systemd, as systemd itself reads it."""
import shutil
import subprocess

import pytest

from harness.server import BINARY, ROOT

UNIT = ROOT / "docs" / "systemd" / "tickcast.service"


def analyze(tmp_path, text, *arguments):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "tickcast.service"
    unit.write_text(text)
    return subprocess.run(["systemd-analyze", *arguments, str(unit)], capture_output=True, text=True)


def text_for_here():
    return UNIT.read_text().replace("/usr/local/bin/tickcast", str(BINARY))


def test_systemd_finds_no_fault_with_the_unit(tmp_path):
    done = analyze(tmp_path, text_for_here(), "verify", "--man=no")
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr


def test_systemd_would_find_one(tmp_path):
    done = analyze(tmp_path, text_for_here().replace("Restart=on-failure", "Restart=sometimes"), "verify", "--man=no")
    assert "sometimes" in done.stderr


def test_the_unit_leaves_the_process_little(tmp_path):
    """systemd's own judgement: 10 is unprotected."""
    done = analyze(tmp_path, UNIT.read_text(), "security", "--offline=true", "--threshold=20")
    assert done.returncode == 0, done.stdout[-400:]
