"""Keep the indexes up with the archive, in the background, for as long as a process runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.indexer import Indexer
from retrieval.errors import DatelineError, Superseded
from retrieval.indexes import Indexes

_POLL_S = 1.0
_log = logging.getLogger(__name__)


@contextmanager
def follow_archive(indexer: Indexer, indexes: Indexes, *, leads: bool = True) -> Iterator[None]:
    """Follow with the words, and index what processes write to the archive where no other does.

    With `leads` false another always does.
    """
    stopped = threading.Event()

    def follow() -> None:
        while True:
            _follow_once(indexer, indexes, leads)
            if stopped.wait(_POLL_S):
                return

    thread = threading.Thread(target=follow, name="follow-archive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        indexer.leadership.release()


def _follow_once(indexer: Indexer, indexes: Indexes, leads: bool) -> None:
    try:
        if leads and indexer.leadership.take():
            if embedded := indexer.catch_up(indexes):
                _log.info("indexed %d new chunks", embedded)
        else:
            indexes.follow_words(indexer.archive)
        return
    except Superseded as error:
        _log.warning("%s", error)
    except DatelineError as error:
        _log.error("indexing failed, will try again: %s", error)
    except Exception:  # noqa: BLE001 - a process that stops indexing goes stale unseen
        _log.exception("indexing failed, will try again")
    # Another process may be able to.
    indexer.leadership.release()
