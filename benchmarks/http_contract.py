"""Whether a real server keeps to its own OpenAPI document, whatever it is sent.

`python -m benchmarks.http_contract --seconds 300` takes in the sample articles, serves them with an
API key, and lets schemathesis make requests, with every check it has, for so long. It exits 1 where
an answer is not documented, or is a 5xx.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# The same question again is no fault, nor is it to be refused for its rate.
_RATE = "900000/second"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    seconds = parser.parse_args().seconds
    key = secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "DATELINE_HOME": home,
            "DATELINE_BOT__API_KEYS": f"write:{key}",
            "DATELINE_BOT__RATE_LIMIT": _RATE,
        }
        dateline = [sys.executable, str(ROOT / "dateline.py")]
        subprocess.run([*dateline, "ingest", str(ROOT / "examples")], env=environment, check=True)
        with subprocess.Popen(
            [*dateline, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                assert server.stdout is not None
                url = server.stdout.readline().split()[3]
                return _send_requests(url, key, seconds, home)
            finally:
                server.terminate()


def _send_requests(url: str, key: str, seconds: int, folder: str) -> int:
    schemathesis = Path(sys.executable).with_name("schemathesis")
    rules = str(Path(__file__).with_name("schemathesis.toml"))
    command = [str(schemathesis), "--config-file", rules, "run", f"{url}/openapi.json"]
    options = ["--checks", "all", "--max-examples", "1000000", "--max-time", str(seconds)]
    header = ["--header", f"Authorization: Bearer {key}"]
    return subprocess.run([*command, *options, *header], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
