"""Ends with 0 where the Chroma server beside it takes writes.

A disk that was full can leave its database locked: then its heartbeat goes on, and only a new start
helps. Kubernetes starts it anew; Compose does not, so there `--end` ends a server that answers and
takes no writes, and `restart` does the rest.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from urllib.request import Request, urlopen

_CHROMA = "http://127.0.0.1:8000/api/v2"
_ANSWERS_WITHIN_S = 5.0
_WRITES_WITHIN_S = 20.0


def takes_writes(chroma: str, within_s: float) -> bool:
    """`chroma` is the address of its API, with the version."""
    probe = Request(
        f"{chroma}/tenants/default_tenant/databases/default_database/collections",
        json.dumps({"name": "probe", "get_or_create": True}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        urlopen(probe, timeout=within_s).close()
    except OSError:
        return False
    return True


def main() -> int:
    urlopen(f"{_CHROMA}/heartbeat", timeout=_ANSWERS_WITHIN_S).close()
    if takes_writes(_CHROMA, _WRITES_WITHIN_S):
        return 0
    if "--end" in sys.argv:
        # Of the container's first process, which passes it on.
        os.kill(1, signal.SIGTERM)
    return 1


if __name__ == "__main__":
    sys.exit(main())
