"""Keep the indexes up with the archive, in the background, for as long as a process runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.indexer import Indexer, Progress
from retrieval.errors import DatelineError, Superseded
from retrieval.indexes import Indexes

_POLL_S = 1.0
_log = logging.getLogger(__name__)


@contextmanager
def follow_archive(indexer: Indexer, indexes: Indexes, *, leads: bool = True) -> Iterator[None]:
    """Follow with the words, and index what processes write to the archive where no other does.

    With `leads` false another always does. What is being indexed when this is left goes on to
    the end of its batch.
    """
    stopped = threading.Event()

    def end_where_stopped(_done: int, _total: int) -> None:
        if stopped.is_set():
            raise _Stopped

    def follow() -> None:
        while not stopped.is_set():
            _follow_once(indexer, indexes, leads, end_where_stopped)
            stopped.wait(_POLL_S)

    thread = threading.Thread(target=follow, name="follow-archive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        indexer.leadership.release()


class _Stopped(Exception):
    pass


def _follow_once(indexer: Indexer, indexes: Indexes, leads: bool, progress: Progress) -> None:
    try:
        if leads and indexer.leadership.take():
            if embedded := indexer.catch_up(indexes, progress):
                _log.info("indexed %d new chunks", embedded)
        else:
            indexes.follow_words(indexer.archive)
        return
    except _Stopped:
        return
    except Superseded as error:
        _log.warning("%s", error)
    except DatelineError as error:
        _log.error("indexing failed, will try again: %s", error)
    except Exception:  # noqa: BLE001 - a process that stops indexing goes stale unseen
        _log.exception("indexing failed, will try again")
    # Another process may be able to.
    indexer.leadership.release()
