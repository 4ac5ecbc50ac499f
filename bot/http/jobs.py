"""Addresses that are being taken in: one at a time, in a thread, while the server goes on.

Jobs are remembered by this process alone. What a job has taken in is in the archive, article by
article, and stays there when the process ends in the middle of it.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from bot.http.logs import SEE_LOG
from ingest.documents import Link
from ingest.pipeline import IngestReport, archive_articles, build_report
from ingest.settings import IngestSettings
from ingest.watching import Stop
from retrieval.errors import DatelineError
from retrieval.opening import Library

Status = Literal["queued", "running", "done", "failed"]

MOST_QUEUED = 20
_MOST_REMEMBERED = 1_000
# Of a stop: the article that is being written is finished, a page that drips is not waited for.
_PATIENCE_S = 10.0
_MOST_FAILURES_NAMED = 3
_STOPPED = "the server was stopped: what was taken in is kept; send the address again for the rest"
_log = logging.getLogger(__name__)


class JobNotFound(DatelineError):
    """Unknown, forgotten or somebody else's: the caller cannot tell which."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"no job has the id {job_id!r}: jobs are forgotten when the server restarts, but what "
            "they took in is kept"
        )


class TooManyJobs(DatelineError):
    """As many wait as may."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_QUEUED} addresses are waiting to be taken in: send this one again in a minute"
        )


@dataclass(slots=True)
class Job:
    """One address; the thread changes it while others read it. `error` is why it failed."""

    job_id: str
    owner: str
    link: Link
    status: Status = "queued"
    error: str | None = None
    report: IngestReport = field(default_factory=IngestReport)
    started: float | None = None
    seconds: float = 0.0

    @property
    def href(self) -> str:
        return f"/jobs/{self.job_id}"

    @property
    def is_over(self) -> bool:
        return self.status in ("done", "failed")

    def build(self) -> dict[str, Any]:
        spent = self.seconds
        if self.started is not None and not self.is_over:
            spent = time.perf_counter() - self.started
        return {
            "job_id": self.job_id,
            "status": self.status,
            "href": self.href,
            "report": build_report(self.report, chunks=0, seconds=round(spent, 2)),
            "error": self.error,
        }


class IngestJobs:
    """The queue and its one thread, which the first job starts."""

    def __init__(self, library: Library, settings: IngestSettings) -> None:
        self.settings = settings
        self._library = library
        self._stop = Stop()
        self._lock = threading.Lock()
        self._known: dict[str, Job] = {}
        self._waiting: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, link: Link, owner: str) -> Job:
        """Raises TooManyJobs."""
        with self._lock:
            if sum(job.status == "queued" for job in self._known.values()) >= MOST_QUEUED:
                raise TooManyJobs
            self._forget_oldest()
            job = Job(uuid.uuid4().hex, owner, link)
            self._known[job.job_id] = job
            self._waiting.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="ingest-jobs", daemon=True)
                self._thread.start()
        return job

    def find(self, job_id: str, owner: str) -> Job:
        """Raises JobNotFound."""
        job = self._known.get(job_id)
        if job is None or job.owner != owner:
            raise JobNotFound(job_id)
        return job

    def stop(self) -> None:
        """Leave the running job between two articles, and the queued ones alone."""
        self._stop.ask()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(self.stop)

    def _forget_oldest(self) -> None:
        over = [job_id for job_id, job in self._known.items() if job.is_over]
        for job_id in over[: max(0, len(self._known) - _MOST_REMEMBERED + 1)]:
            del self._known[job_id]

    def _work(self) -> None:
        for job in iter(self._waiting.get, None):
            job.status, job.started = "running", time.perf_counter()
            error = self._run(job)
            job.seconds = time.perf_counter() - job.started
            job.error = error
            # Last: who reads that it is over reads how it ended.
            job.status = "done" if error is None else "failed"

    def _run(self, job: Job) -> str | None:
        """What went wrong with the whole of it, or None."""
        if self._stop.is_asked():
            return _STOPPED
        try:
            archive_articles(
                [job.link], self._library, self.settings, stop=self._stop, report=job.report
            )
        except DatelineError as error:
            _log.error("job %s failed: %s", job.job_id, error)
            return str(error)
        except Exception:  # noqa: BLE001 - the thread goes on with the next job
            _log.exception("job %s failed", job.job_id)
            return SEE_LOG
        if self._stop.is_asked():
            return _STOPPED
        return describe_failures(job.report) if not job.report.taken else None


def describe_failures(report: IngestReport) -> str:
    """Why nothing was taken in, in one line."""
    failed = [f"{failure.input} {failure.error}" for failure in report.failed]
    if not failed:
        return "no article was found"
    left = len(failed) - _MOST_FAILURES_NAMED
    more = f"; and {left} more" if left > 0 else ""
    return "; ".join(failed[:_MOST_FAILURES_NAMED]) + more
