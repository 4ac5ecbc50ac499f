"""Ends with 0 where the Chroma server beside it takes writes.

A disk that was full can leave it so that no vector can be written, while its heartbeat goes on and
even collections are made: then only a new start helps. Kubernetes starts it anew; Compose does not,
so there `--end` ends a server that answers and takes no writes, and `restart` does the rest.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any
from urllib.request import Request, urlopen

_CHROMA = "http://127.0.0.1:8000/api/v2"
_ANSWERS_WITHIN_S = 5.0
_WRITES_WITHIN_S = 20.0


def takes_writes(chroma: str, within_s: float) -> bool:
    """`chroma` is the address of its API, with the version."""
    collections = f"{chroma}/tenants/default_tenant/databases/default_database/collections"
    try:
        probe = _post(collections, {"name": "dateline-probe", "get_or_create": True}, within_s)
        record = {"ids": ["probe"], "embeddings": [[1.0]]}
        _post(f"{collections}/{probe['id']}/upsert", record, within_s)
    except OSError:
        return False
    return True


def _post(url: str, body: dict[str, Any], within_s: float) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=within_s) as response:
        return json.load(response)


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
