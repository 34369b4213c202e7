"""The tutorial, run as it stands, on a server of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from manual import ROOT, blocks

TUTORIAL = ROOT / "docs" / "tutorials" / "first-hospital.md"
SERVE = "wardbase serve"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Runs a block in an empty folder, with an empty WARDBASE_HOME."""
    # Not under tmp_path, which is closed to the user that runs the server.
    home = Path(tempfile.mkdtemp(prefix="wardbase-tutorial-"))
    home.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WARDBASE_")}
    environment["WARDBASE_HOME"] = str(home)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def start(block):
        return subprocess.Popen(
            ["sh", "-eu", "-c", f"exec {block}" if block.startswith(SERVE) else block],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    yield start
    start("wardbase db stop").wait()
    shutil.rmtree(home)


def test_every_command_of_the_tutorial_works(shell):
    said = {}
    for block in blocks(TUTORIAL):
        if block.strip() == SERVE:
            _served(shell)
            continue
        running = shell(block)
        output, _ = running.communicate(timeout=240)
        assert running.returncode == 0, f"{block}\n{output}"
        said[block.split("\n")[0]] = said.get(block.split("\n")[0], "") + output

    def of(words):
        return "".join(output for command, output in said.items() if words in command)

    assert "Riverside General Hospital" in of("tenant create")
    assert "unchanged" in of("wardbase load")
    assert "refused" not in of("wardbase load")
    assert "(5 rows)" in of("db psql")
    assert "value_unit_id" in of("wardbase describe")
    assert "Patient.ndjson" in of("wardbase export")
    assert of("wardbase check").rstrip().endswith("Whole.")
    assert "archive" in of("tenant drop")


def _served(shell):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    running = shell(f"{SERVE} --port {port}")
    try:
        assert "Riverside General Hospital" in _page(f"http://127.0.0.1:{port}/", running)
    finally:
        running.terminate()
        running.communicate(timeout=30)


def _page(url, running):
    for _ in range(120):
        assert running.poll() is None, running.communicate()[0]
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.25)
    raise AssertionError(f"nothing answers at {url}")
